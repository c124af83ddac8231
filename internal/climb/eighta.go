package climb

// eightAGrades are the grades by their number in 8a.nu's data (zlagGradeIndex). The same numbers serve routes and
// boulders; the gaps are unused, and 0 stands for a grade that nobody gave.
var eightAGrades = [...]string{
	3: "3a", 4: "3b", 5: "3c", 6: "4a", 7: "4b", 9: "4c",
	10: "5a", 11: "5a+", 12: "5b", 13: "5b+", 14: "5c", 15: "5c+",
	16: "6a", 17: "6a+", 18: "6b", 19: "6b+", 21: "6c", 22: "6c+",
	23: "7a", 24: "7a+", 25: "7b", 26: "7b+", 27: "7c", 28: "7c+",
	29: "8a", 30: "8a+", 31: "8b", 32: "8b+", 33: "8c", 34: "8c+",
	35: "9a", 36: "9a+", 37: "9b", 38: "9b+", 39: "9c",
}

// EightAGrade is the grade of an 8a.nu grade number, to be read as French for a route and as Font for a boulder; false
// for 0, which is an unknown grade, and for numbers that 8a.nu does not use.
func EightAGrade(index int) (string, bool) {
	if index < 0 || index >= len(eightAGrades) || eightAGrades[index] == "" {
		return "", false
	}
	return eightAGrades[index], true
}

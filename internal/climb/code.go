package climb

import (
	"strconv"
	"sync"
)

// codeTable is Mountain Project's sort key of ratings, both ways.
type codeTable struct {
	ratings map[int]string
	codes   map[string]int
}

func (t *codeTable) add(code int, rating string) {
	t.ratings[code] = rating
	t.codes[rating] = code
}

// codeTables hold the codes that were seen in exports, and those that follow from them: the numbers of 5.14 and 5.15a
// to c from 5.13 and 5.15d, and the steps within a number from 5.10.
var codeTables = sync.OnceValue(func() *codeTable {
	t := &codeTable{ratings: map[int]string{}, codes: map[string]int{}}
	t.addEasyRock()
	t.addHardRock()
	t.addBoulders()
	t.addIce()
	return t
})

// addEasyRock has no steps below 5.7 but the numbers, and no code for 5.7-, which no export has shown.
func (t *codeTable) addEasyRock() {
	for code, rating := range map[int]string{
		800: "3rd", 900: "4th", 950: "Easy 5th",
		1000: "5.0", 1100: "5.1", 1200: "5.2", 1300: "5.3", 1400: "5.4", 1500: "5.5", 1600: "5.6",
		1800: "5.7", 1900: "5.7+", 2000: "5.8-", 2100: "5.8", 2200: "5.8+", 2300: "5.9-", 2400: "5.9", 2500: "5.9+",
	} {
		t.add(code, rating)
	}
}

// addHardRock has ten steps a number, 100 apart: a, -, a/b, b, none, b/c, c, +, c/d, d.
func (t *codeTable) addHardRock() {
	bases := [...]int{2600, 4600, 6600, 8600, 10500, 11500} // of 5.10a to 5.15a
	steps := [...]string{"a", "-", "a/b", "b", "", "b/c", "c", "+", "c/d", "d"}
	for i, base := range bases {
		number := "5." + strconv.Itoa(10+i)
		for j, step := range steps {
			t.add(base+100*j, number+step)
		}
	}
}

// addBoulders ends at V17, where the site's own list does.
func (t *codeTable) addBoulders() {
	const last = 17
	t.add(20000, "V-easy")
	t.add(20005, "V0-")
	t.add(20008, "V0")
	t.add(20010, "V0+")
	t.add(20050, "V0-1")
	for n := 1; n <= last; n++ {
		grade, code := "V"+strconv.Itoa(n), 20000+100*n
		t.add(code, grade)
		t.add(code+10, grade+"+")
		if n == 1 {
			t.add(code-25, grade+"-")
		} else {
			t.add(code-30, grade+"-")
		}
		if n < last {
			t.add(code+50, grade+"-"+strconv.Itoa(n+1))
		}
	}
}

// addIce knows the numbers and the minus grades; no export has shown the codes of the other steps.
func (t *codeTable) addIce() {
	const last = 8
	for n := 1; n <= last; n++ {
		grade, code := "WI"+strconv.Itoa(n), 30000+1000*(n-1)
		t.add(code, grade)
		if n > 1 {
			t.add(code-250, grade+"-")
		}
	}
}

// RatingOfCode is the grade behind Mountain Project's "Rating Code", a sort key made from the first system of a rating
// (rock before boulder before ice). A spreadsheet that turned 5.10 into 5.1 leaves the code alone: 3000 still says 5.10.
func RatingOfCode(code int) (string, bool) {
	rating, ok := codeTables().ratings[code]
	return rating, ok
}

// CodeOfRating is the code that Mountain Project gives a rating, from the first system it has one for; false when that
// code is not known.
func CodeOfRating(text string) (int, bool) {
	r := ParseRating(text)
	for _, family := range [...]Family{FamilyRoute, FamilyBoulder, FamilyIce} {
		if grade, ok := r.gradeIn(family); ok {
			code, ok := codeTables().codes[grade.Text]
			return code, ok
		}
	}
	return 0, false
}

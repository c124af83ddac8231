package climb

import (
	"slices"
	"strings"
)

// ParseRatingIn reads a rating as logbooks of the whole world have it, which write grades without their system. What kind of
// climb it is and the country decide where a text has several readings; a grade that nobody can tell is left in Unknown:
//
//   - A British trad grade (E1 5b) stays text: its technical part looks French and is not.
//   - A boulder's grade in lower case or with an f in front is Font: 6a, f6A.
//   - A whole number is Ewbank where that is at home; a number with or without a sign is UIAA where that is.
//   - Roman numerals are UIAA on rock, and Saxon with a letter where that is at home. On ice and in the mountains they grade
//     something else.
//
// Everything else is read as by [ParseRating].
func ParseRatingIn(text, country string, d Discipline) Rating {
	words := strings.Fields(text)
	if isBritish(words) || d == Trad && slices.Contains(britishCountries, country) && isTechnical(words) {
		return Rating{Text: strings.Join(words, " "), Unknown: words}
	}
	var grades []Grade
	var others []string
	for _, word := range words {
		if grade, ok := parseLocal(word, country, d); ok {
			grades = append(grades, grade)
		} else {
			others = append(others, word)
		}
	}
	r := ParseRating(strings.Join(others, " "))
	r.Text, r.Grades = strings.Join(words, " "), append(grades, r.Grades...)
	return r
}

// The countries in which a bare number has one reading. The names are the English ones.
var (
	ewbankCountries  = []string{"Australia", "New Zealand", "South Africa"}
	uiaaCountries    = []string{"Austria", "Bulgaria", "Czech Republic", "Czechia", "Denmark", "Germany", "Hungary", "Montenegro", "Slovakia"}
	saxonCountries   = []string{"Czech Republic", "Czechia", "Germany"}
	britishCountries = []string{"England", "Guernsey", "Ireland", "Isle of Man", "Jersey", "Northern Ireland", "Scotland", "United Kingdom", "Wales"}
)

// parseLocal reads one word that has a reading of its own here.
func parseLocal(word, country string, d Discipline) (Grade, bool) {
	if d.Family() == FamilyBoulder {
		return parseFontIn(word)
	}
	if d == Ice || d == Mixed || d == Aid {
		return Grade{}, false
	}
	number, letter, roman := arabic(word)
	switch {
	case roman && letter != "" && slices.Contains(saxonCountries, country):
		return parseGrade(number+letter, Saxon)
	case roman && letter == "" && d != Alpine:
		return parseGrade(number, UIAA)
	case roman || !isNumber(word):
		return Grade{}, false
	case slices.Contains(ewbankCountries, country):
		return parseGrade(word, Ewbank)
	case slices.Contains(uiaaCountries, country):
		return parseGrade(word, UIAA)
	}
	return Grade{}, false
}

// parseFontIn reads a boulder's grade in any case, with or without the f that keeps it apart from a route's.
func parseFontIn(word string) (Grade, bool) {
	if rest := strings.TrimLeft(word, "fF"); len(word)-len(rest) == 1 {
		return parseGrade(rest, Font)
	}
	if isDigit(word[0]) && systemOfNumber(word) == French {
		return parseGrade(word, Font)
	}
	return Grade{}, false
}

// isNumber reports whether a word is made of digits, signs and slashes alone, as Ewbank and UIAA grades are.
func isNumber(word string) bool {
	return isDigit(word[0]) && strings.Trim(word, "0123456789+-/") == ""
}

// romans are the numerals of the UIAA's scale.
var romans = [...]string{"0", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

// arabic reads a grade in Roman numerals: VI+ is 6+, VIIa is 7 and a.
func arabic(word string) (number, letter string, ok bool) {
	numeral := strings.TrimRight(word, "+-abc")
	n := slices.Index(romans[1:], numeral) + 1
	if n == 0 {
		return "", "", false
	}
	number = string('0' + byte(n%10))
	if n >= 10 {
		number = "1" + number
	}
	switch rest := word[len(numeral):]; rest {
	case "", "+", "-":
		return number + rest, "", true
	case "a", "b", "c":
		return number, rest, true
	}
	return "", "", false
}

// adjectives are those of the British trad grades, in lower case.
var adjectives = []string{"m", "mod", "d", "hd", "vd", "vdiff", "hvd", "s", "ms", "hs", "mvs", "vs", "hvs", "xs", "mxs", "hxs", "mild", "hard"}

// IsBritish reports whether a rating is a British trad grade, such as HVS 5a or E1 5b. Nothing converts it.
func IsBritish(text string) bool { return isBritish(strings.Fields(text)) }

// isBritish tells a British trad grade by its adjective.
func isBritish(words []string) bool {
	if len(words) == 0 || len(words) == 2 && strings.EqualFold(words[1], "snow") {
		return false
	}
	first := strings.ToLower(words[0])
	if slices.Contains(adjectives, first) {
		return true
	}
	number, extreme := strings.CutPrefix(first, "e")
	return extreme && number != "" && strings.Trim(number, "0123456789/") == ""
}

// isTechnical reports whether a rating is a lone technical grade, which looks French.
func isTechnical(words []string) bool {
	return len(words) == 1 && isDigit(words[0][0]) && systemOfNumber(words[0]) == French
}

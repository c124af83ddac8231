package climb

import (
	"slices"
	"strings"
)

// Rating is what a guidebook says about the difficulty of a climb: grades of one system or several, and the danger.
type Rating struct {
	Text    string   // as given, without space around it
	Grades  []Grade  // in the order of the text
	Danger  string   // G, PG, PG13, R or X, the most serious one; "" when none is given
	Unknown []string // words that are none of these
}

// ParseRating reads a rating in Mountain Project's style: words with spaces between them, such as "5.12b V6",
// "5.11a PG13" or "WI2 Easy Snow". A French grade counts as one in lower case (7a+), a Font grade in capitals (7A+), as
// the logbooks that use both write them.
func ParseRating(text string) Rating {
	r := Rating{Text: strings.TrimSpace(text)}
	words := strings.Fields(r.Text)
	for i := 0; i < len(words); i++ {
		if i+1 < len(words) {
			if grade, ok := parseTwoWords(words[i], words[i+1]); ok {
				r.Grades = append(r.Grades, grade)
				i++
				continue
			}
		}
		r.add(words[i])
	}
	return r
}

// add classifies one word.
func (r *Rating) add(word string) {
	if danger, ok := parseDanger(word); ok {
		r.Danger = moreDangerous(r.Danger, danger)
	} else if grade, ok := parseGrade(word, systemOf(word)); ok {
		r.Grades = append(r.Grades, grade)
	} else {
		r.Unknown = append(r.Unknown, word)
	}
}

// Grade is the grade that counts for a discipline: the first one of its family. A boulder that is also rated as a
// route has its V or Font grade.
func (r Rating) Grade(d Discipline) (Grade, bool) { return r.gradeIn(d.Family()) }

func (r Rating) gradeIn(f Family) (Grade, bool) {
	for _, grade := range r.Grades {
		if f != "" && grade.Family() == f {
			return grade, true
		}
	}
	return Grade{}, false
}

// systemOf tells from the first letters of a word which system it would be a grade of; "" for none.
func systemOf(word string) System {
	switch c := word[0]; c {
	case 'V', 'v':
		return V
	case 'W', 'w':
		return WI
	case 'M', 'm':
		return SystemMixed
	case 'C', 'c':
		return SystemAid
	case 'A', 'a':
		if len(word) > 1 && word[1]|0x20 == 'i' {
			return AI
		}
		return SystemAid
	default:
		if isDigit(c) {
			return systemOfNumber(word)
		}
	}
	return ""
}

// systemOfNumber tells 7a+ and 7A+ from YDS, which is the system of every other number: 5.10a, 3rd.
func systemOfNumber(word string) System {
	if len(word) > 1 {
		switch word[1] {
		case 'a', 'b', 'c':
			return French
		case 'A', 'B', 'C':
			return Font
		}
	}
	return YDS
}

// parseTwoWords reads the grades that are two words.
func parseTwoWords(first, second string) (Grade, bool) {
	switch first[0] | 0x20 {
	case 'e', 'm', 's':
	default:
		return Grade{}, false
	}
	text := first + " " + second
	if grade, ok := parseGrade(text, Snow); ok {
		return grade, true
	}
	return parseGrade(text, YDS)
}

// parseSnow reads how steep snow is, in lower case.
func parseSnow(text string) (Grade, bool) {
	switch text {
	case "easy snow":
		return Grade{Text: "Easy Snow", System: Snow}, true
	case "mod. snow", "mod snow", "moderate snow":
		return Grade{Text: "Mod. Snow", System: Snow}, true
	case "steep snow":
		return Grade{Text: "Steep Snow", System: Snow}, true
	}
	return Grade{}, false
}

// dangers are the seriousness suffixes, the harmless ones first.
var dangers = [...]string{"G", "PG", "PG13", "R", "X"}

func parseDanger(word string) (string, bool) {
	if strings.EqualFold(word, "PG-13") {
		return "PG13", true
	}
	for _, danger := range dangers {
		if strings.EqualFold(word, danger) {
			return danger, true
		}
	}
	return "", false
}

// moreDangerous is the later of two dangers; none comes before all.
func moreDangerous(a, b string) string {
	if slices.Index(dangers[:], a) > slices.Index(dangers[:], b) {
		return a
	}
	return b
}

package climb

import (
	"strings"
	"testing"
)

func TestParseRatingIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, text, country string
		discipline          Discipline
		want                string // the grades with their systems, and the unknown words in brackets
	}{
		{"American, with danger", "5.7 PG13", "United States", Trad, "5.7 yds"},
		{"two words", "Easy 5th", "United States", Trad, "Easy 5th yds"},
		{"French", "6a+", "France", Sport, "6a+ french"},
		{"French in Germany", "7a", "Germany", Sport, "7a french"},
		{"British: the technical grade is not French", "E1 5b", "England", Trad, "(E1) (5b)"},
		{"British, abroad", "HVS 5a", "Norway", Trad, "(HVS) (5a)"},
		{"British without a technical grade", "VDiff", "Wales", Trad, "(VDiff)"},
		{"British, between two", "E2/3 5c", "Wales", Trad, "(E2/3) (5c)"},
		{"a lone technical grade", "4c", "Scotland", Trad, "(4c)"},
		{"French on a British sport route", "6b", "Wales", Sport, "6b french"},
		{"Ewbank", "18", "Australia", Trad, "18 ewbank"},
		{"Ewbank, between two", "24/25", "New Zealand", Sport, "24/25 ewbank"},
		{"a number of no system", "18", "France", Sport, "(18)"},
		{"Ewbank beside an aid grade", "17 A2", "Australia", Trad, "17 ewbank, A2 aid"},
		{"UIAA", "7+", "Germany", Sport, "7+ uiaa"},
		{"UIAA in Roman numerals", "VI-", "Italy", Trad, "6- uiaa"},
		{"UIAA, ten", "X+", "Austria", Sport, "10+ uiaa"},
		{"Saxon", "VIIb", "Germany", Trad, "7b saxon"},
		{"Saxon elsewhere", "VIIb", "Spain", Trad, "(VIIb)"},
		{"Scottish winter", "IV 5", "Scotland", Mixed, "(IV) (5)"},
		{"Roman numerals of a mountain", "III", "Switzerland", Alpine, "(III)"},
		{"Font with an f", "f6A+", "England", Boulder, "6a+ font"},
		{"Font in lower case", "6b", "France", Boulder, "6b font"},
		{"Font as usual", "7A", "France", Boulder, "7a font"},
		{"V", "V3", "Australia", Boulder, "V3 v"},
		{"Font without a letter", "f5+", "England", Boulder, "(f5+)"},
		{"ice", "WI4", "Canada", Ice, "WI4 wi"},
		{"clean aid", "C0", "United States", Aid, "C0 aid"},
		{"snow is not moderate", "Mod Snow", "United States", Alpine, "Mod. Snow snow"},
		{"no grade", " ", "France", Sport, ""},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			r := ParseRatingIn(test.text, test.country, test.discipline)
			var got []string
			for _, grade := range r.Grades {
				got = append(got, grade.Text+" "+string(grade.System))
			}
			sep := ", "
			if len(got) == 0 && len(r.Unknown) > 0 {
				got, sep = []string{"(" + strings.Join(r.Unknown, ") (") + ")"}, ""
			}
			if text := strings.Join(got, sep); text != test.want || r.Text != strings.TrimSpace(test.text) {
				t.Errorf("%q: %s %q, want %s", r.Text, text, r.Unknown, test.want)
			}
		})
	}
}

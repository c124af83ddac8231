package climb

import (
	"errors"
	"slices"
	"testing"
)

func TestDisciplinesOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, routeType, rating string
		want                    []Discipline
	}{
		{"one type", "Sport", "5.10a", []Discipline{Sport}},
		{"two ways to climb count twice", "Trad, Sport", "5.9", []Discipline{Trad, Sport}},
		{"two ways to climb count twice", "Sport, Alpine", "5.9", []Discipline{Sport, Alpine}},
		{"two ways to climb count twice", "Trad, Alpine", "5.7", []Discipline{Trad, Alpine}},
		{"two ways to climb count twice", "Trad, Aid", "5.9 C0", []Discipline{Trad, Aid}},
		{"three of them", "Trad, Sport, Aid", "5.10 A0", []Discipline{Trad, Sport, Aid}},
		{"what has a grade goes first", "Trad, Aid", "C2", []Discipline{Aid, Trad}},
		{"what has a grade goes first", "Trad, Ice", "WI5-", []Discipline{Ice, Trad}},
		{"without a grade the list's order", "Trad, Ice", "", []Discipline{Trad, Ice}},
		{"top-rope beside a lead", "Trad, TR", "5.8", []Discipline{Trad}},
		{"top-rope beside a lead", "TR, Sport", "5.8", []Discipline{Sport}},
		{"top-rope beside a lead", "Trad, Sport, TR", "5.8", []Discipline{Trad, Sport}},
		{"top-rope alone", "TR", "5.8", []Discipline{TopRope}},
		{"boulder alone", "Boulder", "5.8 V0 R", []Discipline{Boulder}},
		{"boulder alone, without a grade", "Boulder", "", []Discipline{Boulder}},
		{"boulder with a boulder grade", "Sport, Boulder", "5.11b V2", []Discipline{Boulder}},
		{"boulder with a boulder grade", "TR, Boulder", "V3", []Discipline{Boulder}},
		{"boulder without one", "TR, Boulder", "5.10a", []Discipline{TopRope}},
		{"boulder without one", "Trad, TR, Boulder", "5.8", []Discipline{Trad}},
		{"ice and mixed", "Ice, Mixed", "WI5 M6", []Discipline{Mixed, Ice}},
		{"ice and mixed", "Trad, Mixed, Ice", "5.8 WI5 M6", []Discipline{Trad, Mixed, Ice}},
		{"ice and mixed without a rock grade", "Trad, Mixed, Ice", "WI5 M6", []Discipline{Mixed, Ice, Trad}},
		{"ice alone is graded", "Mixed, Ice", "WI4", []Discipline{Ice}},
		{"mixed alone is graded", "Ice, Mixed", "M6", []Discipline{Mixed}},
		{"neither is graded", "Mixed, Ice", "", []Discipline{Mixed, Ice}},
		{"mixed beside sport", "Sport, TR, Mixed", "M6", []Discipline{Mixed, Sport}},
		{"snow beside ice", "Ice, Snow", "WI2 Easy Snow", []Discipline{Ice}},
		{"snow alone", "Snow", "Easy Snow", []Discipline{Alpine}},
		{"everything", "TR, Aid, Boulder, Mixed, Ice, Snow", "5.15d V16-17 WI8 M13+ A5+ Steep Snow X", []Discipline{Boulder}},
		{"unknown types", "Sport, Chipped", "5.8", []Discipline{Sport}},
		{"twice the same", "sport,SPORT", "5.8", []Discipline{Sport}},
		{"no type, a route", "", "5.8", nil},
		{"no type, a route with a boulder grade", "", "5.12b V6", nil},
		{"no type, a boulder", "", "V0 R", []Discipline{Boulder}},
		{"no type, ice and mixed", "Chipped", "WI5 M6", []Discipline{Mixed, Ice}},
		{"no type, aid", " ", "C2", []Discipline{Aid}},
		{"no type and no grade", "", "", nil},
	} {
		if got := DisciplinesOf(test.routeType, ParseRating(test.rating)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q %q = %q; want %q", test.rule, test.routeType, test.rating, got, test.want)
		}
	}
}

func TestDisciplinesHaveASystemOfTheirFamily(t *testing.T) {
	t.Parallel()
	for _, d := range AllDisciplines() {
		if parsed, err := ParseDiscipline(string(d)); err != nil || parsed != d {
			t.Errorf("%q = %q, %v", d, parsed, err)
		}
		if d.Family() == "" || d.DefaultSystem().Family() != d.Family() {
			t.Errorf("%s: family %q, system %q", d, d.Family(), d.DefaultSystem())
		}
	}
}

func TestUnknownDisciplines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Sport", "snow", " sport"} {
		if d, err := ParseDiscipline(text); !errors.Is(err, ErrUnknownDiscipline) || d != "" {
			t.Errorf("%q = %q, %v", text, d, err)
		}
		if system := Discipline(text).DefaultSystem(); system != "" {
			t.Errorf("%q is graded in %q", text, system)
		}
	}
}

package climb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseRating(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, grades, danger string
	}{
		{"3rd", "yds:3rd", ""},
		{"Easy 5th", "yds:Easy 5th", ""},
		{"5.11a PG13", "yds:5.11a", "PG13"},
		{"5.10a/b pg-13", "yds:5.10a/b", "PG13"},
		{"5.8 V0 R", "yds:5.8 v:V0", "R"},
		{"5.12b V6", "yds:5.12b v:V6", ""},
		{"5.9 C0", "yds:5.9 aid:C0", ""},
		{"5.10 A0", "yds:5.10 aid:A0", ""},
		{"WI5 M6", "wi:WI5 mixed:M6", ""},
		{"AI3 A2", "ai:AI3 aid:A2", ""},
		{"WI2 Easy Snow", "wi:WI2 snow:Easy Snow", ""},
		{"Mod. Snow", "snow:Mod. Snow", ""},
		{
			"5.15d V16-17 WI8 M13+ A5+ Steep Snow X",
			"yds:5.15d v:V16-17 wi:WI8 mixed:M13+ aid:A5+ snow:Steep Snow", "X",
		},
		{"R 5.7 G", "yds:5.7", "R"},
		{"6b+", "french:6b+", ""},
		{"6B+", "font:6b+", ""},
		{" \t", "", ""},
	} {
		r := ParseRating(test.text)
		if got := gradesText(r); got != test.grades || r.Danger != test.danger || len(r.Unknown) > 0 {
			t.Errorf("%q = %s, danger %q, unknown %q", test.text, got, r.Danger, r.Unknown)
		}
		if r.Text != strings.TrimSpace(test.text) {
			t.Errorf("%q kept as %q", test.text, r.Text)
		}
	}
}

func gradesText(r Rating) string {
	var words []string
	for _, grade := range r.Grades {
		words = append(words, fmt.Sprintf("%s:%s", grade.System, grade.Text))
	}
	return strings.Join(words, " ")
}

// ratingWords are the grades that logbooks were seen to use, and those of the same form.
func ratingWords() []string {
	words := []string{
		"3rd", "4th", "Easy 5th", "V-easy", "V0-1", "Easy Snow", "Mod. Snow", "Steep Snow", "A5+", "C5+", "WI8", "M13+",
	}
	for n := range 10 {
		for _, sign := range []string{"", "-", "+"} {
			words = append(words, fmt.Sprintf("5.%d%s", n, sign))
		}
	}
	for n := 10; n <= 15; n++ {
		for _, step := range []string{"a", "-", "a/b", "b", "", "b/c", "c", "+", "c/d", "d"} {
			words = append(words, fmt.Sprintf("5.%d%s", n, step))
		}
	}
	for n := range 18 {
		words = append(words, fmt.Sprintf("V%d-", n), fmt.Sprintf("V%d", n), fmt.Sprintf("V%d+", n), fmt.Sprintf("V%d-%d", n, n+1))
	}
	for n := 1; n <= 5; n++ {
		words = append(words, fmt.Sprintf("A%d", n), fmt.Sprintf("C%d", n), fmt.Sprintf("WI%d-", n+1), fmt.Sprintf("WI%d+", n+1))
	}
	return words
}

func TestEveryRatingOfALogbookIsRead(t *testing.T) {
	t.Parallel()
	for _, word := range ratingWords() {
		for _, danger := range []string{"", " G", " PG13", " R", " X"} {
			r := ParseRating(word + danger)
			if len(r.Unknown) > 0 || len(r.Grades) != 1 || r.Grades[0].Text != word || r.Danger != strings.TrimSpace(danger) {
				t.Errorf("%q = %+v", word+danger, r)
			}
		}
	}
}

func TestUnknownWordsAreKept(t *testing.T) {
	t.Parallel()
	r := ParseRating("5.10a E5 Easy V3 12a VS 4c? R")
	if want := []string{"E5", "Easy", "12a", "VS", "4c?"}; !slices.Equal(r.Unknown, want) {
		t.Errorf("unknown %q; want %q", r.Unknown, want)
	}
	if got := gradesText(r); got != "yds:5.10a v:V3" || r.Danger != "R" {
		t.Errorf("grades %s, danger %s", got, r.Danger)
	}
}

func TestGradeOfADiscipline(t *testing.T) {
	t.Parallel()
	r := ParseRating("5.8 V0 WI3 M5 C2 Steep Snow R")
	for d, want := range map[Discipline]string{
		Sport: "5.8", Trad: "5.8", TopRope: "5.8", Alpine: "5.8", Boulder: "V0", Ice: "WI3", Mixed: "M5", Aid: "C2",
		"": "", "snow": "",
	} {
		if grade, ok := r.Grade(d); grade.Text != want || ok != (want != "") {
			t.Errorf("%q has %q, %t; want %q", d, grade.Text, ok, want)
		}
	}
	if grade, ok := ParseRating("7A").Grade(Boulder); !ok || grade.System != Font {
		t.Errorf("a Font grade is a boulder's: %+v, %t", grade, ok)
	}
	if grade, ok := ParseRating("Easy Snow").Grade("walking"); ok {
		t.Errorf("snow has no family: %+v", grade)
	}
}

func FuzzParseRating(f *testing.F) {
	for _, seed := range []string{
		"5.15d V16-17 WI8 M13+ A5+ Steep Snow X", "WI2 Easy Snow", "5.8 V0 R", "5.10a/b PG-13", "Easy 5th", "easy",
		"6A/6A+ 6a+/b", "V-easy/0", "Mod. Snow Mod.", "\u00a05.9", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := ParseRating(text)
		for _, grade := range r.Grades {
			checkGrade(t, grade)
		}
		if words := len(strings.Fields(text)); len(r.Grades)+len(r.Unknown) > words {
			t.Errorf("%d grades and %d unknown words out of %d", len(r.Grades), len(r.Unknown), words)
		}
	})
}

func BenchmarkParseRating(b *testing.B) {
	words := ratingWords()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ParseRating(words[i%len(words)])
	}
}

package climb

import (
	"errors"
	"strings"
	"testing"
)

func TestPlaceBetweenTwoGrades(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, text string
		system     System
		low, high  int
	}{
		// What OpenBeta's sandbag library answers.
		{"a number from 5.10 up is between b and c", "5.10", YDS, 63, 64},
		{"a number from 5.10 up is between b and c", "5.11", YDS, 70, 71},
		{"minus is between a and b", "5.10-", YDS, 59, 62},
		{"plus is between c and d", "5.10+", YDS, 65, 66},
		{"plus is between c and d", "5.12+", YDS, 79, 80},
		{"two letters", "5.10a/b", YDS, 59, 62},
		{"two letters", "5.10b/c", YDS, 63, 64},
		{"plus is toward the next number", "5.9+", YDS, 54, 59},
		{"two numbers", "V3-4", V, 60, 65},
		{"plus is toward the next number", "V3+", V, 60, 65},
		{"minus is toward the number before", "V3-", V, 55, 60},
		{"two grades", "7c+/8a", French, 83, 84},
		// What it does not read.
		{"two letters of two numbers", "5.10d/5.11a", YDS, 66, 67},
		{"two numbers without letters", "5.8/5.9", YDS, 49, 54},
		{"a sign beside a number", "5.10-/5.10", YDS, 61, 63},
		{"minus below 5.10", "5.8-", YDS, 43, 48},
		{"minus of the easiest number is toward easy terrain", "5.0-", YDS, -1, 5},
		{"nothing is harder than the hardest grade", "V22+", V, 106, 107},
		{"nothing is harder than the hardest grade", "A5+", SystemAid, 32, 35},
		{"nothing is easier than the easiest grade", "M1-", SystemMixed, 0, 3},
		{"5.16 has no letter but a", "5.16-", YDS, 106, 107},
		{"the step in between is left out", "V0-1", V, 42, 50},
		{"minus beside a grade that has a step of its own", "WI5-", WI, 22, 25},
		{"two numbers of ice", "WI3-4", WI, 10, 17},
		{"plus where ice has no step", "WI2+", WI, 6, 9},
		{"mixed", "M13+", SystemMixed, 50, 53},
		{"mixed", "M6-", SystemMixed, 18, 21},
		{"aid", "A1+", SystemAid, 6, 9},
		{"clean aid", "C3-", SystemAid, 14, 17},
		{"Font", "6a/6a+", Font, 61, 62},
		{"UIAA", "7/7+", UIAA, 65, 66},
		{"Ewbank", "22/23", Ewbank, 70, 72},
	} {
		grade, err := ParseGrade(test.text, test.system)
		if want := (Grade{test.text, test.system, test.low, test.high}); err != nil || grade != want {
			t.Errorf("%s: %+v, %v; want %+v", test.rule, grade, err, want)
		}
	}
}

func TestSpellingIsMadeOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text   string
		system System
		want   string
	}{
		{" 5.10A/B ", YDS, "5.10a/b"},
		{"5.10a/5.10b", YDS, "5.10a/b"},
		{"5.10d/11a", YDS, "5.10d/5.11a"},
		{"EASY 5TH", YDS, "Easy 5th"},
		{"v3/4", V, "V3-4"},
		{"V5-V6", V, "V5-6"},
		{"V0-/V0", V, "V0-/0"},
		{"v-EASY", V, "V-easy"},
		{"v-easy/v0", V, "V-easy/0"},
		{"vb", V, "VB"},
		{"VB/V0", V, "VB/V0"},
		{"7A+", Font, "7a+"},
		{"6A/A+", Font, "6a/6a+"},
		{"6B+/C", French, "6b+/6c"},
		{"wi3/wi4", WI, "WI3-4"},
		{"WI3+/4", WI, "WI3+/4"},
		{"m5/6", SystemMixed, "M5-6"},
		{"c2", SystemAid, "C2"},
		{"a2/c3", SystemAid, "A2/C3"},
		{"visup", BrazilianCrux, "VIsup"},
		{"viia/viib", BrazilianCrux, "VIIa/VIIb"},
		{"Moderate Snow", Snow, "Mod. Snow"},
	} {
		grade, err := ParseGrade(test.text, test.system)
		if err != nil || grade.Text != test.want {
			t.Errorf("%q = %q, %v; want %q", test.text, grade.Text, err, test.want)
		}
		if again, err := ParseGrade(grade.Text, grade.System); err != nil || again != grade {
			t.Errorf("%q reads back as %+v, %v; want %+v", grade.Text, again, err, grade)
		}
	}
}

func TestOtherNamesOfAGradeScoreAsIt(t *testing.T) {
	t.Parallel()
	for name, label := range map[string]string{"V-easy": "VB", "C0": "A0", "C2+": "A2+", "C5": "A5"} {
		system := systemOf(name)
		got, errName := ParseGrade(name, system)
		want, errLabel := ParseGrade(label, system)
		if errName != nil || errLabel != nil || got.Low != want.Low || got.High != want.High {
			t.Errorf("%s = %+v, %v; want the scores of %+v, %v", name, got, errName, want, errLabel)
		}
	}
}

func TestWhatIsNoGradeIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, text string
		system     System
	}{
		{"nothing", "", YDS},
		{"space", " \t", V},
		{"a letter has no sign", "5.10a+", YDS},
		{"a number alone", "12a", YDS},
		{"no letter below 5.10", "5.9a", YDS},
		{"beyond the scale", "5.17a", YDS},
		{"beyond the scale", "5.16b", YDS},
		{"5.16 has no letters to be between", "5.16", YDS},
		{"beyond the scale", "V23", V},
		{"no second grade", "V3/", V},
		{"no first grade", "/5.9", YDS},
		{"the harder first", "V4-3", V},
		{"the same twice", "6a/6a", French},
		{"the same under two names", "A2/C2", SystemAid},
		{"three grades", "5/5+/6-", UIAA},
		{"sign first", "+5", UIAA},
		{"two signs", "V3+-", V},
		{"French has no minus", "6a-", French},
		{"another system", "V5", YDS},
		{"a French number alone", "6", French},
		{"no snow", "Deep Snow", Snow},
		{"no system", "5.9", "ydss"},
		{"long", strings.Repeat("5.10a/", 1000), YDS},
		{"broken text", "\xff5.9\x00", YDS},
	} {
		if grade, err := ParseGrade(test.text, test.system); !errors.Is(err, ErrUnknownGrade) || grade != (Grade{}) {
			t.Errorf("%s: %q in %q = %+v, %v", test.rule, test.text, test.system, grade, err)
		}
	}
}

func TestMidIsTheLowerMiddle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5.10": "5.10b", "5.10-": "5.10a", "5.10+": "5.10c", "5.10a/b": "5.10a", "5.10d/5.11a": "5.10d", "5.9+": "5.9",
		"5.12d": "5.12d", "3rd": "3rd", "3rd/4th": "3rd", "5.0-": "5.0",
	} {
		grade, err := ParseGrade(text, YDS)
		if bin, ok := BinOf(YDS, grade.Mid()); err != nil || !ok || bin.Label != want {
			t.Errorf("%s counts in %q (%v); want %q", text, bin.Label, err, want)
		}
	}
}

func TestEveryLabelHasItsOwnRange(t *testing.T) {
	t.Parallel()
	for _, system := range scoredSystems() {
		for _, bin := range Bins(system) {
			for _, text := range []string{bin.Label, strings.ToUpper(bin.Label), strings.ToLower(bin.Label)} {
				grade, err := ParseGrade(text, system)
				if want := (Grade{bin.Label, system, bin.Low, bin.High}); err != nil || grade != want {
					t.Errorf("%q = %+v, %v; want %+v", text, grade, err, want)
				}
			}
		}
	}
}

func FuzzParseGrade(f *testing.F) {
	for _, seed := range []string{
		"5.10a/b", "5.10A/10", "5.10d/11a", "5.9+", "V3-4", "V0-/0", "V-easy", "VB", "6a+/6b", "7+/8-", "WI5-", "M13+", "C2+/3",
		"VIsup", "Easy 5th", "Mod. Snow", "", "/", "-", "5./", "v-/-", "W\u0130 3",
	} {
		f.Add(seed)
	}
	systems := append(scoredSystems(), Snow, "")
	f.Fuzz(func(t *testing.T, text string) {
		for _, system := range systems {
			grade, err := ParseGrade(text, system)
			if err != nil {
				continue
			}
			checkGrade(t, grade)
		}
	})
}

// checkGrade holds for every grade that was ever parsed.
func checkGrade(t *testing.T, grade Grade) {
	t.Helper()
	if grade.Low > grade.High || grade.Mid() < grade.Low || grade.Mid() > grade.High {
		t.Errorf("%+v counts at %d", grade, grade.Mid())
	}
	if again, err := ParseGrade(grade.Text, grade.System); err != nil || again != grade {
		t.Errorf("%+v reads back as %+v, %v", grade, again, err)
	}
	if _, ok := BinOf(grade.System, grade.Mid()); ok != (grade.Family() != "") {
		t.Errorf("%+v counts in no bin", grade)
	}
}

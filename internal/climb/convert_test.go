package climb

import "testing"

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, text string
		from, to   System
		want       string
	}{
		{"two labels", "5.11a", YDS, French, "6b+/6c"},
		{"one label", "6a", Font, V, "V3"},
		{"two labels", "V7", V, Font, "7a+/7b"},
		{"one label", "3a", French, YDS, "5.3"},
		{"two labels", "4b", French, Ewbank, "13/14"},
		{"one label", "5.11a", YDS, Ewbank, "21"},
		{"two labels", "7a", Saxon, YDS, "5.8/5.9"},
		{"only the ends of a wide range", "5", Saxon, Ewbank, "13/15"},
		{"V grades keep their prefix", "6c+", Font, V, "V5-V6"},
		{"letters of one number", "9-", Norwegian, YDS, "5.13b/c"},
		{"letters of two numbers", "6b+", French, YDS, "5.10d/5.11a"},
		{"a pair of UIAA is one label", "5.12b", YDS, UIAA, "8+/9-"},
		{"pairs of UIAA are not joined to threes", "5.11a", YDS, UIAA, "7+/8-"},
		{"pairs of UIAA are not joined to threes", "5.11b", YDS, UIAA, "7+/8-"},
		{"a grade between two", "5.10", YDS, French, "6a+/6b"},
		{"easy terrain is the easiest grade elsewhere", "3rd", YDS, French, "1a"},
		{"the same system keeps the text", "5.10+", YDS, YDS, "5.10+"},
		{"V-easy", "V-easy", V, Font, "2a/2c+"},
		{"ice", "WI4+", WI, AI, "AI4+"},
	} {
		grade, err := ParseGrade(test.text, test.from)
		if err != nil {
			t.Errorf("%s: %v", test.rule, err)
		}
		if got, ok := Convert(grade, test.to); !ok || got != test.want {
			t.Errorf("%s: %s in %s = %q, %t; want %q", test.rule, test.text, test.to, got, ok, test.want)
		}
	}
}

func TestConvertStaysInTheFamily(t *testing.T) {
	t.Parallel()
	for _, grade := range []Grade{
		{"5.11a", YDS, 67, 68},
		{"V5", V, 68, 70},
		{"Easy Snow", Snow, 0, 0},
		{},
	} {
		for _, to := range append(scoredSystems(), Snow, "") {
			if to.Family() == grade.Family() && grade.Family() != "" {
				continue
			}
			if text, ok := Convert(grade, to); ok || text != "" {
				t.Errorf("%s in %s = %q", grade.Text, to, text)
			}
		}
	}
	if text, ok := Convert(Grade{"5.20a", YDS, 120, 121}, French); ok {
		t.Errorf("a score that the family does not have is %q", text)
	}
}

// What a conversion says can be read again, and is about the same scores.
func TestConvertedGradesCanBeRead(t *testing.T) {
	t.Parallel()
	for _, from := range scoredSystems() {
		for _, to := range scoredSystems() {
			if from.Family() == to.Family() {
				checkRoundTrip(t, from, to)
			}
		}
	}
}

func checkRoundTrip(t *testing.T, from, to System) {
	t.Helper()
	for _, bin := range Bins(from) {
		text, ok := Convert(Grade{bin.Label, from, bin.Low, bin.High}, to)
		if !ok {
			t.Errorf("%s %s has no grade in %s", from, bin.Label, to)
		}
		back, err := ParseGrade(text, to)
		if err != nil {
			t.Errorf("%s %s in %s: %v", from, bin.Label, to, err)
		}
		if bin.Low >= 0 && (back.Low > bin.High || back.High < bin.Low) {
			t.Errorf("%s %+v is %+v", from, bin, back)
		}
	}
}

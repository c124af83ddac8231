package climb

import (
	"maps"
	"slices"
	"testing"
)

// The codes that exports were seen to have.
func TestRatingOfCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		900: "4th", 950: "Easy 5th", 1000: "5.0", 1100: "5.1", 1600: "5.6", 1800: "5.7", 1900: "5.7+", 2000: "5.8-",
		2100: "5.8", 2200: "5.8+", 2300: "5.9-", 2400: "5.9", 2500: "5.9+", 2600: "5.10a", 2700: "5.10-", 2800: "5.10a/b",
		2900: "5.10b", 3000: "5.10", 3100: "5.10b/c", 3200: "5.10c", 3300: "5.10+", 3400: "5.10c/d", 3500: "5.10d",
		4600: "5.11a", 5000: "5.11", 5500: "5.11d", 6600: "5.12a", 7500: "5.12d", 8600: "5.13a", 8700: "5.13-", 9500: "5.13d",
		10500: "5.14a", 11500: "5.15a", 12400: "5.15d", 20000: "V-easy", 20005: "V0-", 20008: "V0", 20010: "V0+",
		20050: "V0-1", 20075: "V1-", 20300: "V3", 20310: "V3+", 20350: "V3-4", 20370: "V4-", 20610: "V6+",
		31000: "WI2", 31750: "WI3-", 32000: "WI3", 33000: "WI4", 33750: "WI5-", 34000: "WI5",
	} {
		if got, ok := RatingOfCode(code); !ok || got != want {
			t.Errorf("%d = %q, %t; want %q", code, got, ok, want)
		}
	}
	for _, code := range []int{-1, 0, 1, 1700, 2650, 12500, 70000} {
		if got, ok := RatingOfCode(code); ok {
			t.Errorf("%d = %q", code, got)
		}
	}
}

func TestCodesAndRatingsAreEachOthersInverse(t *testing.T) {
	t.Parallel()
	for code, rating := range codeTables().ratings {
		if back, ok := CodeOfRating(rating); !ok || back != code {
			t.Errorf("%d is %q, which is %d, %t", code, rating, back, ok)
		}
		if r := ParseRating(rating); len(r.Grades) != 1 || r.Grades[0].Text != rating {
			t.Errorf("%d is %q, which reads as %+v", code, rating, r)
		}
	}
	if codes, ratings := len(codeTables().codes), len(codeTables().ratings); codes != ratings {
		t.Errorf("%d codes for %d ratings", codes, ratings)
	}
}

func TestCodeOfRatingTakesTheFirstSystem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"5.8 V0 R": 2100, "5.11a PG13": 4600, "WI2 Easy Snow": 31000, "V4- PG13": 20370, "WI5 M6": 34000,
		"M6": 0, "A2": 0, "Steep Snow": 0, "5.7-": 0, "WI3+": 0, "E5": 0, "": 0,
	} {
		if got, ok := CodeOfRating(text); got != want || ok != (want != 0) {
			t.Errorf("%q = %d, %t; want %d", text, got, ok, want)
		}
	}
}

// Mountain Project sorts by the code, so the scores must not fall as the codes rise.
func TestScoresRiseWithTheCodes(t *testing.T) {
	t.Parallel()
	var before Grade
	for _, code := range slices.Sorted(maps.Keys(codeTables().ratings)) {
		grade := ParseRating(codeTables().ratings[code]).Grades[0]
		if grade.System == before.System && grade.Mid() < before.Mid() {
			t.Errorf("%d: %s counts at %d, %s at %d", code, grade.Text, grade.Mid(), before.Text, before.Mid())
		}
		before = grade
	}
}

func TestEightAGradesAreGrades(t *testing.T) {
	t.Parallel()
	found := 0
	for index := -1; index <= 45; index++ {
		text, ok := EightAGrade(index)
		if !ok {
			continue
		}
		found++
		for _, system := range []System{French, Font} {
			if _, err := ParseGrade(text, system); err != nil {
				t.Errorf("%d: %v", index, err)
			}
		}
	}
	if found != 35 {
		t.Errorf("%d grades; want 35", found)
	}
	for _, unused := range []int{0, 8, 20} {
		if text, ok := EightAGrade(unused); ok || text != "" {
			t.Errorf("%d = %q", unused, text)
		}
	}
}

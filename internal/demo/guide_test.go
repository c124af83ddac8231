package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestEverySpellingOfARungIsOfItsBin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		ladder ladder
		system climb.System
	}{
		{"boulder", boulderLadder, climb.V},
		{"sport", sportLadder, climb.YDS},
		{"trad", tradLadder, climb.YDS},
		{"ice", iceLadder, climb.WI},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := -1
			for _, rung := range test.ladder {
				usual := binOf(t, rung[0], test.system)
				if usual.Low <= before {
					t.Errorf("%s does not stand above the rung before it", rung[0])
				}
				before = usual.High
				for _, spelling := range rung[1:] {
					if bin := binOf(t, spelling, test.system); bin != usual {
						t.Errorf("%s is of bin %s, its rung of %s", spelling, bin.Label, usual.Label)
					}
				}
			}
		})
	}
}

func binOf(t *testing.T, text string, system climb.System) climb.Bin {
	t.Helper()
	grade, err := climb.ParseGrade(text, system)
	if err != nil {
		t.Fatal(err)
	}
	bin, ok := climb.BinOf(system, grade.Mid())
	if !ok {
		t.Fatalf("no bin for %s", text)
	}
	return bin
}

func TestGuideDescribesEachRouteOnce(t *testing.T) {
	t.Parallel()
	ids := map[int]string{}
	for i := range climbers {
		c := &climbers[i]
		names := map[string]bool{}
		for a, crags := range writeGuide(c) {
			for _, r := range slices.Concat(crags...) {
				if names[r.name] {
					t.Errorf("%s: two routes are named %s", c.username, r.name)
				}
				names[r.name] = true
				if other, taken := ids[r.id]; taken {
					t.Errorf("%s and %s share the id %d", other, r.name, r.id)
				}
				ids[r.id] = r.name
				checkRoute(t, r, &c.areas[a])
			}
		}
	}
	if len(ids) < 900 {
		t.Errorf("%d routes in all, want several hundred of each climber", len(ids))
	}
}

func checkRoute(t *testing.T, r *route, a *area) {
	t.Helper()
	if r.id < 900_000_000 || r.id > 999_999_999 {
		t.Errorf("%s: id %d has not nine digits beginning with 9", r.name, r.id)
	}
	if !slices.Contains(r.terrain.ladder()[r.rung], r.grade) {
		t.Errorf("%s: %s is no spelling of its rung", r.name, r.grade)
	}
	if !slices.Equal(r.location[:len(a.path)], a.path) || len(r.location) != len(a.path)+1 {
		t.Errorf("%s: location %v is no crag of %v", r.name, r.location, a.path)
	}
	if r.pitches < 1 || r.pitches > 12 {
		t.Errorf("%s has %d pitches", r.name, r.pitches)
	}
	if r.stars != noVotes && (r.stars < 0 || r.stars > 4) {
		t.Errorf("%s has %v stars", r.name, r.stars)
	}
	if r.feet != 0 && (r.feet < 8 || r.feet > 130*r.pitches) {
		t.Errorf("%s: %d ft in %d pitches", r.name, r.feet, r.pitches)
	}
}

func TestGuideIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	for i := range climbers {
		first, second := writeGuide(&climbers[i]), writeGuide(&climbers[i])
		for a := range first {
			for k := range first[a] {
				for n, r := range first[a][k] {
					if other := second[a][k][n]; r.name != other.name || r.grade != other.grade || r.feet != other.feet {
						t.Fatalf("%+v is now %+v", r, other)
					}
				}
			}
		}
	}
}

func TestSlugIsFitForAnAddress(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Quiet Kettle":      "quiet-kettle",
		"Baker's Staircase": "bakers-staircase",
	} {
		if got := slug(name); got != want {
			t.Errorf("slug(%q) = %q, want %q", name, got, want)
		}
	}
	for _, word := range slices.Concat(qualities, things, people) {
		if s := slug(word); strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("slug(%q) = %q", word, s)
		}
	}
}

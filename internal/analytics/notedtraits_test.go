package analytics

import (
	"fmt"
	"testing"
)

func (s traitSet) String() string {
	text := ""
	for i, known := range characteristics {
		if s.has(i) {
			text += known.trait + " "
		}
	}
	return text
}

func TestNotedIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, notes, want string }{
		{"no notes", "", ""},
		{"whole words, in any case", "Crimpy start to a SLAB, then slopers.", "slab crimpy sloper "},
		{"parts of words are none", "Roofing nails, Slabtown, crimped, techychondria", ""},
		{"other words for the same", "Pumpy and bouldery, overhung, techy, a dyno", "overhang athletic cruxy endurance technical "},
		{"no", "No crimps here", ""},
		{"not, with words between", "Not at all overhanging", ""},
		{"without, over an or", "without crimps or slopers", ""},
		{"the forms of not", "Isn't slabby; wasn\u2019t pumpy; doesnt feel powerful", ""},
		{"non before a hyphen", "non-technical", ""},
		{"a negation ends with its part of the sentence", "Not bad, crimpy. No rests! Sustained", "crimpy endurance "},
		{"and with a line", "no beta\nslab", "slab "},
		{"and after three words", "no chalk left at the roof", "roof "},
		{"and before but", "not crimpy but slabby", "slab "},
		{"not only is no negation", "not only crimpy", "crimpy "},
		{"who fails at a hold has met it", "couldn't hold the sloper, didn't stick the dyno", "sloper athletic "},
		{"once said is enough", "slab. not a slab", "slab "},
		{"other languages say nothing", "Sehr technische Platte", ""},
	} {
		if got := notedIn(test.notes).String(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.rule, got, test.want)
		}
	}
}

func TestTraitsOfFlagsEditsAndNotes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, traits, notes string
		edited              bool
		want                string // "trait of so many ticks, from the notes"
		noTraits            int
	}{
		{"of the source", `["slab"]`, "", false, "slab 1/0 ", 0},
		{"of the notes", `[]`, "crimpy slab", false, "slab 1/1 crimpy 1/1 ", 0},
		{"the source comes first, and the notes add to it", `["slab"]`, "crimpy slab", false, "slab 1/0 crimpy 1/1 ", 0},
		{"no flag is taken back by the notes", `["slab"]`, "not slabby", false, "slab 1/0 ", 0},
		{"an edited tick with traits has those alone", `["slab"]`, "crimpy", true, "slab 1/0 ", 0},
		{"an edited tick without has those of its notes", `[]`, "crimpy", true, "crimpy 1/1 ", 0},
		{"what is no characteristic says nothing", `["repeat"]`, "crimpy", true, "crimpy 1/1 ", 0},
		{"none at all", `[]`, "no crimps", false, "", 1},
	} {
		one := marked(sport("1", "2025-01-01", "A", "5.9", "Onsight"), test.traits, "")
		one.noted, one.edited = notedIn(test.notes), test.edited
		answer, err := stylesOf([]tick{one}, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, share := range answer.Traits {
			got += fmt.Sprintf("%s %d/%d ", share.Trait, share.Ticks, share.FromNotes)
		}
		if got != test.want || answer.LeftOut.NoTraits != test.noTraits {
			t.Errorf("%s: got %q without %d, want %q", test.rule, got, answer.LeftOut.NoTraits, test.want)
		}
	}
}

package logbook

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
)

// identify gives every tick what makes it the same tick in the next export of its source, and its order within the day.
// Rows that are alike are counted: two equal laps of one day are two ticks. newestFirst says that the later of two rows of a
// day stands first; counting starts at the earliest, so that a lap added today leaves the others what they were.
func identify(ticks []Tick, newestFirst bool) {
	seen := make(map[string]int, len(ticks))
	order := make(map[string]int)
	for i := range ticks {
		t := &ticks[i]
		if newestFirst {
			t = &ticks[len(ticks)-1-i]
		}
		order[t.Date]++
		t.DayOrder = order[t.Date]
		base := t.base()
		t.identity = base + "|" + strconv.Itoa(seen[base])
		seen[base]++
	}
}

// base is the part of the identity that equal rows share. A source's own id of the tick is the best; few have one. 8a.nu's is
// only in its pages and not in its files, so that a climber who changes from one to the other would have everything twice.
func (t *Tick) base() string {
	switch {
	case t.source == SourceEightA:
		return t.ascentOfEightA()
	case t.ID != "":
		return "id|" + t.ID
	}
	return strings.Join([]string{t.Date, t.routeKey(), string(t.Style), string(t.LeadStyle), strconv.Itoa(t.Pitches)}, "|")
}

// ascentOfEightA is what all of 8a.nu's forms have: the day, the kind, the name, and the smallest area.
func (t *Tick) ascentOfEightA() string {
	kind := "route"
	if slices.Contains(t.Disciplines, climb.Boulder) {
		kind = "boulder"
	}
	place := ""
	if len(t.Location) > 0 {
		place = t.Location[len(t.Location)-1]
	}
	return strings.Join([]string{t.Date, kind, hashOf(strings.ToLower(t.RouteName), strings.ToLower(place))}, "|")
}

// routeKey is the source's id of the route or, when it has none, a hash of name and place.
func (t *Tick) routeKey() string {
	if t.RouteID != "" {
		return t.RouteID
	}
	return "name:" + hashOf(append([]string{t.RouteName}, t.Location...)...)
}

func hashOf(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// keep takes over what our own export says of its ticks: the logbook that each came from and its identity there. A row that
// was copied is a tick of its own, and one that was added, or of a logbook that nobody knows, is of this source.
func keep(ticks []Tick) {
	taken := make(map[key]bool, len(ticks))
	for i := range ticks {
		if t := &ticks[i]; t.isKept() {
			t.source, t.identity = Source(t.Kept.Source), t.Kept.Identity
			if t.Kept.DayOrder > 0 {
				t.DayOrder = t.Kept.DayOrder
			}
			taken[t.key()] = true
		}
	}
	first, copies := make(map[key]bool, len(ticks)), map[key]int{}
	for i := range ticks {
		t := &ticks[i]
		if t.isKept() && !first[t.key()] {
			first[t.key()] = true
			continue
		}
		original := t.key()
		for taken[t.key()] {
			copies[original]++
			t.identity = original.Identity + "|copy " + strconv.Itoa(copies[original])
		}
		taken[t.key()] = true
	}
}

// isKept reports whether our own export knows the tick.
func (t *Tick) isKept() bool {
	return t.Kept != nil && t.Kept.Identity != "" && slices.Contains(keptSources(), Source(t.Kept.Source))
}

// keptSources are the logbooks that a stored tick can come from.
func keptSources() []Source { return append(ImportSources()[1:], SourceManual) }

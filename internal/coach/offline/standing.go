package offline

import (
	"fmt"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// nothingYet is what there is to say of an empty logbook.
func nothingYet() *finding {
	return &finding{title: "Nothing to compute yet", text: "Your logbook is empty, so there are no figures that I could tell you anything from."}
}

// standingOf says how much a logbook has, and the hardest sends.
func standingOf(f *figures, _ question) (*finding, error) {
	c, err := f.profile()
	if err != nil {
		return nil, err
	}
	found := &finding{title: "Where you stand", text: fmt.Sprintf("Your logbook has %s on %s, from %s to %s.",
		count(c.Logbook.Ticks, "tick", "ticks"), count(c.Logbook.DaysOut, "day out", "days out"), date(c.Logbook.FirstDay), date(c.Logbook.LastDay))}
	for _, d := range c.Disciplines {
		if text := hardestIn(&d); text != "" {
			found.add("Hardest "+named(d.Discipline), "%s", text)
		}
	}
	if len(found.figures) == 0 {
		found.text += " None of it is a send with a grade, so there is no hardest one."
	}
	return found, nil
}

// hardestIn lists the hardest sends of a discipline by result.
func hardestIn(d *tools.DisciplineProfile) string {
	var parts []string
	for _, result := range climb.AllResults() {
		if grade := d.Hardest[result]; grade != "" {
			parts = append(parts, grade+" "+string(result))
		}
	}
	return list(parts)
}

// healthOf sends to those who can judge.
func healthOf(*figures, question) (*finding, error) {
	return &finding{
		title: "Pain and rest",
		text: "I cannot judge pain, injury, illness or tiredness: I count ticks. If something hurts, stop climbing on it and ask a doctor or a physiotherapist, " +
			"at once when a finger popped, swells or turns numb. How much you have climbed is below; it does not tell whether you have recovered.",
	}, nil
}

// volumeOf compares the last 90 days with the 90 before.
func volumeOf(f *figures, q question) (*finding, error) {
	c, err := recent(f)
	if err != nil {
		return nil, err
	}
	now, before := c.B, c.A
	found := &finding{title: "The last 90 days", text: trend(now.Pitches, before.Pitches)}
	for _, line := range []struct {
		label       string
		now, before int
	}{
		{"Days out", now.DaysOut, before.DaysOut},
		{"Pitches", now.Pitches, before.Pitches},
		{"Distinct routes", now.Routes, before.Routes},
		{"Sends", now.Sends, before.Sends},
	} {
		found.add(line.label, "%s, in the 90 days before %s", thousands(line.now), thousands(line.before))
	}
	if now.SendRate != nil {
		found.add("Sent", "%.0f %% of the ticks that tell a result", 100**now.SendRate)
	}
	return found, nil
}

// recent are the last 90 days as B and the 90 before as A, of all disciplines.
func recent(f *figures) (*tools.Comparison, error) {
	return ask[tools.Comparison](f, tools.ComparePeriods, arguments{"a": "previous_90_days", "b": "last_90_days"})
}

// Changes in percent: from which on one is told, and from which on a rise is called steep.
const (
	slight = 10
	steep  = 50
)

// fewPitches are too few to tell a change from in percent.
const fewPitches = 10

// percent is how many percent more there are now; below 0, how many fewer.
func percent(now, before int) int { return 100 * (now - before) / before }

// trend says how a number of pitches has changed.
func trend(now, before int) string {
	switch {
	case now == 0 && before == 0:
		return "Nothing is logged in the last 180 days."
	case now == 0:
		return "Nothing is logged in the last 90 days. Begin again with less than you stopped with."
	case before == 0:
		return "Nothing is logged in the 90 days before, so there is no trend yet. Let the volume grow slowly."
	case before < fewPitches:
		return fmt.Sprintf("You climbed %s, and %s in the 90 days before. That is too little to tell a trend from.", count(now, "pitch", "pitches"), thousands(before))
	}
	change := percent(now, before)
	switch {
	case change >= steep:
		return fmt.Sprintf("You climbed %d %% more pitches than in the 90 days before. That is a steep rise: plan rest days with it.", change)
	case change >= slight:
		return fmt.Sprintf("You climbed %d %% more pitches than in the 90 days before.", change)
	case change > -slight:
		return "You climbed about as many pitches as in the 90 days before."
	}
	return fmt.Sprintf("You climbed %d %% fewer pitches than in the 90 days before.", -change)
}

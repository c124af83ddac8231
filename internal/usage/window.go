package usage

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Place is one message's place in the window of its user. Its JSON is [Sent, Number].
type Place struct {
	Sent int64 // when, in Unix milliseconds
	// Number is no other place's of the user, ever: it is the version of the record that the place was taken in. So two
	// messages of one millisecond are two, and what was given back cannot be given back again in the name of another.
	Number int64
}

// MarshalJSON writes a pair: a window has thousands of them.
func (p Place) MarshalJSON() ([]byte, error) { return json.Marshal([2]int64{p.Sent, p.Number}) }

// UnmarshalJSON also reads a bare number, which is the time of a message from before places had numbers.
func (p *Place) UnmarshalJSON(data []byte) error {
	*p = Place{}
	if len(data) > 0 && data[0] != '[' {
		return json.Unmarshal(data, &p.Sent)
	}
	var pair [2]int64
	err := json.Unmarshal(data, &pair)
	p.Sent, p.Number = pair[0], pair[1]
	return err
}

func compare(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Number, b.Number))
}

// remembered is how long a window keeps a message: as long again as it counts, so that it counts once more when the clock turns
// out to have been fast by up to a day.
const remembered = 2 * Window

// window are the remembered messages of a user, the oldest first.
type window []Place

// counted are those that count at now.
func (w window) counted(now time.Time) window { return w.after(now.Add(-Window)) }

// after are those that were sent after a time: what was sent exactly then has left.
func (w window) after(t time.Time) window {
	first, _ := slices.BinarySearchFunc(w, t.UnixMilli()+1, func(p Place, sent int64) int { return cmp.Compare(p.Sent, sent) })
	return w[first:]
}

// at counts the messages.
func (w window) at(now time.Time) Count {
	counted := w.counted(now)
	count := Count{Messages: len(counted), LastMessage: w.last()}
	if count.Messages > 0 {
		count.ResetsAt = counted[0].leaves()
	}
	return count
}

// last is when the newest message was sent, zero for none.
func (w window) last() time.Time {
	if len(w) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(w[len(w)-1].Sent)
}

// with has one place more. A clock that was set back puts it before others.
func (w window) with(p Place) window {
	at, _ := slices.BinarySearchFunc(w, p, compare)
	return slices.Insert(slices.Clone(w), at, p)
}

// without has one place less, unless it is not there.
func (w window) without(p Place) (window, bool) {
	at, found := slices.BinarySearchFunc(w, p, compare)
	if !found {
		return w, false
	}
	return slices.Delete(slices.Clone(w), at, at+1), true
}

// trim forgets what is too old, except for the newest of it: that has the date of the last message when what came later is
// given back.
func (w window) trim(now time.Time) window {
	old := len(w) - len(w.after(now.Add(-remembered)))
	return w[max(0, old-1):]
}

// free is when the next place under a limit is free, which at least as many messages fill at now; zero: never.
func (w window) free(now time.Time, limit int) time.Time {
	if limit <= 0 {
		return time.Time{}
	}
	counted := w.counted(now)
	return counted[len(counted)-limit].leaves()
}

// leaves is when a place stops counting.
func (p Place) leaves() time.Time { return time.UnixMilli(p.Sent).Add(Window) }

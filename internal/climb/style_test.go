package climb

import (
	"errors"
	"testing"
)

func TestParseStyle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Style{
		"Lead": StyleLead, "TR": StyleTopRope, "Follow": StyleFollow, "Solo": StyleSolo, "Send": StyleSend,
		"Flash": StyleFlash, "Attempt": StyleAttempt, "": StyleNone, " tr ": StyleTopRope, "LEAD": StyleLead,
	} {
		if got, err := ParseStyle(text); err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"Onsight", "Boulder", "Lead,"} {
		if got, err := ParseStyle(text); !errors.Is(err, ErrUnknownStyle) || got != StyleNone {
			t.Errorf("%q = %q, %v", text, got, err)
		}
	}
}

func TestParseLeadStyle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]LeadStyle{
		"Onsight": LeadOnsight, "Flash": LeadFlash, "Redpoint": LeadRedpoint, "Pinkpoint": LeadPinkpoint,
		"Fell/Hung": LeadFellHung, "fell_hung": LeadFellHung, "": LeadNone, " ONSIGHT": LeadOnsight,
	} {
		if got, err := ParseLeadStyle(text); err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"Lead", "Fell", "on sight"} {
		if got, err := ParseLeadStyle(text); !errors.Is(err, ErrUnknownStyle) || got != LeadNone {
			t.Errorf("%q = %q, %v", text, got, err)
		}
	}
}

func TestResultOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		style Style
		lead  LeadStyle
		want  Result
	}{
		{"how the lead went", StyleLead, LeadOnsight, ResultOnsight},
		{"how the lead went", StyleLead, LeadFlash, ResultFlash},
		{"how the lead went", StyleLead, LeadRedpoint, ResultRedpoint},
		{"how the lead went", StyleLead, LeadPinkpoint, ResultPinkpoint},
		{"how the lead went", StyleLead, LeadFellHung, ResultAttempt},
		{"a lead and no more", StyleLead, LeadNone, ResultLead},
		{"boulders", StyleSend, LeadNone, ResultSend},
		{"boulders", StyleFlash, LeadNone, ResultFlash},
		{"boulders", StyleAttempt, LeadNone, ResultAttempt},
		{"no lead", StyleTopRope, LeadNone, ResultTopRope},
		{"no lead", StyleFollow, LeadNone, ResultFollow},
		{"no lead", StyleSolo, LeadNone, ResultSolo},
		{"old data: a lead style on top-rope", StyleTopRope, LeadRedpoint, ResultRedpoint},
		{"old data: a lead style on top-rope", StyleTopRope, LeadFellHung, ResultAttempt},
		{"a lead style alone", StyleNone, LeadOnsight, ResultOnsight},
		{"a send by either word", StyleSend, LeadFellHung, ResultSend},
		{"a send by either word", StyleAttempt, LeadRedpoint, ResultRedpoint},
		{"the better of two words", StyleFlash, LeadRedpoint, ResultFlash},
		{"nothing but the fact", StyleNone, LeadNone, ResultUnknown},
	} {
		if got := ResultOf(test.style, test.lead); got != test.want {
			t.Errorf("%s: %q and %q are %q; want %q", test.rule, test.style, test.lead, got, test.want)
		}
	}
}

func TestMeaningOfResults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		result                      Result
		send, attempt, undetermined bool
		rank                        int
	}{
		{ResultOnsight, true, false, false, 0},
		{ResultFlash, true, false, false, 1},
		{ResultSend, true, false, false, 2},
		{ResultRedpoint, true, false, false, 3},
		{ResultPinkpoint, true, false, false, 4},
		{ResultLead, false, false, true, 5},
		{ResultUnknown, false, false, true, 6},
		{ResultAttempt, false, true, false, 7},
		{ResultTopRope, false, false, false, 7},
		{ResultFollow, false, false, false, 7},
		{ResultSolo, false, false, false, 7},
	} {
		r := test.result
		if r.IsSend() != test.send || r.IsAttempt() != test.attempt || r.IsUndetermined() != test.undetermined || r.Rank() != test.rank {
			t.Errorf("%s: send %t, attempt %t, undetermined %t, rank %d", r, r.IsSend(), r.IsAttempt(), r.IsUndetermined(), r.Rank())
		}
	}
}

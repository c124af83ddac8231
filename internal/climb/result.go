package climb

// Result is what came of a tick: the style and the lead style together, in one word.
type Result string

// The results, the best first as [Result.Rank] has them.
const (
	ResultOnsight   Result = "onsight"
	ResultFlash     Result = "flash"
	ResultSend      Result = "send"
	ResultRedpoint  Result = "redpoint"
	ResultPinkpoint Result = "pinkpoint"
	ResultLead      Result = "lead"    // led, and nothing logged of how it went
	ResultUnknown   Result = "unknown" // nothing logged but the fact
	ResultAttempt   Result = "attempt"
	ResultTopRope   Result = "toprope"
	ResultFollow    Result = "follow"
	ResultSolo      Result = "solo"
)

// AllResults lists the results in the order of the constants: sends first, the best first. The caller owns the list.
func AllResults() []Result {
	return []Result{
		ResultOnsight, ResultFlash, ResultSend, ResultRedpoint, ResultPinkpoint,
		ResultLead, ResultUnknown, ResultAttempt, ResultTopRope, ResultFollow, ResultSolo,
	}
}

// ResultOf reads a tick's result. A send by either word is a send: old logs have a redpoint on top-rope.
func ResultOf(s Style, l LeadStyle) Result {
	switch {
	case l == LeadOnsight:
		return ResultOnsight
	case l == LeadFlash || s == StyleFlash:
		return ResultFlash
	case s == StyleSend:
		return ResultSend
	case l == LeadRedpoint:
		return ResultRedpoint
	case l == LeadPinkpoint:
		return ResultPinkpoint
	case l == LeadFellHung || s == StyleAttempt:
		return ResultAttempt
	}
	return resultOfStyle(s)
}

// resultOfStyle is the result of a tick that says only how somebody was on the climb.
func resultOfStyle(s Style) Result {
	switch s {
	case StyleLead:
		return ResultLead
	case StyleTopRope:
		return ResultTopRope
	case StyleFollow:
		return ResultFollow
	case StyleSolo:
		return ResultSolo
	}
	return ResultUnknown
}

// IsSend reports whether the climb was done: style send or flash, or lead style onsight, flash, redpoint or pinkpoint.
func (r Result) IsSend() bool {
	switch r {
	case ResultOnsight, ResultFlash, ResultSend, ResultRedpoint, ResultPinkpoint:
		return true
	}
	return false
}

// IsAttempt reports whether it was tried and not done.
func (r Result) IsAttempt() bool { return r == ResultAttempt }

// IsUndetermined reports whether the log leaves open if the climb was done. Such ticks are neither sends nor failures
// unless the climber asks for them to count as sends.
func (r Result) IsUndetermined() bool { return r == ResultLead || r == ResultUnknown }

// Rank orders the results for one climb, 0 the best: onsight, flash, send, redpoint, pinkpoint, lead, unknown, and
// after these all others alike.
func (r Result) Rank() int {
	switch r {
	case ResultOnsight:
		return 0
	case ResultFlash:
		return 1
	case ResultSend:
		return 2
	case ResultRedpoint:
		return 3
	case ResultPinkpoint:
		return 4
	case ResultLead:
		return 5
	case ResultUnknown:
		return 6
	}
	return 7
}

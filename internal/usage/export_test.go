package usage

import "time"

// Glance sets how often the clock is looked at, and lets the database be asked no more often: days go by in tests.
func (x *Expirer) Glance(every time.Duration) { x.glance, x.pause = every, every }

package usage

import "time"

// Glance sets how often the clock is looked at.
func (x *Expirer) Glance(every time.Duration) { x.glance = every }

// Package health finds out whether a running Cragbase can do its work.
package health

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// patience is how long a check waits for its turn to write.
const patience = 2 * time.Second

// checkEvery bounds how often the database is written to for a check, whoever asks.
const checkEvery = time.Second

// Database checks whether the database takes writes: a full disk or a stuck writer leaves reads working.
type Database struct {
	mu      sync.Mutex
	checked time.Time
	err     error
}

// Check writes one row and reports why that failed; an answer is good for a second.
func (d *Database) Check(app core.App, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.checked.IsZero() || now.Sub(d.checked) >= checkEvery {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, d.err = app.NonconcurrentDB().NewQuery("UPDATE {{plans}} SET [[updated]] = [[updated]] WHERE [[tier]] = 'free'").WithContext(ctx).Execute()
		d.checked = now
	}
	return d.err
}

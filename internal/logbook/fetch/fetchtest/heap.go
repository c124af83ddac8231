package fetchtest

import (
	"runtime"
	"testing"
	"time"
)

// MostMemory is what reading a site may cost, whatever the site sends.
const MostMemory = 64 << 20

// CheckHeap runs f and fails when the heap grows by more than MostMemory meanwhile. Nothing else may run beside it.
func CheckHeap(t testing.TB, f func()) {
	t.Helper()
	runtime.GC()
	before := heap()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := before
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, heap())
			case <-done:
				peak <- max(most, heap())
				return
			}
		}
	}()
	f()
	close(done)
	grown := <-peak - before
	t.Logf("the heap grew by %.1f MiB at most", float64(grown)/(1<<20))
	if grown > MostMemory {
		t.Errorf("the heap grew by %d MiB, and may grow by %d", grown>>20, MostMemory>>20)
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

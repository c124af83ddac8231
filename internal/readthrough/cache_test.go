package readthrough

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestGetLoadsOnceUntilDropped(t *testing.T) {
	t.Parallel()
	cache, err := New[string, int](10)
	if err != nil {
		t.Fatal(err)
	}
	loads := 0
	load := func() (int, error) { loads++; return loads, nil }
	for range 3 {
		if got, _ := cache.Get("a", load); got != 1 {
			t.Fatalf("got %d, want the first load", got)
		}
	}
	cache.Drop("a")
	if got, _ := cache.Get("a", load); got != 2 {
		t.Errorf("after Drop: got %d, want a new load", got)
	}
	cache.Purge()
	if got, _ := cache.Get("a", load); got != 3 {
		t.Errorf("after Purge: got %d, want a new load", got)
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	cache, _ := New[string, int](10)
	broken := errors.New("broken")
	if _, err := cache.Get("a", func() (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if got, err := cache.Get("a", func() (int, error) { return 7, nil }); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestLoadThatOverlapsADropIsNotKept(t *testing.T) {
	t.Parallel()
	cache, _ := New[string, int](10)
	if got, _ := cache.Get("a", func() (int, error) {
		cache.Drop("a") // the value changes while it is read
		return 1, nil
	}); got != 1 {
		t.Fatal("the reader gets what it read")
	}
	if got, _ := cache.Get("a", func() (int, error) { return 2, nil }); got != 2 {
		t.Errorf("got the stale %d", got)
	}
}

// A reader that starts after an acknowledged change never sees the value from before it.
func TestNeverStaleAfterAcknowledgedChange(t *testing.T) {
	t.Parallel()
	cache, _ := New[string, int64](4)
	var truth, acknowledged atomic.Int64
	var readers, writer sync.WaitGroup
	stop := make(chan struct{})
	for range 8 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := acknowledged.Load()
				if got, _ := cache.Get("a", func() (int64, error) { return truth.Load(), nil }); got < least {
					t.Errorf("read %d after %d was acknowledged", got, least)
					return
				}
			}
		})
	}
	writer.Go(func() {
		for i := int64(1); i <= 20_000; i++ {
			truth.Store(i)
			cache.Drop("a")
			acknowledged.Store(i)
		}
	})
	writer.Wait()
	close(stop)
	readers.Wait()
}

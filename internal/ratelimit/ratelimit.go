// Package ratelimit counts what callers may do in a time: token buckets by key, in bounded memory.
package ratelimit

import (
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxKeys bounds the memory of a Limiter to a few megabytes. A key that is pushed out starts anew with a full bucket, so
// whoever wants to profit from that must own as many keys.
const maxKeys = 1 << 16

// Limiter gives each key a bucket of tokens, full at first and filled at a steady rate.
type Limiter struct {
	every   rate.Limit
	burst   int
	mu      sync.Mutex                        // two callers must not make two buckets for a key
	buckets *lru.Cache[string, *rate.Limiter] // guarded by mu
}

// New returns a limiter whose buckets hold burst tokens and regain perHour of them in an hour; both must be positive.
func New(burst int, perHour float64) (*Limiter, error) {
	buckets, err := lru.New[string, *rate.Limiter](maxKeys)
	if err != nil {
		return nil, err
	}
	return &Limiter{every: rate.Limit(perHour / time.Hour.Seconds()), burst: burst, buckets: buckets}, nil
}

// Take takes a token of key. Without one it takes none and tells how long the next one takes to come.
func (l *Limiter) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.bucket(key)
	if bucket.AllowN(now, 1) {
		return 0, true
	}
	seconds := (1 - bucket.TokensAt(now)) / float64(l.every)
	return time.Duration(math.Ceil(seconds * float64(time.Second))), false
}

// GiveBack undoes a Take. Taking first and giving back later keeps what runs at the same time within the limit.
func (l *Limiter) GiveBack(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bucket(key).AllowN(now, -1) // what goes over the burst is dropped with the next token
}

func (l *Limiter) bucket(key string) *rate.Limiter {
	bucket, ok := l.buckets.Get(key)
	if !ok {
		bucket = rate.NewLimiter(l.every, l.burst)
		l.buckets.Add(key, bucket)
	}
	return bucket
}

// Package readthrough keeps values that were read from the database in memory until they change.
package readthrough

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Cache holds at most a fixed number of values, the least recently used ones go first. It is exact as long as
// every change of a value is followed by Drop before the change is acknowledged: a value whose load overlapped
// any Drop is handed to its caller and not kept.
type Cache[K comparable, V any] struct {
	values *lru.Cache[K, V]
	mu     sync.Mutex
	drops  uint64 // guarded by mu
}

// New returns an empty cache of at most size values; size must be positive.
func New[K comparable, V any](size int) (*Cache[K, V], error) {
	values, err := lru.New[K, V](size)
	if err != nil {
		return nil, err
	}
	return &Cache[K, V]{values: values}, nil
}

// Get returns the value of key, which load reads when it is not in memory. Errors of load are not kept.
func (c *Cache[K, V]) Get(key K, load func() (V, error)) (V, error) {
	if value, ok := c.values.Get(key); ok {
		return value, nil
	}
	c.mu.Lock()
	before := c.drops
	c.mu.Unlock()

	value, err := load()
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drops == before {
		c.values.Add(key, value)
	}
	return value, nil
}

// Drop forgets the value of key.
func (c *Cache[K, V]) Drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	c.values.Remove(key)
}

// Purge forgets everything.
func (c *Cache[K, V]) Purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	c.values.Purge()
}

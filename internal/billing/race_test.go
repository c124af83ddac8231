//go:build race

package billing_test

// slowdown is how much slower the race detector makes the database; the volume test is smaller by it.
const slowdown = 20

//go:build !race

package sourcetest

// slowdown is 1 without the race detector.
const slowdown = 1

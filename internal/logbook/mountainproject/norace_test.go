//go:build !race

package mountainproject

// slowdown is 1 without the race detector.
const slowdown = 1

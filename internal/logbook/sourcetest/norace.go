//go:build !race

package sourcetest

// slowdown is 1 without the race detector.
const slowdown = 1

// step is one: a file is cut after each byte.
const step = 1

// allowance is nothing without the race detector.
const allowance = 0

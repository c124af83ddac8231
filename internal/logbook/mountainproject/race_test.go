//go:build race

package mountainproject

// slowdown is how much slower the race detector makes the parser; the files of the speed tests are smaller by it.
const slowdown = 10

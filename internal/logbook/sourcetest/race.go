//go:build race

package sourcetest

// slowdown is how much smaller the hostile files are, because the race detector makes parsers slow and memory dear.
const slowdown = 16

// allowance is what rows up to the limit cost, which does not shrink with the files.
const allowance = 192 << 20

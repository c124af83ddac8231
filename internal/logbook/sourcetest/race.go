//go:build race

package sourcetest

// slowdown is how much smaller the hostile files are, because the race detector makes parsers slow and memory dear.
const slowdown = 64

// step is how many bytes lie between two ends at which a file is cut: nothing runs at once in a parser.
const step = 7

// allowance is what rows up to the limit cost, which does not shrink with the files.
const allowance = 256 << 20

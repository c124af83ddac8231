//go:build race

package hooks_test

// quotaRounds are few with the race detector, which makes each a second long.
const quotaRounds = 3

//go:build !race

package hooks_test

// quotaRounds are how often many questions come at once.
const quotaRounds = 20

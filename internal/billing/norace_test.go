//go:build !race

package billing_test

const slowdown = 1

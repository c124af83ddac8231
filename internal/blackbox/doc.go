// Package blackbox attacks a running server from outside, as its users and its enemies reach it: the real binary, over HTTP,
// with the real cost of a password. Each check has the id of the rule that it proves, and one line says how many hold:
//
//	make test-security
//
// It holds tests only. Every check comes from a loopback address of its own, so that the limits by address of one do not
// meet another; that takes Linux, where all of 127.0.0.0/8 is there.
package blackbox

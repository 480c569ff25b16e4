// Package keyfiletest makes key files cheap, for tests that write many.
package keyfiletest

import "example.org/custody/signing/keyfile/internal/cost"

// Cheap lowers the work factor of key files written by this process from 2^16
// to 2^4, for good. Call it from TestMain or init, before anything runs.
func Cheap() { cost.LogN, cost.Release = 4, func() {} }

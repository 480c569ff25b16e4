// Package cost holds the price of trying a passphrase, apart from package
// keyfile so that tests of every floor can lower it and nothing else can.
package cost

import "runtime/debug"

// LogN is the scrypt work factor of new key files: N = 2^16, r = 8, p = 1
// (RFC 7914), which takes 128 · N · r = 64 MiB.
//
// The age command's own 18 takes 256 MiB. Sealing stays below 100 MB, on field
// laptops and phones too, so the memory goes down by four and the passphrase
// makes up for it: suggested ones carry 100 bits, and no work factor saves a
// weak one.
var LogN = 16

// Release gives the memory of a key derivation back to the system. It would stay
// with the process until a later collection and count against the memory of
// everything that follows, sealing above all.
var Release = debug.FreeOSMemory

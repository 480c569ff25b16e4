// Package bodies keeps what a node was given with the events in its ledger: their
// envelopes, salts, seal keys and records (spec/node.md, "Bodies").
//
//	Put ─┐
//	Put ─┼─ one file, encrypted with age, synchronised once ─ all return
//	Put ─┘
//
// What Put returned for is durable. A body is written before its leaf is in the
// ledger, so of two events that wanted one seal both may be here; which one is logged
// the ledger knows. Nothing here is ever in a log: it can be erased.
package bodies

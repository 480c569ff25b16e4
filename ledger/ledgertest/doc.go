// Package ledgertest checks engines: what [ledger.Log] promises, for every
// engine alike, and whether a log as a whole is what an auditor would accept.
//
//   - [Run] is the conformance suite. An engine passes it or is not an engine.
//   - [Disk] is an engine in memory whose appends can be made to fail, with the
//     leaves persisted, in part, or not at all.
//   - [Verify] reads a whole log and recomputes everything in it from the
//     definitions of spec/leaf.md, sharing no code with what wrote it.
//
// It is test support: it imports testing, and nothing but tests imports it.
package ledgertest

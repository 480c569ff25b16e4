// Package crossanchor records other states' checkpoints in a ledger (leaf type 4;
// spec/leaf.md, "Other states' checkpoints").
//
//	clock ─ newest checkpoint of each other ledger ─ does it count? ─ keep the note ─ leaf
//
// A recorded checkpoint shows three things to whoever has the note: the other ledger
// had that tree before every later leaf here; every later leaf here is younger than its
// cosignatures; and two ledgers would have to be rewritten to change either.
//
// # What it promises
//
// A checkpoint is recorded at most once, whatever crashes: note and intention are durable
// before the leaf is submitted, and after a restart the ledger itself is asked whether
// the leaf is there. A checkpoint that is smaller than the one recorded before, of
// another tree of the same size, or does not count, is refused and never recorded.
//
// The notes lie in a folder, each named by the SHA-256 that its leaf holds, beside
// state.json. Nothing here is secret.
package crossanchor

// Package writer is the single writer of a ledger: it gives the leaves in a
// [ledger.Log] their meaning. The desk's embedded ledger and a state's node use the
// same one.
//
//	Submit ─┐
//	Submit ─┼─ batch ─ map: is the seal unbroken? ─ append events and epoch ─┬─ next batch
//	Submit ─┘             └ closed: same leaf, or refused                    │
//	                                     checkpoint ─ cosignatures ─ quorum ─┴─ receipts
//
// # What it promises
//
// Of any number of submissions that close one seal, whoever makes them and whenever,
// exactly one is accepted; every other one is refused with the index of the winner
// ([ledger.ClosedError]). The same leaf again is not another submission: it gets the
// receipt of the one in the log, and nothing is appended (rule P20).
//
// Behind the leaves of each batch stands the epoch that covers them (P1), in the
// same append. So a checkpoint behind a batch serves both for receipts and for
// completeness.
//
// A leaf is acknowledged only when the engine has it durable, and with a receipt
// only when the checkpoint has the cosignatures that the receipt policy asks.
//
// # When
//
// A lone submission is appended and published at once. Under load, appends and rounds of
// cosignatures begin at a pace (spec/leaf.md, "Feeder"): either costs the same for one
// leaf and for thousands, on the machines that cosign too.
//
// # What it does when something fails
//
// An append that fails may have happened. The writer then reads the log to find
// out, brings its map to what is there, and writes the epoch that a torn batch lacks,
// before it takes another leaf. The same happens on opening. The map's file is a
// cache; the log is the truth.
//
// What must not be repaired stops the writer ([ErrReadOnly]): a log that is behind
// what its cosigners have seen, or different (P21); one that holds a second close; one
// that has been caught. Nothing is signed from then on.
package writer

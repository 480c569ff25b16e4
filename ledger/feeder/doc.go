// Package feeder has a ledger's checkpoints cosigned by other states' witnesses and
// auditors (C2SP tlog-witness; spec/leaf.md, "Feeder").
//
//	Gather ── newest checkpoint ──┬─ cosigner ─┐
//	                              ├─ cosigner ─┼─ enough? ── published
//	                              └─ cosigner ─┴─ late ───── kept
//
// # What it promises
//
// [Feeder.Gather] returns a checkpoint as good only when it has the cosignatures
// that the policy asks; below that it fails closed with [ledger.ErrQuorum]. Whoever
// answers later is not lost: each cosigner works at its own pace, always on the newest
// checkpoint, and what it signs is kept ([Feeder.Gathered], [Feeder.Notes]), because a
// court may ask for a witness that the receipt policy does not need.
//
// # What stops a ledger
//
// A cosigner that shows a checkpoint which the ledger itself signed, and which is
// ahead of what is here or of another tree ([ledger.ErrBehind], rule P21), or an alarm
// that proves that the ledger misbehaved. Nothing is signed from then on
// ([Feeder.Err]).
//
// A cosigner that only says that it has seen more (an answer 409 bears no signature)
// proves nothing: it counts as missing ([ErrClaim]), so that one liar cannot stop a
// ledger. When more states say so than the policy takes for liars, it is believed.
package feeder

// Package witness watches other states' ledgers: the state machine of a C2SP
// tlog-witness v1.0.0, and the auditing cosigner that reads every leaf before it
// signs (spec/leaf.md, "Checkpoint, cosignatures"; rules P1, P11, P21, P22).
//
//	request ─ form ─ log's signature ─ size ─ consistency ─ record ─┬──────────── sign    Witness
//	                                                                 └─ read all ─ sign    Auditor
//
// Both keep the newest note of each ledger in a [State]. It is durable before a
// signature leaves, and checked and set in one step, so that no two notes that
// contradict each other are ever signed, whatever crashes.
//
// An [Auditor] replays every leaf into a map of closed seals of its own, proving
// each batch against the root that the log signed before it looks at it. It never
// signs a tree with a leaf out of form, a seal closed twice or an epoch that is
// wrong.
//
// A log that is caught gives an [Alarm]: a small file, the log's own signed words
// set against each other, that convinces whoever has the log's key and trusts
// nobody else. It is kept, and nothing of that log is signed again. What cannot be
// proven to others (a log that does not answer, a proof that is garbage) is an
// error and no alarm.
//
// There is no HTTP here; whoever serves or calls a witness maps errors to the
// status codes named at [example.org/custody/ledger.Cosigner].
package witness

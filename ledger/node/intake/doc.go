// Package intake decides which events a node takes into its ledger (spec/node.md,
// "Submission"), and who may read them afterwards.
//
//	submission ─ form ─ commitment ─ retry? ─ history ─ signatures ─ verify/admit ─ body durable ─ leaf ─ receipt
//	                                              ↑
//	proofs ───── form ─ commitment ─ place in its ledger, under the pinned trust list
//
// What it knows of an item is the state that its events have made of it, each of them
// in a ledger: its own, which it asks, or another's, which was proven. The rule itself
// is verify/admit's, the one function of desk, node and verifier; the race for a seal
// is ledger/writer's. Whatever is not known is asked for, and nothing is assumed.
//
// No key of an open seal comes here: who runs the node can close none.
package intake

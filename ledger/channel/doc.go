// Package channel speaks to the states' shared Hyperledger Fabric channel
// (spec/anchor.md): it anchors a ledger's checkpoints on it, one after the other, and
// fetches the proofs of what was recorded.
//
//	ledger ─ newest checkpoint ─ consistency with the newest anchor ─ channel ─ anchor proof ─ folder
//
// Only this package imports fabric-sdk-go, which nobody maintains any longer, and only
// cmd/custody-channel is linked with it: a process of its own beside the node, without
// the node's keys or vault. It reads the ledger as anybody may and is asked for nothing
// by the node, so that no receipt ever waits for the channel.
//
// What the channel answers is checked by ledger/anchor before it is kept.
package channel

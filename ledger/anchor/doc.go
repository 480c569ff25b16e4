// Package anchor checks what the member states recorded on their shared Hyperledger
// Fabric channel, without the channel: agreement, anchors and anchor proofs
// (spec/anchor.md).
//
//	agreement   which authorities' peers and orderers count, pinned by the trust list
//	proof       a transaction, its block, and peers' answers about it
//	result      which states endorsed what, and on whose word it was committed
//
// It reads protobuf from its wire bytes and links no Fabric library, so it can be
// given to whoever checks evidence. It does no I/O and reads no clock.
//
// A transaction that is endorsed and ordered need not be committed: [Result.Committed]
// says whose peers answered that it is, and nothing else does.
//
// Whatever a released version wrote verifies with every later one.
package anchor

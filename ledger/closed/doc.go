// Package closed is the map of closed seals: seal → leaf hash, for all event
// leaves below some size of a log, as a Merkle Patricia tree (spec/leaf.md, "Map
// of closed seals"; rules P1, P4, P11, P22).
//
//	               bit 0
//	             /       \
//	        bit 3         leaf (1011…)        an inner node names the first bit in
//	       /     \                            which the seals below it differ
//	leaf (0010…)  leaf (0011…)
//
// Its root stands in epoch leaves. A [Proof] of about 0.7 kB at a million seals
// shows that a seal is closed, and by which leaf, or that it is unbroken; checking
// one needs nothing but hashes.
//
// A [Map] lives in memory, or in a file of which only the path to a seal is ever
// read. It is fed the leaves of one log in order and keeps that log's rules on the
// way: canonical leaves, no seal closed twice, every epoch right. The file is a
// cache of the log and never the truth: what is torn or damaged is noticed by its
// hashes ([ErrDamaged]) and built again from the log.
//
// Insertions copy the nodes they change. So a writer can take a [Map.Snapshot], add
// a batch, put the root into an epoch, append all to the log, and go back when the
// append failed.
//
// The tree's shape and proofs are those of filippo.io/torchwood/mpt, which the
// tests hold it against; hashes have a prefix of their own.
package closed

// Package tesseralog is the embedded log engine: tessera on local files, one
// folder, no server.
//
//	dir/lock      held by the operating system while the ledger is open
//	dir/format    what this is: "custody ledger 1" and the origin
//	dir/log/      a C2SP tlog-tiles folder (checkpoint, tile/…), to be served or
//	              copied as it is, and tessera's own .state
//
// # What it adds to tessera
//
// The lock. Two tessera appenders on one folder destroy it when they are in one
// process and end in a panic when in two; tessera's own locks exclude neither. So
// [Open] takes a flock of its own, and a second one fails with [ledger.ErrInUse].
//
// The batch. Tessera batches by a timer, which a lone submitter waits for, and its
// queue hands a batch cut by the timer to its worker outside the queue's lock, so
// that the rest can overtake. Here whatever waits is one batch, and for each one
// there is a tessera appender that takes exactly as many entries: the last one
// sets it off, nothing waits, nothing overtakes, and an Append is in the tree
// whole or not at all. (An appender is small and keeps no file open; the one before
// has ended its only batch when the next is made.)
//
// The opening. Tessera takes a folder as it finds it, and makes an empty log where
// there is none. [Open] makes nothing. It checks that the stored hashes give the
// root of the published checkpoint, and that the leaves behind it and those of the
// last bundle give the root of the tree: what the next leaf will be built on.
//
// The checkpoint. It is published once a second while the log grows, and by
// Close. Tessera's publisher polls every 100 ms, too slow to wait for at the end of
// a command; this one signs when asked, and in order.
//
// # What is durable when
//
// Tessera writes bundles, tiles and last the tree state, each to a temporary file
// opened with O_SYNC that is then renamed, and syncs the folder each time. So the
// tree state is the commit, and what it counts is durable. When a system call fails
// in between, what happened is unknown: the log then reads the tree state back
// and syncs every folder on the way to it before it counts anything.
//
// Tessera panics on a goroutine of its own if it cannot open its lock file while
// it commits: the process ends, nothing acknowledged is lost. Temporary files of a
// process that was killed stay behind; they are harmless.
//
// Tessera's POSIX driver builds on Unix only. Elsewhere [Create] and [Open]
// return [ErrUnavailable]; reading ([OpenReader]) and [Check] work everywhere.
package tesseralog

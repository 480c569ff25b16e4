// Package ledger holds the pure parts of a member state's log: leaf, epoch,
// checkpoint and receipt, and the Log interface that engines implement.
//
// The formats are those of spec/leaf.md and of C2SP (tlog-checkpoint,
// tlog-cosignature, tlog-proof). Nothing here reads a clock, a file or a network.
// Whatever a released version wrote verifies with every later one.
package ledger

// Package tiles reads a log from C2SP tlog-tiles: entry bundles of leaves, tiles of
// hashes. Where they come from, a folder or a node, is a [Source]'s business.
//
// A partial tile is there for each size at which the tree was committed, until the full
// one replaces it. So a reader is told the committed size beside the size that it is
// asked for, and takes the full tile when the partial one is gone.
//
// What is read is not proven: whoever uses it proves it against a signed root. Only its
// shape is checked here.
package tiles

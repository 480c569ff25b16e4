// Package client talks to nodes and witnesses over HTTP (spec/node.md): it reads a
// ledger's tiles, and asks cosigners in other states for their signatures.
//
//	Log      C2SP tlog-tiles     checkpoint, and a [ledger.Reader] of the tree of one size
//	Cosigner C2SP tlog-witness   a [ledger.Cosigner]
//
// Nothing that arrives is believed. A [Tree] gives the leaves and hashes that the
// other side sends; whoever uses them proves them against a signed root, as
// ledger/witness and ledger/closed do. Signature lines are verified by
// [ledger.AddCosignatures]; an alarm is verified here, because a caller stops on it.
//
// Every answer has a size limit and a time limit, redirects are refused, and what
// failed is asked again a small number of times only.
package client

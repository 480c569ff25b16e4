// Package access is the form of a node's access log (spec/node.md, "Access log"):
// who looked at what, why, and what was refused them, as Directive (EU) 2016/680,
// Article 25, asks. It is one JSON line each, chained by SHA-256, and holds key ids
// and no names.
//
//	line n: {…,"n":n,"previous":"<hash of line n-1>",…}      hash of the newest → leaf of type 5
//
// Nothing here touches a file: [Chain] says what the next line is, [Verify] whether
// lines are the log that a ledger has vouched for.
package access

// Package pack holds the files of a package and of the dossier in it, as Go
// values and as bytes: strict to read, with one encoding to write
// (spec/package.md). It decides nothing about truth; that is verify.
//
// A [Dossier] is what a verdict rests on: the items, their events and those of
// the keys that signed, one set of proofs for each ledger, notes, trust lists,
// policies and certificates. It travels as a map from file name to bytes,
// inside a package or in the handoff files of two desks:
//
//	files, err := dossier.Encode()     // canonical, sorted, deterministic
//	dossier, err := pack.Decode(files) // refuses every other encoding
//
// A [Builder] puts a dossier together from events and the ledgers that prove
// them. [Write] wraps it with evidence copies, report and verdict into a
// container, and [Open] reads one.
//
// Whatever a released version wrote is read by every later one.
package pack

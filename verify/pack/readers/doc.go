// Package readers encrypts copies of evidence to their readers and opens them again
// (spec/package.md, "Readers"). The files are age's, version 1, to X25519 or hybrid
// post-quantum recipients; age itself opens them, without this program.
//
// It is apart from package pack, so that a verifier which holds nobody's key, such
// as the judge's page, need not have age in it.
package readers

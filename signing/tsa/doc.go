// Package tsa gets timestamp tokens (RFC 3161, spec/time.md) from a timestamp
// authority over HTTP, and is one for tests and demonstrations.
//
//	c := tsa.Client{URL: "https://time.aa.example/tsr"}
//	token, err := c.Stamp(ctx, sha256.Sum256(note))
//
// What it returns was verified as far as that can be done without a trust list:
// over those bytes, for this request, under a certificate for timestamps that is
// valid at the token's time. Whether the authority counts is the list's to say.
//
// An [Authority] is our own and not sigstore's timestamp-authority, because that one's
// signer brings its clouds' key services into every program that has it, hundreds of
// packages in a tool that a court runs. That their verification accepts these tokens, and
// that tokens of the library under their authority are accepted here, is tested in
// signing/cms.
//
// It signs with a key in memory and the machine's clock. It is not
// a service that others could rely on: it keeps no audit trail and its key dies
// with it.
package tsa

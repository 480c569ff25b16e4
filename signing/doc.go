// Package signing signs and verifies envelopes: DSSE over any payload, as RFC
// 8785 JSON with one encoding only, under ECDSA P-256 keys that X.509
// certificates of a member state's authority vouch for (spec/event.md,
// "Envelope"; rule P19).
//
//	{"payload":"<base64>","payloadType":"<type>","signatures":[{"keyid":"<hex>","sig":"<base64>"},…]}
//
// An envelope does not know what it carries: who had to sign, and whether a key
// counted at the time, is decided by whoever reads the payload. What this
// package promises is narrower and complete: for given bytes there is one
// envelope, for a given envelope one sequence of bytes, and a signature verifies
// under a given key and suite or it does not. Nobody can turn a valid signature
// into another valid one (strict DER, low S).
//
// The signing and verifying itself is sigstore's; nothing here does network or
// file access, so a KMS or an HSM comes in from above as a [Signer].
//
// Whatever a released version wrote is read and verified by every later one.
package signing

// Package cms reads and makes the two kinds of CMS signed data (RFC 5652) that
// foreign offices know: RFC 3161 timestamp tokens, and CAdES baseline
// signatures, B-B, B-T and B-LT (ETSI EN 319 122-1), detached (spec/time.md).
//
//	token, err := cms.ParseToken(der)      // form and algorithms
//	err = token.Verify()                   // signature, certificate at genTime
//	token.Covers(sha256.Sum256(note))      // which bytes it is over
//
// It is strict where the standards are loose: DER only, one signer, signed
// attributes each once and in the order of their encodings, SHA-2, ECDSA on P-256
// or P-384, RSA from 3072 bits, ESSCertIDv2, nothing before or after.
// Certificates are judged at the time the token tells, bounds inclusive, and
// never at the reader's. Whose certificate counts is not decided here: that is
// the trust list's to say.
//
// The libraries there are do another job: smallstep/pkcs7 takes BER and SHA-1,
// dates what it signs by the machine's clock and knows no RSASSA-PSS, and
// digitorus/timestamp needs os/exec. Both read in the tests what is made here,
// and openssl does.
//
// Whatever a released version accepted is accepted by every later one.
package cms

// Package s3 keeps objects in a bucket of any S3 service, under its object lock
// (spec/vault.md "Store in a bucket").
//
// The bucket must be versioned and must enforce locks in compliance mode;
// [Store.Probe] finds out by trying. The object of a name is the oldest version of
// its key: what somebody puts over it, or a delete marker, changes nothing, because
// a locked version cannot be taken away and every read names its version.
//
//	<prefix>/objects/<d>/<name>   d: the first two digits of the name
//	<prefix>/probe/<random>       what the probe locks for a short time
//
// What fits one part is put at once, anything longer in parts, several at a time.
// Each part carries its SHA-256, which the service compares before it says yes. A
// name is taken with If-None-Match, so that of two writers one wins. An answer that
// is lost is looked for: every put leaves a random mark in the object's metadata.
//
// Whatever is written here is ciphertext already: this package encrypts nothing and
// knows no keys but the service's.
package s3

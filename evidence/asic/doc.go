// Package asic writes and reads the container of a package, an ASiC-E zip
// (ETSI EN 319 162-1), and the inner bag for many small files. The format is
// spec/container.md.
//
// The bytes of a container follow from its files and nothing else: same files,
// same bytes, on any machine. The writer streams contents of any size in flat
// memory; the reader re-derives every byte that is not file content and refuses
// any difference (rule P16), so there is no second way to write a container,
// nowhere to hide anything in it, and nothing in it to expand.
//
// Writing:
//
//	w, err := asic.Create("package.asice", asic.Options{Signatures: []string{asic.SignatureDSSE}})
//	defer w.Abort() // does nothing after Close
//	w.WriteFile(asic.Header{Name: "README.txt", MimeType: "text/plain"}, readme)
//	…                                  // further files, in ascending order of the name
//	manifest, err := w.WriteManifest() // to be signed
//	w.AddSignature(asic.SignatureDSSE, envelope)
//	err = w.Close()                    // only now package.asice exists
//
// Reading: [Open] checks every header, limit and name, and that the manifest
// lists exactly the files there are; it does not read the files. Contents are
// checked while they are read: against their CRC-32 by [Reader.Open], against
// the manifest's digest as well by [Reader.ReadFile] and [Reader.CheckEntry].
// The signatures over the manifest are the caller's to verify, all of them.
//
// Refusals are [*Error] values of one of five kinds: [ErrMalformed],
// [ErrTruncated], [ErrLimit], [ErrChecksum], [ErrDigest]. Any other error is the
// medium's. Whatever a released version wrote is read by every later one.
package asic

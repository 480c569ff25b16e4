package asic

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// Names and content that are fixed (spec/container.md, "Container of a package").
const (
	// MimeType is the media type of a container, and the content of its first entry.
	MimeType = "application/vnd.etsi.asic-e+zip"
	// ManifestName is the entry that lists all files with their digests.
	ManifestName = "META-INF/ASiCManifest001.xml"
	// SignatureDSSE is the packer's DSSE signature over the manifest (spec/package.md).
	SignatureDSSE = "META-INF/package.dsse"
	// SignatureCAdES is a CAdES signature over the manifest (ETSI EN 319 122-1).
	SignatureCAdES = "META-INF/signature001.p7s"
	// Timestamp is a timestamp token over the manifest (spec/time.md), or over its
	// own where there is a [TimestampManifest].
	Timestamp = "META-INF/timestamp001.tst"
	// TimestampManifest says of the timestamp which files it is over, as EN 319 162-1
	// §4.4.3.2 asks; it follows from the manifest ([Writer.TimestampManifest]).
	TimestampManifest = "META-INF/ASiCManifest002.xml"

	mimetypeName = "mimetype"
	metaFolder   = "META-INF/"
)

// signatureType returns the media type of a signature file, "" for other names.
// The list is closed: a file that no signature covers and no reader knows must
// not travel in a container.
func signatureType(name string) string {
	switch name {
	case SignatureDSSE:
		return "application/vnd.custody.package.v1.dsse+json"
	case SignatureCAdES:
		return "application/pkcs7-signature"
	case Timestamp:
		return "application/vnd.etsi.timestamp-token"
	case TimestampManifest:
		return manifestType
	}
	return ""
}

// manifestType is the media type of a manifest.
const manifestType = "application/xml"

// named returns the signature file that the manifest names: the last one that is
// no timestamp and no timestamp's, "" when there is none.
func named(signatures []string) string {
	for _, name := range slices.Backward(signatures) {
		if name != Timestamp && name != TimestampManifest {
			return name
		}
	}
	return ""
}

// Entry is one file of a container as the manifest lists it.
type Entry struct {
	Name     string
	MimeType string        // type/subtype, lower case, no parameters
	Size     int64         // bytes
	Digest   evidence.Hash // SHA-256 of the content
	Root     bool          // the report, to be opened first
}

// The fixed lines of the manifest.
const (
	manifestHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` + "\n"
	manifestTail = "</asic:ASiCManifest>\n"

	sigHead  = `  <asic:SigReference URI="`
	fileHead = `  <asic:DataObjectReference URI="`
	typeHead = `" MimeType="`
	sigEnd   = `"/>` + "\n"
	fileEnd  = `">` + "\n"
	rootEnd  = `" Rootfile="true">` + "\n"

	digestHead = `    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>` + "\n" + `    <ds:DigestValue>`
	digestEnd  = "</ds:DigestValue>\n" + `  </asic:DataObjectReference>` + "\n"
)

// appendManifest appends the manifest of files, in their order, signed by the
// signature file of that name.
func appendManifest(b []byte, signature string, files []Entry) []byte {
	b = append(b, manifestHead+sigHead...)
	b = append(b, uri(signature)+typeHead+signatureType(signature)+sigEnd...)
	for _, f := range files {
		b = append(b, fileHead+uri(f.Name)+typeHead+f.MimeType...)
		if f.Root {
			b = append(b, rootEnd...)
		} else {
			b = append(b, fileEnd...)
		}
		b = append(b, digestHead...)
		b = base64.StdEncoding.AppendEncode(b, f.Digest[:])
		b = append(b, digestEnd...)
	}
	return append(b, manifestTail...)
}

// stampManifest returns the content of [TimestampManifest] for a manifest of files:
// the same files, and the manifest behind them.
func stampManifest(manifest []byte, files []Entry) []byte {
	all := append(slices.Clone(files), Entry{Name: ManifestName, MimeType: manifestType, Digest: sha256.Sum256(manifest)})
	return appendManifest(nil, Timestamp, all)
}

// parseManifest reads a manifest and accepts it only if [appendManifest] would
// write the same bytes; sizes are not in it. Whether its names are those of the
// container is the caller's to check.
func parseManifest(b []byte) (signature string, files []Entry, err error) {
	p := &manifestParser{rest: string(b)}
	p.expect(manifestHead + sigHead)
	signature = p.name(typeHead)
	if t := p.until(sigEnd); p.err == nil && (t == "" || t != signatureType(signature)) {
		p.err = fmt.Errorf("signature %.200q of type %.200q is not known", signature, t)
	}
	for p.err == nil && p.rest != manifestTail {
		files = append(files, p.file())
	}
	if p.err != nil {
		return "", nil, p.err
	}
	if want := appendManifest(nil, signature, files); !bytes.Equal(want, b) {
		return "", nil, fmt.Errorf("manifest is not encoded as this format writes it: %.100q", otherLine(b, want))
	}
	return signature, files, nil
}

// otherLine returns the first line of b that differs from the one in want.
func otherLine(b, want []byte) []byte {
	lines := bytes.Split(want, []byte("\n"))
	for i, line := range bytes.Split(b, []byte("\n")) {
		if i >= len(lines) || !bytes.Equal(line, lines[i]) {
			return line
		}
	}
	return nil
}

// manifestParser cuts a manifest along its fixed parts; after the first error
// it only returns empty strings.
type manifestParser struct {
	rest string
	err  error
}

func (p *manifestParser) expect(fixed string) {
	rest, ok := strings.CutPrefix(p.rest, fixed)
	if p.err == nil && !ok {
		p.err = fmt.Errorf("manifest: %.60q found where %.60q belongs", p.rest, fixed)
	}
	p.rest = rest
}

func (p *manifestParser) until(end string) string {
	s, rest, ok := strings.Cut(p.rest, end)
	if p.err == nil && !ok {
		p.err = fmt.Errorf("manifest: nothing ends in %q after %.60q", end, p.rest)
	}
	if p.err != nil {
		return ""
	}
	p.rest = rest
	return s
}

func (p *manifestParser) name(end string) string {
	s, err := url.PathUnescape(p.until(end))
	if p.err == nil && err != nil {
		p.err = fmt.Errorf("manifest: %w", err)
	}
	return s
}

func (p *manifestParser) file() (e Entry) {
	p.expect(fileHead)
	e.Name = p.name(typeHead)
	e.MimeType, e.Root = strings.CutSuffix(p.until(fileEnd), strings.TrimSuffix(rootEnd, fileEnd))
	p.expect(digestHead)
	text := p.until(digestEnd)
	digest, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case p.err != nil:
	case !mimeType(e.MimeType):
		p.err = fmt.Errorf("manifest: %.200q of %.200q is not a media type", e.MimeType, e.Name)
	case err != nil || len(digest) != sha256.Size:
		p.err = fmt.Errorf("manifest: digest of %.200q is not 32 bytes in base64: %.80q", e.Name, text)
	default:
		e.Digest = evidence.Hash(digest)
	}
	return e
}

// uri percent-encodes every byte that RFC 3986 §2.3 does not leave alone, except
// the slash.
func uri(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; letterOrDigit(c) || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// mimeType reports whether s is a media type as the manifest writes it:
// type/subtype, at most 127 bytes, no parameters (RFC 6838 §4.2, narrowed).
func mimeType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && len(s) <= 127 && mimePart(kind) && mimePart(sub)
}

func mimePart(s string) bool {
	for i := range len(s) {
		if !letterOrDigit(s[i]) && (i == 0 || strings.IndexByte(".+-", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

// letterOrDigit reports whether c is one of a–z, 0–9.
func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

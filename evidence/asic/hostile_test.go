package asic

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

// hostile is a container that must be refused.
type hostile struct {
	name  string
	kind  error
	entry string // the entry the refusal must name; "" for none
	b     []byte
}

// Places of fields in local (l) and central (c) headers.
const (
	lVersion, lFlags, lMethod, lTime, lDate, lCRC, lSize, lRealSize, lExtra                                        = 4, 6, 8, 10, 12, 14, 18, 22, 28
	cMadeBy, cVersion, cFlags, cMethod, cCRC, cSize, cRealSize, cExtra, cComment, cDisk, cInternal, cExternal, cAt = 4, 6, 8, 10, 16, 20, 24, 30, 32, 34, 36, 38, 42
)

// hostiles returns all cases that are small enough to be vectors.
func hostiles(t testing.TB) []hostile {
	return slices.Concat(hostileEnds(t), hostileHeaders(), hostilePlaces(), hostileNames(), hostileOrder(), hostileManifests())
}

// hostileEnds are wrong as a file: what is before, after or missing.
func hostileEnds(t testing.TB) []hostile {
	good := write(t, goodFiles())
	comment := slices.Clone(good)
	le.PutUint16(comment[len(comment)-2:], 5)
	whole := func(name string, kind error, b ...[]byte) hostile {
		return hostile{name, kind, "", slices.Concat(b...)}
	}
	end := func(name string, f func([]byte) []byte) hostile {
		return hostile{name, ErrMalformed, "", raw{entries: entries(goodFiles()), end: f}.bytes()}
	}
	return []hostile{
		whole("not-a-zip", ErrMalformed, []byte("%PDF-1.7\n")),
		whole("prefixed", ErrMalformed, []byte("#!/bin/sh\n"), good),
		whole("byte-order-mark", ErrMalformed, []byte("\xef\xbb\xbf"), good),
		whole("utf-16", ErrMalformed, []byte("\xff\xfeP\x00K\x00")),
		whole("truncated-mimetype", ErrTruncated, good[:40]),
		whole("truncated-half", ErrTruncated, good[:len(good)/2]),
		whole("truncated-directory", ErrTruncated, good[:len(good)-100]),
		whole("truncated-one-byte", ErrTruncated, good[:len(good)-1]),
		whole("appended-byte", ErrMalformed, good, []byte{0}),
		whole("appended-container", ErrMalformed, good, good),
		whole("comment", ErrMalformed, comment, []byte("hello")),
		whole("comment-without-length", ErrMalformed, good, []byte("hello")),
		end("end-entries-one-more", func(b []byte) []byte { return put16(10, 7)(put16(8, 7)(b)) }),
		end("end-entries-one-less", func(b []byte) []byte { return put16(10, 5)(put16(8, 5)(b)) }),
		end("end-entries-here-differ", put16(8, 5)),
		end("end-disk", put16(4, 1)),
		end("end-directory-disk", put16(6, 1)),
		end("end-directory-size", put32(12, 1)),
		end("end-directory-position", put32(16, 69)),
		end("zip64-without-record", put16(10, 0xffff)),
		end("zip64-not-needed", func(b []byte) []byte {
			n, size, at := int(le.Uint16(b[10:])), int64(le.Uint32(b[12:])), int64(le.Uint32(b[16:]))
			return append(appendEnd64(nil, n, size, at), b...)
		}),
		end("zip64-claimed", func(b []byte) []byte {
			n, size, at := int(le.Uint16(b[10:])), int64(le.Uint32(b[12:])), int64(le.Uint32(b[16:]))
			return append(appendEnd64(nil, n, size, at), put16(10, 0xffff)(put16(8, 0xffff)(b))...)
		}),
		end("two-end-records", func(b []byte) []byte { return append(b, b...) }),
	}
}

// inReadme returns a case in which the entry README.txt is changed.
func inReadme(name string, kind error, change func(*rawEntry)) hostile {
	e := entries(goodFiles())
	change(&e[1])
	return hostile{name, kind, "README.txt", raw{entries: e}.bytes()}
}

// hostileHeaders have a header field that the writer would not write.
func hostileHeaders() []hostile {
	both := func(name string, l, c int, v uint16) hostile {
		return inReadme(name, ErrMalformed, func(e *rawEntry) { e.local, e.central = put16(l, v), put16(c, v) })
	}
	local := func(name string, f func([]byte) []byte) hostile {
		return inReadme(name, ErrMalformed, func(e *rawEntry) { e.local = f })
	}
	central := func(name string, f func([]byte) []byte) hostile {
		return inReadme(name, ErrMalformed, func(e *rawEntry) { e.central = f })
	}
	const stamp = "UT\x05\x00\x03\x00\x00\x00\x00"
	cases := []hostile{
		both("encrypted", lFlags, cFlags, 1),
		both("data-descriptor", lFlags, cFlags, 8),
		both("utf8-flag-on-ascii", lFlags, cFlags, flagUTF8),
		both("version-20", lVersion, cVersion, 20),
		both("time", lTime, 12, 0x6000),
		both("date", lDate, 14, 0x5d78),
		local("local-signature", put32(0, 0x08074b50)),
		local("local-method", put16(lMethod, 8)),
		local("local-flags", put16(lFlags, 1)),
		local("local-crc", put32(lCRC, 1)),
		local("local-size", put32(lRealSize, 1)),
		local("local-compressed-size", put32(lSize, 0)),
		local("local-extra", addExtra(lExtra, stamp)),
		local("local-name", func(b []byte) []byte { b[localSize] = 'X'; return b }),
		central("central-signature", put32(0, localSig)),
		central("made-by-unix", put16(cMadeBy, 3<<8|10)),
		central("symbolic-link", put32(cExternal, 0o120777<<16)),
		central("internal-attributes", put16(cInternal, 1)),
		central("disk", put16(cDisk, 1)),
		central("central-crc", put32(cCRC, 1)),
		central("central-size", put32(cRealSize, 1)),
		central("central-compressed-size", put32(cSize, 1)),
		central("central-position", put32(cAt, 0)),
		central("central-name", func(b []byte) []byte { b[centralSize] = 'S'; return b }),
		central("central-extra", addExtra(cExtra, stamp)),
		central("unicode-path", addExtra(cExtra, "up\x0d\x00\x01\x00\x00\x00\x00evil.txt")),
		central("zip64-extra-not-needed", addExtra(cExtra, "\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00")),
		central("entry-comment", func(b []byte) []byte { return append(put16(cComment, 5)(b), "hello"...) }),
		compressed("compressed", goodFiles()[0].content),
		compressed("bomb", strings.Repeat("\x00", 1<<20)),
		inReadme("crc-of-other-content", ErrChecksum, func(e *rawEntry) { e.member = func(m *member) { m.crc++ } }),
	}
	for i := range cases {
		switch cases[i].name {
		case "central-signature", "central-extra", "unicode-path", "local-extra": // another entry shows it first
			cases[i].entry = anyEntry
		case "central-name":
			cases[i].entry = "SEADME.txt"
		}
	}
	return cases
}

// anyEntry is for cases in which it does not matter which entry is named.
const anyEntry = "*"

// compressed stores README.txt deflated, honestly described.
func compressed(name, content string) hostile {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	w.Write([]byte(content))
	w.Close()
	return inReadme(name, ErrMalformed, func(e *rawEntry) {
		e.content = b.String()
		e.member = func(m *member) { m.crc = crc32.ChecksumIEEE([]byte(content)) }
		real := uint32(len(content))
		e.local = func(h []byte) []byte { return put16(lMethod, 8)(put32(lRealSize, real)(h)) }
		e.central = func(h []byte) []byte { return put16(cMethod, 8)(put32(cRealSize, real)(h)) }
	})
}

// hostilePlaces have entries that are not one behind the other.
func hostilePlaces() []hostile {
	change := func(name, entry string, f func(*raw)) hostile {
		r := raw{entries: entries(goodFiles())}
		f(&r)
		return hostile{name, ErrMalformed, entry, r.bytes()}
	}
	swap := func(b []byte) []byte { // the first two directory headers
		n := centralSize + len("mimetype")
		m := n + centralSize + len("README.txt")
		return slices.Concat(b[n:m], b[:n], b[m:])
	}
	return []hostile{
		change("gap", anyEntry, func(r *raw) { r.entries[1].content += "\x00"; r.entries[1].member = func(m *member) { m.size-- } }),
		change("hidden-entry", anyEntry, func(r *raw) { r.entries[2].hidden = true }),
		change("junk-before-directory", anyEntry, func(r *raw) {
			r.entries[5].content += "junk"
			r.entries[5].member = func(m *member) { m.size -= 4 }
		}),
		change("overlap", anyEntry, func(r *raw) { r.entries[2].member = func(m *member) { m.at = 69 } }),
		change("runs-into-directory", SignatureDSSE, func(r *raw) { r.entries[5].member = func(m *member) { m.size += 200 } }),
		change("size-64-bit", "payload/1/1.bin", func(r *raw) {
			r.entries[2].member = func(m *member) { m.size = 1 << 40 }
		}),
		change("size-negative", "payload/1/1.bin", func(r *raw) {
			r.entries[2].central = func(b []byte) []byte {
				b = put32(cRealSize, sentinel32)(put32(cSize, sentinel32)(b))
				return addExtra(cExtra, "\x01\x00\x10\x00"+strings.Repeat("\xff", 16))(b)
			}
		}),
		change("directory-order", anyEntry, func(r *raw) { r.directory = swap }),
		change("directory-padding", anyEntry, func(r *raw) { r.directory = func(b []byte) []byte { return append(b, 0) } }),
		change("directory-cut", anyEntry, func(r *raw) { r.directory = func(b []byte) []byte { return b[:len(b)-3] } }),
		change("directory-twice", anyEntry, func(r *raw) { r.directory = func(b []byte) []byte { return append(b, b...) } }),
	}
}

// badNames are refused wherever they stand.
var badNames = []struct{ label, name string }{
	{"name-kelvin-sign", "\u212a.txt"}, // NFC makes it a K
	{"name-nfd", "e\u0301.txt"},
	{"name-parent", "../a"},
	{"name-parent-inside", "a/../../b"},
	{"name-dot", "./a"},
	{"name-absolute", "/etc/passwd"},
	{"name-double-slash", "a//b"},
	{"name-folder", "a/"},
	{"name-backslash", `..\a`},
	{"name-drive", "C:/a"},
	{"name-stream", "a.txt:b"},
	{"name-nul", "a\x00.txt"},
	{"name-line-feed", "a\n.txt"},
	{"name-delete", "a\x7f"},
	{"name-c1-control", "a\u0085b"},
	{"name-right-to-left", "a\u202egpj.exe"},
	{"name-byte-order-mark", "\ufeffa"},
	{"name-private-use", "a\ue000"},
	{"name-not-utf8", "a\xff"},
	{"name-surrogate", "a\xed\xa0\x80"},
	{"name-device", "payload/CON"},
	{"name-device-extension", "nul.tar.gz"},
	{"name-device-superscript", "com\u00b9"},
	{"name-trailing-dot", "a."},
	{"name-trailing-space", "a /b"},
	{"name-part-256-bytes", strings.Repeat("p", 256)},
}

// hostileNames have a name that is refused, listed correctly in the manifest.
func hostileNames() []hostile {
	one := func(name, entry string, files ...string) hostile {
		var list []file
		for _, f := range files {
			list = append(list, text(f, "content of "+f))
		}
		return hostile{name, ErrMalformed, entry, raw{entries: entries(list)}.bytes()}
	}
	long := strings.Repeat("0123456789abcde/", 32) + "x"
	longer := one("name-513-bytes", "", long)
	longer.kind = ErrLimit
	var cases []hostile
	for _, bad := range badNames {
		cases = append(cases, one(bad.label, bad.name, bad.name))
	}
	return append(cases,
		one("name-twice", "a.txt", "a.txt", "a.txt"),
		one("name-case", "a.txt", "A.txt", "a.txt"),
		one("name-case-long-s", "\u017f.txt", "s.txt", "\u017f.txt"),
		one("name-below-file", "a/b", "a", "a/b"),
		one("name-below-file-case", "a/b", "A", "a/b"),
		one("name-folder-of-other", "a", "A/b", "a"),
		one("name-mimetype-case", "Mimetype", "Mimetype"),
		one("name-meta-inf-case", "meta-inf/x", "meta-inf/x"),
		one("name-meta-inf", "META-INF/x", "META-INF/x"),
		one("name-empty", "", ""),
		longer,
		missingUTF8())
}

// missingUTF8 has a name that is not ASCII and no flag that says so.
func missingUTF8() hostile {
	e := entries([]file{text("é.txt", "")})
	e[1].local, e[1].central = put16(lFlags, 0), put16(cFlags, 0)
	return hostile{"name-without-utf8-flag", ErrMalformed, "é.txt", raw{entries: e}.bytes()}
}

// hostileOrder have the right parts in the wrong number or order.
func hostileOrder() []hostile {
	change := func(name, entry string, f func([]rawEntry) []rawEntry) hostile {
		return hostile{name, ErrMalformed, entry, raw{entries: f(entries(goodFiles()))}.bytes()}
	}
	mime := func(name, content string) hostile {
		return change(name, "", func(e []rawEntry) []rawEntry { e[0].content = content; return e })
	}
	return []hostile{
		mime("mimetype-other", "application/vnd.etsi.asic-s+zip"),
		mime("mimetype-line-feed", MimeType+"\n"),
		mime("mimetype-empty", ""),
		change("mimetype-missing", "", func(e []rawEntry) []rawEntry { return e[1:] }),
		change("mimetype-second", "", func(e []rawEntry) []rawEntry { e[0], e[1] = e[1], e[0]; return e }),
		change("mimetype-twice", "mimetype", func(e []rawEntry) []rawEntry { return slices.Insert(e, 2, e[0]) }),
		change("files-swapped", "README.txt", func(e []rawEntry) []rawEntry { e[1], e[2] = e[2], e[1]; return e }),
		change("manifest-missing", ManifestName, func(e []rawEntry) []rawEntry { return slices.Delete(e, 4, 5) }),
		change("manifest-twice", ManifestName, func(e []rawEntry) []rawEntry { return slices.Insert(e, 5, e[4]) }),
		change("second-manifest", "META-INF/ASiCManifest002.xml", func(e []rawEntry) []rawEntry {
			return slices.Insert(e, 5, rawEntry{name: "META-INF/ASiCManifest002.xml", content: e[4].content})
		}),
		change("timestamp-manifest-alone", TimestampManifest, func(e []rawEntry) []rawEntry {
			return slices.Insert(e, 5, rawEntry{name: TimestampManifest, content: string(stampManifest([]byte(e[4].content), listed(goodFiles())))})
		}),
		change("timestamp-manifest-other", TimestampManifest, func(e []rawEntry) []rawEntry {
			own := stampManifest([]byte(e[4].content+" "), listed(goodFiles()))
			return append(slices.Insert(e, 5, rawEntry{name: TimestampManifest, content: string(own)}), rawEntry{name: Timestamp, content: "token"})
		}),
		change("timestamp-manifest-of-less", TimestampManifest, func(e []rawEntry) []rawEntry {
			own := stampManifest([]byte(e[4].content), listed(goodFiles())[1:])
			return append(slices.Insert(e, 5, rawEntry{name: TimestampManifest, content: string(own)}), rawEntry{name: Timestamp, content: "token"})
		}),
		change("no-file", "", func(e []rawEntry) []rawEntry { return slices.Delete(e, 1, 4) }),
		change("no-signature", "", func(e []rawEntry) []rawEntry { return e[:5] }),
		change("signature-before-manifest", "", func(e []rawEntry) []rawEntry { e[4], e[5] = e[5], e[4]; return e }),
		change("signature-twice", SignatureDSSE, func(e []rawEntry) []rawEntry { return append(e, e[5]) }),
		change("signature-unknown", "META-INF/signatures.xml", func(e []rawEntry) []rawEntry {
			return append(e, rawEntry{name: "META-INF/signatures.xml"})
		}),
		change("file-after-signature", "z.txt", func(e []rawEntry) []rawEntry { return append(e, rawEntry{name: "z.txt"}) }),
	}
}

// hostileManifests have a manifest that says something else, or says it in
// other bytes.
func hostileManifests() []hostile {
	files := goodFiles()
	good := string(manifestOf(files, SignatureDSSE))
	with := func(name, entry, manifest string) hostile {
		e := entries(files)
		e[4].content = manifest
		return hostile{name, ErrMalformed, entry, raw{entries: e}.bytes()}
	}
	edit := func(name, old, new string) hostile {
		if !strings.Contains(good, old) {
			panic("internal error: nothing to edit in " + name)
		}
		return with(name, ManifestName, strings.Replace(good, old, new, 1))
	}
	list := func(name, entry string, f []file) hostile {
		return with(name, entry, string(manifestOf(f, SignatureDSSE)))
	}
	digest := list("digest", "payload/1/1.bin", []file{files[0], {files[1].Header, "other"}, files[2]})
	digest.kind = ErrDigest
	tworoots := goodFiles()
	tworoots[0].Root = true
	return []hostile{
		digest,
		list("unlisted", "payload/1/1.bin", []file{files[0], files[2]}),
		list("unlisted-last", "report/summary.html", files[:2]),
		list("listed-not-there", "z.txt", append(goodFiles(), text("z.txt", ""))),
		list("listed-not-there-before", "A.txt", append([]file{text("A.txt", "")}, files...)),
		list("listed-twice", "README.txt", append([]file{files[0]}, files...)),
		list("listed-out-of-order", anyEntry, []file{files[1], files[0], files[2]}),
		list("lists-manifest", anyEntry, append([]file{text(ManifestName, "")}, files...)),
		list("two-roots", ManifestName, tworoots),
		with("manifest-empty", ManifestName, ""),
		with("manifest-other-signature", ManifestName, string(manifestOf(files, SignatureCAdES))),
		with("manifest-crlf", ManifestName, strings.ReplaceAll(good, "\n", "\r\n")),
		with("manifest-trailing-space", ManifestName, good+" "),
		with("manifest-no-last-line-feed", ManifestName, strings.TrimSuffix(good, "\n")),
		with("manifest-bomb", ManifestName, "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>\n"+good),
		edit("manifest-xml-declaration", `<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version='1.0' encoding='UTF-8'?>`),
		edit("manifest-doctype", "?>\n", "?>\n<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\n"),
		edit("manifest-comment", "  <asic:Data", "  <!-- x --><asic:Data"),
		edit("manifest-white-space", `" MimeType`, `"  MimeType`),
		edit("manifest-attribute-order", `URI="README.txt" MimeType="text/plain"`, `MimeType="text/plain" URI="README.txt"`),
		edit("manifest-extension", "  </asic:DataObjectReference>", "    <x/>\n  </asic:DataObjectReference>"),
		edit("manifest-sha1", "2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
		edit("manifest-root-false", `MimeType="text/plain">`, `MimeType="text/plain" Rootfile="false">`),
		edit("manifest-type-parameter", "text/plain", "text/plain; charset=utf-8"),
		edit("manifest-type-upper-case", "text/plain", "Text/plain"),
		edit("manifest-type-empty", "text/plain", ""),
		edit("manifest-uri-over-encoded", `"README.txt"`, `"%52EADME.txt"`),
		edit("manifest-uri-bad-escape", `"README.txt"`, `"README%2.txt"`),
		edit("manifest-uri-plus", `"payload/1/1.bin"`, `"payload%2F1/1.bin"`),
		edit("manifest-base64-unpadded", "=</ds:DigestValue>", "</ds:DigestValue>"),
		edit("manifest-base64-line-feed", "=</ds:DigestValue>", "=\n</ds:DigestValue>"),
		edit("manifest-digest-short", "<ds:DigestValue>", "<ds:DigestValue>AAAA"),
		edit("manifest-signature-type", "application/vnd.custody.package.v1.dsse+json", "application/pkcs7-signature"),
		edit("manifest-unknown-signature", "META-INF/package.dsse", "META-INF/package2.dsse"),
		with("manifest-base64-trailing-bits", ManifestName, trailingBits(good)),
	}
}

// trailingBits sets an unused bit in the first digest's base64.
func trailingBits(manifest string) string {
	i := strings.Index(manifest, "=</ds:DigestValue>") - 1
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	c := alphabet[strings.IndexByte(alphabet, manifest[i])|1]
	return manifest[:i] + string(c) + manifest[i+1:]
}

// alike are cases in which a reader sees the same as in another one: the first
// entry is README.txt; a/b lies below a file.
var alike = map[string]bool{"mimetype-second": true, "timestamp-manifest-alone": true, "name-below-file-case": true}

// TestHostile refuses every case with its kind and entry, and proves that the
// builder, left alone, makes the writer's bytes.
func TestHostile(t *testing.T) {
	if !bytes.Equal(raw{entries: entries(goodFiles())}.bytes(), write(t, goodFiles())) {
		t.Fatal("raw container differs from the writer's")
	}
	seen, findings := map[string]bool{}, map[string]string{}
	for _, h := range hostiles(t) {
		t.Run(h.name, func(t *testing.T) {
			if seen[h.name] {
				t.Fatal("two cases of this name")
			}
			seen[h.name] = true
			err := check(h.b)
			if err == nil {
				t.Fatal("not refused")
			}
			if !errors.Is(err, h.kind) {
				t.Errorf("error = %v, want %v", err, h.kind)
			}
			var e *Error
			if h.entry != anyEntry && (!errors.As(err, &e) || e.Entry != h.entry) {
				t.Errorf("error = %v, does not name %q", err, h.entry)
			}
			if other, ok := findings[err.Error()]; ok && !alike[h.name] {
				t.Errorf("error = %v, and so says %s", err, other)
			}
			findings[err.Error()] = h.name
		})
	}
	if len(seen) < 60 {
		t.Errorf("%d cases", len(seen))
	}
}

// TestHostileLarge has the cases too large for vectors.
func TestHostileLarge(t *testing.T) {
	var many []file
	for i := range 5000 {
		many = append(many, text(fmt.Sprintf("f%04d", i), ""))
	}
	json := text("record/items.jsonl", strings.Repeat("[", 100<<20))
	for name, files := range map[string][]file{"5000 entries": many, "100 MB of JSON": {json}} {
		if err := check(raw{entries: entries(files)}.bytes()); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: error = %v, want ErrLimit", name, err)
		}
	}
}

// sameFinding are cases that differ in how they are made and not in what is wrong.
var sameFinding = map[string]string{
	"name-below-file-case": "name-below-file", "mimetype-second": "mimetype-missing", "timestamp-manifest-alone": "second-manifest",
}

// Every case has a finding of its own: whoever reads it knows which it is.
func TestHostileFindingsDiffer(t *testing.T) {
	found := map[string]string{}
	for _, h := range hostiles(t) {
		err := check(h.b)
		if err == nil {
			t.Fatalf("%s is accepted", h.name)
		}
		if other, taken := found[err.Error()]; taken && sameFinding[h.name] != other && sameFinding[other] != h.name {
			t.Errorf("%s is refused as %s is: %v", h.name, other, err)
		}
		found[err.Error()] = h.name
	}
	if len(found) < 60 {
		t.Errorf("%d findings", len(found))
	}
}

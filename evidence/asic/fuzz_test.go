package asic

import (
	"bytes"
	"net/url"
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// rewrite writes what was read, which must give the same bytes: the definition
// of a container (rule P16).
func rewrite(t *testing.T, r *Reader) []byte {
	out := &memFile{}
	w, err := NewWriter(out, Options{Signatures: r.Signatures()})
	must(t, err)
	for _, e := range r.Entries() {
		b, err := r.ReadFile(e.Name, 1<<30)
		must(t, err)
		must(t, w.WriteFile(Header{Name: e.Name, MimeType: e.MimeType, Root: e.Root}, b))
	}
	_, err = w.WriteManifest()
	must(t, err)
	for _, name := range r.Signatures() {
		b, err := r.ReadFile(name, 1<<30)
		must(t, err)
		must(t, w.AddSignature(name, b))
	}
	must(t, w.Close())
	for _, a := range r.Archives() {
		b, err := r.ReadFile(a.Token, 1<<30)
		must(t, err)
		out.b = renew(t, out.b, string(b))
	}
	return out.b
}

// FuzzOpen refuses or accepts any bytes with a typed error, and accepts only
// what the writer writes.
func FuzzOpen(f *testing.F) {
	for _, h := range hostiles(f) {
		f.Add(h.b)
	}
	f.Add(write(f, goodFiles()))
	f.Add(renew(f, renew(f, write(f, goodFiles()), "token 1"), "token 2"))
	f.Add(goodVectors()["good-names"].build(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := check(b)
		if kindOf(t, err) != nil {
			return
		}
		r, err := open(b)
		must(t, err)
		if !bytes.Equal(rewrite(t, r), b) {
			t.Error("accepted, and not what the writer writes")
		}
	})
}

// FuzzOpenBag is the same for bags.
func FuzzOpenBag(f *testing.F) {
	for _, h := range hostileBags() {
		f.Add(h.b)
	}
	f.Add(goodVectors()["good-bag"].build(f))
	f.Add(goodVectors()["good-bag-empty"].build(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		if kindOf(t, checkBag(b)) != nil {
			return
		}
		bag, err := OpenBag(bytes.NewReader(b), int64(len(b)), Limits{})
		must(t, err)
		var out bytes.Buffer
		w := NewBagWriter(&out, Limits{})
		for i := range bag.Len() {
			m := bag.Member(i)
			content, err := bag.ReadFile(m.Name, m.Size)
			must(t, err)
			must(t, w.WriteFile(m.Name, content))
		}
		must(t, w.Close())
		if !bytes.Equal(out.Bytes(), b) {
			t.Error("accepted, and not what the writer writes")
		}
	})
}

// FuzzManifest accepts only manifests that are written the same way again.
func FuzzManifest(f *testing.F) {
	good := manifestOf(goodFiles(), SignatureDSSE)
	f.Add(good)
	f.Add(bytes.ReplaceAll(good, []byte("text/plain"), []byte("a/b")))
	f.Add([]byte(trailingBits(string(good))))
	f.Fuzz(func(t *testing.T, b []byte) {
		signature, files, err := parseManifest(b)
		if err == nil && !bytes.Equal(appendManifest(nil, signature, files), b) {
			t.Error("accepted, and written differently")
		}
	})
}

// FuzzArchive accepts only manifests of archive timestamps that are written the same way
// again, whatever is before them.
func FuzzArchive(f *testing.F) {
	listed := []archived{
		{name: "mimetype", mime: "application/octet-stream"},
		{name: "payload/1/a b.txt", mime: "text/plain"},
		{name: SignatureDSSE, mime: signatureType(SignatureDSSE)},
		{name: ArchiveName(1), mime: signatureType(ArchiveName(1)), root: true},
	}
	good := appendArchive(nil, ArchiveToken(2), listed)
	f.Add(good, uint8(len(listed)))
	f.Add(appendArchive(nil, ArchiveToken(2), listed[:1]), uint8(1))
	f.Add(bytes.ReplaceAll(good, []byte("sha512"), []byte("sha256")), uint8(len(listed)))
	f.Add(append(bytes.Clone(good), '\n'), uint8(len(listed)))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		before := slices.Clone(listed[:int(n)%(len(listed)+1)])
		if parseArchive(b, ArchiveToken(2), before) == nil && !bytes.Equal(appendArchive(nil, ArchiveToken(2), before), b) {
			t.Error("accepted, and written differently")
		}
	})
}

// FuzzName proves of every accepted name what extraction relies on.
func FuzzName(f *testing.F) {
	for _, bad := range badNames {
		f.Add(bad.name)
	}
	f.Add("payload/1/1.bin")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if !norm.NFC.IsNormalString(name) || len(name) > maxName || name[0] == '/' || bytes.ContainsAny([]byte(name), "\\:\x00\n\r") {
			t.Errorf("%q is taken", name)
		}
		for part := range bytes.SplitSeq([]byte(name), []byte("/")) {
			if s := string(part); s == "" || s == "." || s == ".." || s[len(s)-1] == '.' {
				t.Errorf("%q is taken", name)
			}
		}
		if u, err := url.PathUnescape(uri(name)); err != nil || u != name {
			t.Errorf("%q comes back from the manifest as %q, %v", name, u, err)
		}
	})
}

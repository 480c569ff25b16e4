package asic

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// narrow draws a layout in which small things already need zip64, so that all
// of its forms are met.
func narrow(t *rapid.T) layout {
	return layout{
		max32: rapid.Int64Range(1, 5000).Draw(t, "max32"),
		max16: rapid.IntRange(1, 10).Draw(t, "max16"),
	}
}

// drawFiles draws files in ascending order, of any length up to most.
func drawFiles(t *rapid.T, most int) []file {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9é]{1,4}(/[a-z]{3}\.x)?`), 1, 8, rapid.ID[string]).Draw(t, "names")
	slices.Sort(names)
	set := nameSet{}
	var files []file
	for i, n := range names {
		if CheckName(n) != nil || set.add(n) != nil {
			continue
		}
		content := rapid.SliceOfN(rapid.Byte(), 0, most).Draw(t, "content")
		files = append(files, text(n, string(content)))
		files[len(files)-1].Root = i == 0
	}
	return files
}

// writeNarrow writes files under a layout, in pieces, of stated size or not.
func writeNarrow(t *rapid.T, l layout, files []file) []byte {
	out := &memFile{}
	w, err := NewWriter(out, Options{Signatures: []string{SignatureDSSE}})
	noError(t, err)
	// The layout is set after the first entry, which is always plain.
	w.zip.layout = l
	for _, f := range files {
		h := f.Header
		h.Size = int64(len(f.content))
		if rapid.Bool().Draw(t, "unknown size") {
			h.Size = UnknownSize
		}
		e, err := w.Create(h)
		noError(t, err)
		for rest := []byte(f.content); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			_, err := e.Write(rest[:n])
			noError(t, err)
			rest = rest[n:]
		}
		noError(t, e.Close())
	}
	_, err = w.WriteManifest()
	noError(t, err)
	noError(t, w.AddSignature(SignatureDSSE, []byte(goodSignature)))
	noError(t, w.Close())
	return out.b
}

func noError(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// TestRoundTrip writes and reads any files under any layout, zip64 or not, with
// a small buffer so that headers are patched in it and in the file.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := narrow(t)
		// mimetype is written before the layout is set and must be the same in both.
		l.max32 = max(l.max32, 70)
		files := drawFiles(t, 300)
		b := writeNarrow(t, l, files)
		r, err := openReader(bytes.NewReader(b), int64(len(b)), l, Limits{})
		noError(t, err)
		for i, e := range r.Entries() {
			want := Entry{files[i].Name, files[i].MimeType, int64(len(files[i].content)), sum([]byte(files[i].content)), files[i].Root}
			if d := cmp.Diff(want, e); d != "" {
				t.Fatal(d)
			}
			got, err := r.ReadFile(e.Name, 1000)
			noError(t, err)
			if string(got) != files[i].content {
				t.Fatalf("%s: %q", e.Name, got)
			}
		}
	})
}

// TestOtherLayoutRefused proves that zip64 stands where it belongs only: a
// container is read under the layout it was written with, and under another one
// only if its bytes are the same.
func TestOtherLayoutRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t, 300)
		a, b := narrow(t), narrow(t)
		a.max32, b.max32 = max(a.max32, 70), max(b.max32, 70)
		x, y := writeNarrow(t, a, files), writeNarrow(t, b, files)
		_, err := openReader(bytes.NewReader(x), int64(len(x)), b, Limits{})
		if same := bytes.Equal(x, y); same != (err == nil) {
			t.Fatalf("same bytes: %v, error: %v", same, err)
		}
	})
}

// TestAnyDamage proves that no change of bytes anywhere, insertion or deletion
// yields a container that holds.
func TestAnyDamage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := writeNarrow(t, standard, drawFiles(t, 50))
		at := rapid.IntRange(0, len(good)-1).Draw(t, "at")
		cut := rapid.IntRange(0, min(40, len(good)-at)).Draw(t, "cut")
		insert := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "insert")
		b := slices.Concat(good[:at], insert, good[at+cut:])
		if !bytes.Equal(b, good) && check(b) == nil {
			t.Fatalf("replacing %d bytes at %d by %x goes unseen", cut, at, insert)
		}
	})
}

// TestForeignReader reads containers and bags with archive/zip, which shares no
// code with ours.
func TestForeignReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t, 300)
		l := narrow(t)
		l.max32 = max(l.max32, 70)
		b := writeNarrow(t, l, files)
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		noError(t, err)
		got := map[string]string{}
		for _, f := range z.File {
			if f.Method != zip.Store {
				t.Fatalf("%s: method %d", f.Name, f.Method)
			}
			r, err := f.Open()
			noError(t, err)
			content, err := io.ReadAll(r) // checks the CRC-32
			noError(t, err)
			got[f.Name] = string(content)
		}
		want := map[string]string{"mimetype": MimeType, SignatureDSSE: goodSignature, ManifestName: string(manifestOf(files, SignatureDSSE))}
		for _, f := range files {
			want[f.Name] = f.content
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}

// TestWiden moves what follows a header by any distance, with buffers smaller
// and larger than what is moved.
func TestWiden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := &memFile{}
		s := &sink{dst: out, buf: make([]byte, 0, rapid.IntRange(1, 64).Draw(t, "buffer"))}
		data := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "data")
		for c := range slices.Chunk(data, rapid.IntRange(1, 100).Draw(t, "chunk")) {
			_, err := s.Write(c)
			noError(t, err)
		}
		at := rapid.IntRange(0, len(data)).Draw(t, "at")
		gap := rapid.IntRange(1, 40).Draw(t, "gap")
		noError(t, s.widen(int64(at), int64(gap)))
		_, err := s.Write([]byte("end"))
		noError(t, err)
		noError(t, s.flush())
		if got := out.b; !bytes.Equal(got[:at], data[:at]) || !bytes.Equal(got[at+gap:], append(slices.Clone(data[at:]), "end"...)) {
			t.Fatalf("%x widened at %d by %d: %x", data, at, gap, got)
		}
	})
}

// TestManifestRoundTrip parses what was written, for any names.
func TestManifestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Entry
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			list = append(list, Entry{
				Name:     rapid.String().Draw(t, "name"),
				MimeType: rapid.StringMatching(`[a-z0-9][a-z.+-]{0,9}/[a-z0-9][a-z.+-]{0,9}`).Draw(t, "type"),
				Digest:   sum([]byte(fmt.Sprint(rapid.Int().Draw(t, "digest")))),
				Root:     rapid.Bool().Draw(t, "root"),
			})
		}
		signature := rapid.SampledFrom([]string{SignatureDSSE, SignatureCAdES}).Draw(t, "signature")
		s, got, err := parseManifest(appendManifest(nil, signature, list))
		noError(t, err)
		if d := cmp.Diff(list, got); d != "" || s != signature {
			t.Fatal(s, d)
		}
	})
}

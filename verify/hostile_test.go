package verify_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence/asic"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// zipped is a zip file as any program writes it.
func zipped(method uint16, names ...string) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			panic(err)
		}
		if _, err := io.WriteString(f, asic.MimeType); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// bomb is a zip file of a few hundred kilobytes that unpacks to some gigabytes.
func bomb() []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range 4 {
		f, err := w.Create(fmt.Sprintf("payload/1/%d.bin", i))
		if err != nil {
			panic(err)
		}
		zeros := make([]byte, 1<<20)
		for range 64 {
			if _, err := f.Write(zeros); err != nil {
				panic(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// unlimited is a container of our own form, with files of one size, that does
// not ask what spec/package.md, "Limits", allows.
func unlimited(t *testing.T, size int, names ...string) []byte {
	t.Helper()
	var buf sparse
	none := asic.Limits{Entries: 1 << 20, Size: func(string) int64 { return 1 << 40 }}
	w, err := asic.NewWriter(&buf, asic.Options{Signatures: []string{asic.SignatureDSSE}, Limits: none})
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("["), size)
	for _, name := range names {
		if err := w.WriteFile(asic.Header{Name: name, MimeType: "application/jsonl"}, content); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.WriteManifest(); err != nil {
		t.Fatal(err)
	}
	if err := w.AddSignature(asic.SignatureDSSE, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf
}

// sparse is a file in memory.
type sparse []byte

func (s *sparse) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(*s) {
		*s = append(*s, make([]byte, need-len(*s))...)
	}
	return copy((*s)[at:], p), nil
}

// What is no package gets a verdict that says so, exit 11, and costs little.
func TestHostile(t *testing.T) {
	good, tr := smallPackage()
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("payload/1/%04d.bin", i)
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		check string // of the finding
		says  string
	}{
		{"empty", nil, "truncated", ""},
		{"text", []byte("this is no package\n"), "malformed", ""},
		{"pdf", []byte("%PDF-1.7\n" + strings.Repeat("x", 5000)), "malformed", ""},
		{"zip-of-another-program", zipped(zip.Store, "mimetype", "record/items.jsonl"), "malformed", ""},
		{"compressed", zipped(zip.Deflate, "mimetype"), "malformed", ""},
		{"bomb", bomb(), "malformed", ""},
		{"names-twice", zipped(zip.Store, "mimetype", "a.txt", "a.txt"), "malformed", ""},
		{"parent-folder", zipped(zip.Store, "mimetype", "../../etc/passwd"), "malformed", ""},
		{"absolute", zipped(zip.Store, "mimetype", "/etc/passwd"), "malformed", ""},
		{"thousands-of-entries", unlimited(t, 1, many...), "limit", "entries"},
		{"json-of-100-megabytes", unlimited(t, 100<<20, pack.EventsName), "limit", "bytes"},
		{"verdict-of-80-megabytes", unlimited(t, 80<<20, pack.VerdictName), "limit", "bytes"},
		{"logs-of-20-megabytes", unlimited(t, 20<<20, pack.LogsName), "limit", "bytes"},
		{"two-packages", append(bytes.Clone(good), good...), "malformed", ""},
		{"one-byte-behind", append(bytes.Clone(good), 0), "malformed", ""},
		{"one-byte-before", append([]byte{0}, good...), "malformed", ""},
		{"first-half", good[:len(good)/2], "truncated", ""},
		{"second-half", good[len(good)/2:], "malformed", ""},
		{"without-its-middle", append(bytes.Clone(good[:20000]), good[20001:]...), "malformed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v *verify.Verdict
			used := allocated(func() { v = verdictOn(t, c.bytes, tr) })
			if v.Exit != verify.ExitUndecided || v.Status != verify.Undecided || len(v.Container) != 1 {
				t.Fatalf("exit %d, %d findings: %s", v.Exit, len(v.Container), v.Sentence)
			}
			f := v.Container[0]
			if f.Check != c.check || !strings.Contains(f.Detail, c.says) || f.Status != verify.Undecided {
				t.Errorf("%s of %s: %s", f.Check, f.Subject, f.Detail)
			}
			if len(v.Sentence) > 600 {
				t.Errorf("a sentence of %d bytes", len(v.Sentence))
			}
			if used > 8<<20 {
				t.Errorf("%d bytes allocated to refuse %d", used, len(c.bytes))
			}
			validVerdict(t, v)
		})
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A package that ends early is never taken for a whole one, wherever it ends.
func TestTruncated(t *testing.T) {
	b, tr := smallPackage()
	for n := range b {
		if n > 200 && n < len(b)-200 && n%61 != 0 {
			continue
		}
		v := verdictOn(t, b[:n], tr)
		if v.Exit != verify.ExitUndecided {
			t.Fatalf("%d of %d bytes: exit %d: %s", n, len(b), v.Exit, v.Sentence)
		}
		if check := v.Container[0].Check; check != "truncated" && check != "malformed" {
			t.Errorf("%d of %d bytes: %s", n, len(b), check)
		}
	}
}

// A copy that was damaged on the way is not what was sealed, which is proven;
// that the container's checksum differs too points to damage. It is the copy's
// fault, not the sender's.
func TestDamagedCopy(t *testing.T) {
	for _, bags := range []bool{false, true} {
		d := deliveredBy(func(s *stage) verifytest.Packing { return verifytest.Packing{By: s.bob, Bags: bags} })
		b := verifytest.Container(d.files)
		b[bytes.Index(b, twoFiles[0].Content)] ^= 1
		entry := map[bool]string{false: "payload/1/1.txt", true: "payload/1.zip"}[bags]
		for _, o := range []verify.Options{{}, {TreeOnly: true}} {
			v, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), d.w.Trust(), o)
			if err != nil {
				t.Fatal(err)
			}
			digest := shown{0, verify.Fails, "digest", "points to damage on the way"}
			if o.TreeOnly {
				digest = shown{0, verify.Undecided, "digest", entry}
				if bags {
					digest.about = "damaged"
				}
			}
			for _, want := range []shown{digest, {1, verify.Fails, "content.tree", "points to damage on the way"}, {0, verify.Holds, "sender.verdict", ""}} {
				if want.in(v) == nil {
					t.Errorf("bags %v, tree only %v: no %s %s", bags, o.TreeOnly, want.check, want.status)
				}
			}
			if v.Exit != verify.ExitFails {
				t.Errorf("exit %d: %s", v.Exit, v.Sentence)
			}
		}
	}
}

// Where the checksum alone is damaged the bytes are still those that were sealed,
// and the container is not whole.
func TestDamagedChecksum(t *testing.T) {
	d := delivered()
	b := verifytest.Container(d.files)
	crc := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(twoFiles[0].Content))
	if n := bytes.Count(b, crc); n != 2 {
		t.Fatalf("%d times the checksum", n)
	}
	b = bytes.ReplaceAll(b, crc, []byte{1, 2, 3, 4})
	v := verdictOn(t, b, d.w.Trust())
	for _, want := range []shown{{0, verify.Undecided, "digest", "its checksum is damaged"}, {1, verify.Holds, "content.tree", ""}} {
		if want.in(v) == nil {
			t.Errorf("no %s %s", want.check, want.status)
		}
	}
	if v.Exit != verify.ExitUndecided {
		t.Errorf("exit %d: %s", v.Exit, v.Sentence)
	}
}

// A medium that fails is no verdict.
func TestMediumFails(t *testing.T) {
	small, tr := smallPackage()
	bag := inBag()
	mediumFails(t, small, tr)
	mediumFails(t, bag.as().bytes, bag.w.Trust())
}

// mediumFails reads a package from a medium that fails, sooner or later.
func mediumFails(t *testing.T, b []byte, tr verify.Trust) {
	t.Helper()
	for fails := range 1000 {
		r := &failing{r: bytes.NewReader(b)}
		r.left.Store(int64(fails))
		v, _, err := verify.File(t.Context(), r, int64(len(b)), tr, verify.Options{})
		if r.left.Load() >= 0 {
			return // read to its end without failing
		}
		if err == nil {
			t.Fatalf("read %d fails, and the verdict is %d: %s", fails, v.Exit, v.Sentence)
		}
	}
	t.Error("never read to its end")
}

// failing returns an error from the read number left on. Members of a bag are read
// several at a time.
type failing struct {
	r    io.ReaderAt
	left atomic.Int64
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if f.left.Add(-1) < 0 {
		return 0, io.ErrClosedPipe
	}
	return f.r.ReadAt(p, at)
}

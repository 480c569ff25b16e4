package verify_test

import (
	"bytes"
	"maps"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
	"golang.org/x/sync/errgroup"
)

// smallPackage is a whole package, as small as one with a handoff in it can be.
func smallPackage() ([]byte, verify.Trust) {
	s := newStage(verifytest.Config{})
	files := []verifytest.File{{Path: "a.txt", Content: []byte("evidence\n")}}
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	return s.w.Package(verifytest.Packing{By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{files}}), s.w.Trust()
}

// everyByte calls f for every position of b with a copy that it may change, on
// all cores, until the test has failed.
func everyByte(t *testing.T, b []byte, f func(t *testing.T, b []byte, i int)) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	var next atomic.Int64
	var g errgroup.Group
	for range workers {
		mine := bytes.Clone(b)
		g.Go(func() error {
			for i := int(next.Add(1)) - 1; i < len(b) && !t.Failed(); i = int(next.Add(1)) - 1 {
				f(t, mine, i)
			}
			return nil
		})
	}
	g.Wait()
}

// Any flipped byte of a package makes the verdict one of proof against it, or
// of doubt: never does it hold. Of what the packer signs directly every bit is
// flipped, of everything else one bit of each byte.
func TestEveryByte(t *testing.T) {
	b, tr := smallPackage()
	if v := verdictOn(t, b, tr); v.Exit != verify.ExitHolds {
		t.Fatalf("unchanged: exit %d: %s", v.Exit, v.Sentence)
	}
	signed := signedParts(b)
	exits := map[int]*atomic.Int64{verify.ExitFails: {}, verify.ExitUndecided: {}}
	flips := atomic.Int64{}
	everyByte(t, b, func(t *testing.T, b []byte, i int) {
		bits := []byte{1 << (i % 8)}
		if signed[i] {
			bits = []byte{1, 2, 4, 8, 16, 32, 64, 128}
		}
		for _, bit := range bits {
			b[i] ^= bit
			v := verdictOn(t, b, tr)
			b[i] ^= bit
			flips.Add(1)
			if exits[v.Exit] == nil || v.Status == verify.Holds {
				t.Errorf("byte %d, bit %#x: exit %d: %s", i, bit, v.Exit, v.Sentence)
				return
			}
			exits[v.Exit].Add(1)
			if strings.HasPrefix(v.Sentence, "Every") || len(v.Sentence) < 20 {
				t.Errorf("byte %d, bit %#x: %q", i, bit, v.Sentence)
			}
		}
	})
	if int(flips.Load()) < len(b) {
		t.Errorf("%d flips of %d bytes", flips.Load(), len(b))
	}
	t.Logf("%d bytes, %d flips: %d proven, %d undecided", len(b), flips.Load(), exits[verify.ExitFails].Load(), exits[verify.ExitUndecided].Load())
}

// signedParts marks the bytes of manifest and statement.
func signedParts(b []byte) []bool {
	marks := make([]bool, len(b))
	files := verifytest.Files(b)
	for _, part := range [][]byte{files[pack.SignatureName], []byte("<asic:ASiCManifest")} {
		at := bytes.LastIndex(b, part)
		end := at + len(part)
		if part[0] == '<' {
			end = at + bytes.Index(b[at:], []byte("</asic:ASiCManifest>"))
		}
		for i := at; i < end; i++ {
			marks[i] = true
		}
	}
	return marks
}

func verdictOn(t *testing.T, b []byte, tr verify.Trust) *verify.Verdict {
	v, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), tr, verify.Options{})
	if err != nil {
		t.Errorf("no verdict: %v", err)
		return &verify.Verdict{}
	}
	return v
}

// Whoever changes a byte and makes the container again, manifest included, has
// not the packer's signature.
func TestEveryByteRepacked(t *testing.T) {
	b, tr := smallPackage()
	whole := verifytest.Files(b)
	for name, content := range whole {
		everyByte(t, content, func(t *testing.T, content []byte, i int) {
			if i%37 != len(name)%37 {
				return
			}
			files := maps.Clone(whole)
			content[i] ^= 1 << (i % 8)
			files[name] = bytes.Clone(content)
			content[i] ^= 1 << (i % 8)
			v := verdictOn(t, verifytest.Container(files), tr)
			if v.Exit != verify.ExitFails && v.Exit != verify.ExitUndecided {
				t.Errorf("%s byte %d: exit %d: %s", name, i, v.Exit, v.Sentence)
			}
		})
	}
}

// The same for what a desk is handed: every byte of every file of a dossier. A
// dossier is under no packer's signature, so a byte may make it another one that
// is as good; it must never make the item's history another one.
func TestEveryByteOfADossier(t *testing.T) {
	s := accepted()
	o := s.out()
	files := o.encode(t)
	honest := judge(files, o.trust, o.opts)
	if honest.Exit != verify.ExitHolds {
		t.Fatal(honest.Sentence)
	}
	for name, b := range files {
		everyByte(t, b, func(t *testing.T, b []byte, i int) {
			if i%29 != len(name)%29 && len(b) > 2000 {
				return
			}
			changed := maps.Clone(files)
			b[i] ^= 1 << (i % 8)
			changed[name] = bytes.Clone(b)
			b[i] ^= 1 << (i % 8)
			v := judge(changed, o.trust, o.opts)
			if v.Exit == verify.ExitHolds && !sameHistory(v, honest) {
				t.Errorf("%s byte %d: holds, and tells another history", name, i)
			}
		})
	}
}

func sameHistory(a, b *verify.Verdict) bool {
	x, err := evidence.Canonical(a.Items[0].Timeline)
	if err != nil {
		return false
	}
	y, err := evidence.Canonical(b.Items[0].Timeline)
	return err == nil && bytes.Equal(x, y) && a.Items[0].Item == b.Items[0].Item
}

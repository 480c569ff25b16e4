//go:build courtroom

package verify_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// TestCourtroomCases writes the packages of the tables of cases, of files that are
// none, and one with a larger copy, each with its reader's trust list: for the
// test that a browser prints the verdicts that the tool prints.
func TestCourtroomCases(t *testing.T) {
	dir := os.Getenv("COURTROOM_CASES")
	if dir == "" {
		t.Fatal("COURTROOM_CASES names no folder")
	}
	write := func(name string, b []byte, tr verify.Trust) {
		verifytest.Save(t, filepath.Join(dir, name), b, tr)
	}
	for _, c := range packageCases() {
		if p := c.make(); p.opts.AsOf.IsZero() { // of which the page does not ask
			write(c.name, p.bytes, p.trust)
		}
	}
	good, tr := smallPackage()
	for name, b := range map[string][]byte{
		"whole": good, "empty": nil, "text": []byte("this is no package\n"), "twice": append(bytes.Clone(good), good...),
		"first-half": good[:len(good)/2], "second-half": good[len(good)/2:], "byte-behind": append(bytes.Clone(good), 0), "bomb": bomb(),
	} {
		write("hostile-"+name, b, tr)
	}
	for i := 0; i < len(good); i += len(good) / 20 {
		b := bytes.Clone(good)
		b[i] ^= 1
		write("flipped-"+string(rune('a'+i*20/len(good))), b, tr)
	}
	packages, tr := manySlices()
	for name, b := range packages {
		write("slices-"+name, b, tr)
	}
	packages, tr = large()
	for name, b := range packages {
		write("large-"+name, b, tr)
	}
	write("no-list", good, verify.Trust{})
}

// manySlices is a package with a copy that the page hashes in more slices than it has
// under way at once with two hashers; whole, and changed in the second and the last.
func manySlices() (map[string][]byte, verify.Trust) {
	s := newStage(verifytest.Config{})
	files := []verifytest.File{{Path: "disk.img", Content: bytes.Repeat([]byte("0123456789abcde\n"), 6<<20+1)}}
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	whole := s.w.Package(verifytest.Packing{By: s.ann, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{files}})
	all := map[string][]byte{"whole": whole}
	begins := bytes.Index(whole, files[0].Content[:1000])
	for name, at := range map[string]int{"second-changed": 20 << 20, "last-changed": 96<<20 + 5} {
		b := bytes.Clone(whole)
		b[begins+at] ^= 1
		all[name] = b
	}
	return all, s.w.Trust()
}

// large is a package with copies of several chunks, loose and in bags of either form; whole,
// with a changed copy, and with a damaged checksum.
func large() (map[string][]byte, verify.Trust) {
	s := newStage(verifytest.Config{})
	files := []verifytest.File{
		{Path: "a.bin", Content: bytes.Repeat([]byte("0123456789abcde\n"), 3<<16)},
		{Path: "b.bin", Content: bytes.Repeat([]byte("x"), 9<<20+17)},
		{Path: "c.bin", Content: nil},
		{Path: "d.bin", Content: bytes.Repeat([]byte("y"), 70<<10)},
	}
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	all := map[string][]byte{}
	for name, p := range map[string]verifytest.Packing{"loose": {}, "bag": {Bags: true}, "plain": {Plain: true}} {
		p.By, p.Items, p.Files = s.ann, []*verifytest.Item{s.item}, [][]verifytest.File{files}
		b := s.w.Package(p)
		all[name] = b
		changed := bytes.Clone(b)
		changed[bytes.Index(b, files[1].Content[:1000])+5<<20] ^= 1
		all[name+"-changed"] = changed
	}
	return all, s.w.Trust()
}

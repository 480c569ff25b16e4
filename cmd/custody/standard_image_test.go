package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/intake"
)

// acquired is an image of a medium of 3 MiB, in four segments, made by ewfacquire.
func acquired(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	writeSample(t, filepath.Join(dir, "medium.raw"), medium())
	libewf(t, dir, "ewfacquire", "-u", "-q", "-t", "usb", "-C", "AA-2026-0042", "-D", "usb stick, blue", "-e", "AA-OFF-0404",
		"-E", "E-0017", "-N", "quick acquisition", "-S", "1048576", "-f", "encase6", "-d", "sha1", "medium.raw")
	files := map[string][]byte{}
	for _, name := range []string{"usb.E01", "usb.E02", "usb.E03", "usb.E04"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	return files
}

// medium is the content of a medium that packs badly, the same each time.
func medium() []byte {
	b := make([]byte, 3<<20)
	for r, i := rand.New(rand.NewPCG(1, 2)), 0; i < len(b); i++ {
		b[i] = byte(r.Uint32())
	}
	return b
}

// libewf runs a program of libewf's in a folder and returns what it prints.
func libewf(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is not here, and this test seals an image that it makes: install ewf-tools (Debian: apt-get install ewf-tools; elsewhere libewf's tools)", name)
	}
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// What is read of an image is what libewf's own ewfinfo reads of it, and the digest
// is that of the medium.
func TestImageAsLibewfReadsIt(t *testing.T) {
	dir := t.TempDir()
	for name, b := range acquired(t) {
		writeSample(t, filepath.Join(dir, name), b)
	}
	src, err := evidence.OpenSource(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	found, err := evidence.Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	in := intake.Read(src, found)
	if len(in.Kept) != 1 || len(in.Notes) != 0 {
		t.Fatalf("kept %v, notes %v", in.Kept, in.Notes)
	}
	values := in.Kept[0].Values
	info := libewf(t, dir, "ewfinfo", "usb.E01")
	for name, title := range map[string]string{
		"case": "Case number", "description": "Description", "examiner": "Examiner name", "evidence-number": "Evidence number", "notes": "Notes",
		"system": "Operating system used", "tool-version": "Software version used", "md5": "MD5", "sha1": "SHA1",
	} {
		if want := infoLine(info, title); values[name] != want || want == "" {
			t.Errorf("%s is %q, ewfinfo has %q", name, values[name], want)
		}
	}
	if !strings.Contains(info, "("+values["bytes"]+" bytes)") || values["md5"] != fmt.Sprintf("%x", md5.Sum(medium())) {
		t.Errorf("%v\n%s", values, info)
	}
	if n := fmt.Sprint(in.Fields["segments"]); n != "4" {
		t.Errorf("%s segments", n)
	}
}

// infoLine returns what ewfinfo prints behind a title.
func infoLine(info, title string) string {
	for line := range bytes.Lines([]byte(info)) {
		if rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(title+":")); ok {
			return string(bytes.TrimSpace(rest))
		}
	}
	return ""
}

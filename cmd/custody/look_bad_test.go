package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/ui"
)

// zipOf writes entries with the standard library's zip: what anyone may send.
func zipOf(t *testing.T, method uint16, write func(add func(name string) io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write(func(name string) io.Writer {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zeros writes n zero bytes without holding them.
func zeros(t *testing.T, w io.Writer, n int64) {
	t.Helper()
	if _, err := io.CopyN(w, zeroReader{}, n); err != nil {
		t.Fatal(err)
	}
}

type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// hostileFiles are files that are no package, by what is wrong with them.
func hostileFiles(t *testing.T) map[string][]byte {
	one := func(name string) []byte {
		return zipOf(t, zip.Store, func(add func(string) io.Writer) { fmt.Fprint(add(name), "x") })
	}
	return map[string][]byte{
		"empty":         {},
		"text":          []byte("no zip at all\n"),
		"four bytes":    []byte("PK\x03\x04"),
		"parent":        one("../../outside"),
		"absolute":      one("/etc/outside"),
		"windows":       one(`c:\outside`),
		"line break":    one("a\nb"),
		"bidirectional": one("\u202eexe.txt"),
		"twice": zipOf(t, zip.Store, func(add func(string) io.Writer) {
			fmt.Fprint(add("record/items.jsonl"), "a")
			fmt.Fprint(add("record/items.jsonl"), "b")
		}),
		"bomb": zipOf(t, zip.Deflate, func(add func(string) io.Writer) { zeros(t, add("record/events.jsonl"), 200<<20) }),
		"many": zipOf(t, zip.Store, func(add func(string) io.Writer) {
			for n := range 70_000 {
				add(fmt.Sprint(n))
			}
		}),
		"huge JSON": zipOf(t, zip.Store, func(add func(string) io.Writer) {
			fmt.Fprint(add("mimetype"), "application/vnd.etsi.asic-e+zip")
			zeros(t, add("record/events.jsonl"), 100<<20)
		}),
	}
}

// Whatever is no package is told in three lines with exit code 11, by verify and
// by open, quickly and without taking memory for what the file claims.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	if err := writeWorld(dir); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "trust.note")
	for name, content := range hostileFiles(t) {
		file := filepath.Join(dir, "hostile")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		content = nil
		for _, args := range [][]string{
			{"verify", "--trust", list, file}, {"open", "--trust", list, "--out", filepath.Join(dir, "out"), file},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			code, told := tell(args)
			runtime.ReadMemStats(&after)
			if code != ui.ExitUndecided || len(told) != 3 {
				t.Errorf("%s: %s: exit code %d, %q", name, args[0], code, told)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 32<<20 {
				t.Errorf("%s: %s: %d MiB were taken", name, args[0], taken>>20)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
			t.Fatalf("%s: something was taken out", name)
		}
		if code, told := tell([]string{"inspect", file}); code != ui.ExitOK && len(told) != 3 {
			t.Errorf("%s: inspect: exit code %d, %q", name, code, told)
		}
	}
	for _, escaped := range []string{filepath.Join(dir, "..", "..", "outside"), filepath.Join(dir, "..", "outside"), filepath.Join(dir, "outside")} {
		if _, err := os.Stat(escaped); err == nil {
			t.Errorf("%s was written", escaped)
		}
	}
}

// tell runs the tool in this process and returns the lines on standard error.
func tell(args []string) (code int, lines []string) {
	var out, talk bytes.Buffer
	env := map[string]string{ui.ProgressVariable: "off"}
	code = run(args, ui.Streams{In: strings.NewReader(""), Out: &out, Err: &talk, Getenv: func(k string) string { return env[k] }}, verbs)
	return code, strings.Split(strings.TrimSuffix(talk.String(), "\n"), "\n")
}

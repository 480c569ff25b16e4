package ui

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// names lists a folder, so that nothing left behind goes unnoticed.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func codeIn(err error) Code {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestOutputAppearsWhole(t *testing.T) {
	dir := t.TempDir()
	term, _, _ := screen(Options{})
	path := filepath.Join(dir, "out")
	o, err := term.Output(path, OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) > 0 {
		t.Fatalf("before the first write there is %v", got)
	}
	o.Write([]byte("half"))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the output is there before it is whole")
	}
	o.Write([]byte(" and half"))
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	o.Close()
	if got := read(t, path); got != "half and half" {
		t.Errorf("wrote %q", got)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"out"}) {
		t.Errorf("left behind: %v", got)
	}
	if err := o.Commit(); err == nil {
		t.Error("committed twice")
	}
}

func TestOutputAbandoned(t *testing.T) {
	dir := t.TempDir()
	term, _, _ := screen(Options{})
	path := filepath.Join(dir, "out")
	write(t, path, "old")
	o, err := term.Output(path, OutputOptions{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Write([]byte("new"))
	o.Close()
	o.Close()
	if got := names(t, dir); !slices.Equal(got, []string{"out"}) || read(t, path) != "old" {
		t.Errorf("after a failure there is %v with %q", got, read(t, path))
	}
}

func TestOutputEmpty(t *testing.T) {
	term, _, _ := screen(Options{})
	path := filepath.Join(t.TempDir(), "out")
	o, err := term.Output(path, OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Commit(); err != nil || read(t, path) != "" {
		t.Errorf("an output of no bytes: %v", err)
	}
}

func TestOutputRefuses(t *testing.T) {
	dir := t.TempDir()
	term, _, _ := screen(Options{})
	input := filepath.Join(dir, "in")
	write(t, input, "evidence")
	link, hard := filepath.Join(dir, "link"), filepath.Join(dir, "hard")
	if err := errors.Join(os.Symlink(input, link), os.Link(input, hard)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path string
		opt  OutputOptions
		want Code
	}{
		"there already":           {input, OutputOptions{}, CodeExists},
		"a folder":                {dir, OutputOptions{Force: true}, CodeExists},
		"the input":               {input, OutputOptions{Force: true, Inputs: []string{"other", input}}, CodeSameFile},
		"the input, spelt anew":   {dir + "/./in", OutputOptions{Force: true, Inputs: []string{input}}, CodeSameFile},
		"the input by link":       {link, OutputOptions{Force: true, Inputs: []string{input}}, CodeSameFile},
		"the input by hard link":  {hard, OutputOptions{Force: true, Inputs: []string{input}}, CodeSameFile},
		"a folder that is absent": {filepath.Join(dir, "none", "out"), OutputOptions{}, CodeNotFound},
	} {
		o, err := term.Output(tt.path, tt.opt)
		if o != nil || codeIn(err) != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
	if read(t, input) != "evidence" {
		t.Error("the input was changed")
	}
}

// A file that another process puts there while we write is not replaced.
func TestOutputRace(t *testing.T) {
	dir := t.TempDir()
	term, _, _ := screen(Options{})
	path := filepath.Join(dir, "out")
	o, err := term.Output(path, OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o.Write([]byte("ours"))
	write(t, path, "theirs")
	if err := o.Commit(); codeIn(err) != CodeExists {
		t.Errorf("commit says %v", err)
	}
	o.Close()
	if got := names(t, dir); !slices.Equal(got, []string{"out"}) || read(t, path) != "theirs" {
		t.Errorf("there is %v with %q", got, read(t, path))
	}
}

func TestOutputForce(t *testing.T) {
	dir := t.TempDir()
	term, _, _ := screen(Options{})
	path := filepath.Join(dir, "out")
	write(t, path, "old")
	o, err := term.Output(path, OutputOptions{Force: true, Private: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Write([]byte("new"))
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || read(t, path) != "new" {
		t.Errorf("%v, mode %v", err, info.Mode())
	}
}

func TestOutputStandard(t *testing.T) {
	term, out, _ := screen(Options{})
	o, err := term.Output("-", OutputOptions{Binary: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Write([]byte("bytes"))
	if err := o.Commit(); err != nil || out.String() != "bytes" {
		t.Errorf("%v, wrote %q", err, out)
	}
	if o.Path() != "-" {
		t.Errorf("path is %s", o.Path())
	}
}

func TestOutputDevice(t *testing.T) {
	term, _, _ := screen(Options{})
	o, err := term.Output(os.DevNull, OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if err := o.Commit(); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(os.DevNull)
	if err != nil || info.Mode().IsRegular() {
		t.Error("the device was replaced by a file")
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string][]string{
		"pass show custody":           {"pass", "show", "custody"},
		"  a\t b ":                    {"a", "b"},
		`C:\tools\pass.exe "my key"`:  {`C:\tools\pass.exe`, "my key"},
		`sh -c 'echo "$HOME" | head'`: {"sh", "-c", `echo "$HOME" | head`},
		`a '' b`:                      {"a", "", "b"},
		`a"b c"d`:                     {"ab cd"},
	} {
		got, err := splitWords(in)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "  ", "a 'b", `"`, "''"} {
		if got, err := splitWords(in); err == nil {
			t.Errorf("%s: %q", in, got)
		}
	}
}

// Whatever the words, quoting them one by one brings them back.
func FuzzSplitWords(f *testing.F) {
	f.Add("a b", "c")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.Contains(a+b, "'") || a == "" {
			return
		}
		got, err := splitWords("'" + a + "'\t '" + b + "'")
		if err != nil || !slices.Equal(got, []string{a, b}) {
			t.Fatalf("%q %q came back as %q, %v", a, b, got, err)
		}
	})
}

func TestReadLine(t *testing.T) {
	r := bytes.NewBufferString("one\r\n\ntwo")
	for i, want := range []string{"one\r", "", "two"} {
		if got, err := readLine(r, 10); err != nil || got != want {
			t.Errorf("line %d: %q, %v", i, got, err)
		}
	}
	if _, err := readLine(r, 10); err == nil {
		t.Error("a line after the end")
	}
	if got, _ := readLine(strings.NewReader("0123456789"), 4); got != "0123" {
		t.Errorf("limit: %q", got)
	}
}

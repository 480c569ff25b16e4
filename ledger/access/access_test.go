package access

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/spec"
)

var update = flag.Bool("update", false, "write the vectors anew")

// log returns n lines and their hashes.
func log(t testing.TB, n int) (lines [][]byte, hashes []evidence.Hash) {
	t.Helper()
	var c Chain
	for i := range n {
		b, next, err := c.Next(Line{
			Answer: []string{Given, Refused}[i%2], At: time.Date(2026, 3, 2, 9, 0, i, 0, time.UTC), Call: []string{Event, Item, Log}[i%3],
			Key: evidence.KeyID{1, byte(i)}, Reason: fmt.Sprintf("audit A-%d", i), Subject: evidence.Hash{byte(i)}.String(),
		})
		if err != nil {
			t.Fatal(err)
		}
		c = next
		lines, hashes = append(lines, b), append(hashes, c.Last)
	}
	return lines, hashes
}

func join(lines [][]byte) []byte {
	var b []byte
	for _, l := range lines {
		b = append(append(b, l...), '\n')
	}
	return b
}

func TestVerify(t *testing.T) {
	lines, hashes := log(t, 9)
	v, err := Verify(bytes.NewReader(join(lines)), []evidence.Hash{hashes[6], hashes[2]}, nil)
	if err != nil || v.N != 9 || v.Last != hashes[8] || v.Vouched != 7 {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err := Verify(strings.NewReader(""), nil, nil); err != nil || v.N != 0 {
		t.Errorf("empty: %+v, %v", v, err)
	}
}

// Whatever is done to a log is found: by the chain, or by the ledger's leaf.
func TestVerifyFinds(t *testing.T) {
	lines, hashes := log(t, 5)
	other, _ := log(t, 5)
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"a line taken out": {join(slices.Delete(slices.Clone(lines), 2, 3)), ErrChain},
		"the first one":    {join(lines[1:]), ErrChain},
		"two changed over": {join([][]byte{lines[1], lines[0]}), ErrChain},
		"a line twice":     {join([][]byte{lines[0], lines[0]}), ErrChain},
		"changed":          {bytes.Replace(join(lines), []byte("A-1"), []byte("A-9"), 1), ErrChain},
		"trimmed":          {join(lines[:3]), ErrTrimmed},
		"gone":             {nil, ErrTrimmed},
		"another log":      {join(other), ErrTrimmed},
		"half a line":      {join(lines)[:len(join(lines))-7], ErrLine},
		"a name":           {bytes.Replace(join(lines), []byte("audit A-1"), []byte("audit Zo\u00eb"), 1), ErrLine},
		"long":             {append(bytes.Repeat([]byte("a"), MaxLine+1), '\n'), ErrLine},
		"space":            {append([]byte(" "), join(lines)...), ErrLine},
	} {
		if _, err := Verify(bytes.NewReader(c.b), hashes[4:], nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every byte of a log that the ledger vouches for is bound.
func TestVerifyEveryByte(t *testing.T) {
	lines, hashes := log(t, 3)
	all := join(lines)
	for i := range all {
		b := bytes.Clone(all)
		b[i] ^= 1
		if _, err := Verify(bytes.NewReader(b), hashes[2:], nil); err == nil {
			t.Fatalf("byte %d may be changed", i)
		}
	}
}

func TestNextRefuses(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, l := range []Line{
		{Answer: "maybe", At: at, Call: Event}, {Answer: Given, At: at, Call: "look"}, {Answer: Given, At: at, Call: Event, Reason: "because"},
		{Answer: Given, At: at, Call: Event, Reason: "audit A\n1"}, {Answer: Given, At: at, Call: Event, Subject: "Ann"}, {Answer: Given, At: at.Add(1), Call: Event},
	} {
		if _, _, err := (Chain{}).Next(l); !errors.Is(err, ErrLine) {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// The vectors: log.jsonl is the access log, vouched.txt the ledger's hashes.
func TestVectors(t *testing.T) {
	names, err := fs.Glob(spec.Vectors, "vectors/access-*.txtar")
	if err != nil || len(names) < 4 {
		t.Fatalf("%d vectors, %v", len(names), err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		want := map[string]error{"holds": nil, "fails:line": ErrLine, "fails:chain": ErrChain, "fails:trimmed": ErrTrimmed}
		_, expect, _ := strings.Cut(string(a.Comment), "expect: ")
		expect, _, _ = strings.Cut(expect, "\n")
		var vouched []evidence.Hash
		for _, s := range strings.Fields(string(a.Files[1].Data)) {
			h, err := evidence.ParseHash(s)
			if err != nil {
				t.Fatal(err)
			}
			vouched = append(vouched, h)
		}
		target, known := want[expect]
		if _, err := Verify(bytes.NewReader(a.Files[0].Data), vouched, nil); !known || !errors.Is(err, target) {
			t.Errorf("%s: %v, want %s", name, err, expect)
		}
	}
}

func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	lines, hashes := log(t, 4)
	write := func(name, comment, expect string, lines [][]byte) {
		a := &txtar.Archive{Comment: []byte("Access log (spec/node.md): " + comment + "\nexpect: " + expect + "\n\n"), Files: []txtar.File{
			{Name: "log.jsonl", Data: join(lines)}, {Name: "vouched.txt", Data: []byte(hashes[1].String() + "\n" + hashes[3].String() + "\n")},
		}}
		if err := os.WriteFile(filepath.Join("..", "..", "spec", "vectors", "access-"+name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("whole", "four lines, the ledger vouches for the second and the last.", "holds", lines)
	write("bad-line-gone", "the third line is not there.", "fails:chain", slices.Delete(slices.Clone(lines), 2, 3))
	write("bad-trimmed", "the last line is not there.", "fails:trimmed", lines[:3])
	write("bad-changed", "the reason in the first line is another one.", "fails:chain",
		append([][]byte{bytes.Replace(lines[0], []byte("A-0"), []byte("A-7"), 1)}, lines[1:]...))
	write("bad-reason", "a reason in free words.", "fails:line",
		append([][]byte{bytes.Replace(lines[0], []byte("audit A-0"), []byte("I know the suspect"), 1)}, lines[1:]...))
}

func FuzzParse(f *testing.F) {
	lines, _ := log(f, 2)
	f.Add(lines[0])
	f.Add(lines[1])
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrLine) {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := evidence.Canonical(l); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q is written %q, %v", b, again, err)
		}
	})
}

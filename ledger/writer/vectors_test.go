package writer

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write the vectors that the tables make")

// vectorSecret is the key of the log in the vectors; it protects nothing.
const vectorSecret = "PRIVATE+KEY+aa.example/ledger+2e0e58a5+AUN1c3RvZHkgdmVjdG9ycywgbm90IGEgc2VjcmV0ISEh"

// vector is one txtar file of spec/vectors.
type vector struct {
	name, want, says string
	files            map[string]string
}

func vectors(t *testing.T, prefix string) (list []vector) {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, path.Join("vectors", prefix+"*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors %s*: %v", prefix, err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		want, _, _ := strings.Cut(strings.TrimPrefix(string(a.Comment), "expect: "), "\n")
		v := vector{name: strings.TrimSuffix(path.Base(name), ".txtar"), want: want, files: map[string]string{}}
		for _, f := range a.Files {
			v.files[f.Name] = string(f.Data)
		}
		list = append(list, v)
	}
	return list
}

// open opens a writer on the log of a vector, whose only cosigner last recorded the
// vector's note.
func (v vector) open(t *testing.T) (*world, *Writer) {
	t.Helper()
	w := newWorld(t).cosigned()
	signer, errS := note.NewSigner(vectorSecret)
	verifier, errV := note.NewVerifier(strings.TrimSuffix(v.files["log.vkey"], "\n"))
	if err := errors.Join(errS, errV); err != nil {
		t.Fatal(err)
	}
	w.key.Signer, w.vkey = signer, verifier
	for line := range strings.Lines(v.files["leaves.hex"]) {
		b, err := hex.DecodeString(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		w.disk.Force(ledger.Leaf(b))
	}
	if n := v.files["cosigner.note"]; n != "" {
		w.cosigners[0] = &stubCosigner{Cosigner: w.cosigners[0], latest: func() ([]byte, error) { return []byte(n), nil }}
	}
	return w, w.open()
}

// A start vector is a log and what one of its cosigners has recorded of it: whether
// the log may be written (rule P21).
func TestStartVectors(t *testing.T) {
	for _, v := range vectors(t, "start-") {
		t.Run(v.name, func(t *testing.T) {
			_, out := v.open(t)
			got := "holds"
			if _, err := out.Submit(t.Context(), ledgertest.Event(100)); errors.Is(err, ErrBehind) {
				got = "fails:start.behind"
			} else if err != nil {
				t.Fatal(err)
			}
			if got != v.want {
				t.Errorf("got %s, want %s", got, v.want)
			}
		})
	}
}

// A retry vector is a log and a leaf submitted to it: it is accepted at an index, or
// refused with the index of the winner (rules P11, P20).
func TestRetryVectors(t *testing.T) {
	for _, v := range vectors(t, "retry-") {
		t.Run(v.name, func(t *testing.T) {
			w, out := v.open(t)
			before := out.Size()
			b, err := hex.DecodeString(strings.TrimSuffix(v.files["leaf.hex"], "\n"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := out.Submit(t.Context(), ledger.Leaf(b))
			if err != nil {
				t.Fatal(err)
			}
			got, index := "holds", r[0].Index
			var twice *ledger.ClosedError
			if errors.As(r[0].Refused, &twice) {
				got, index = "fails:seal.closed", twice.Index
			}
			if want := strings.TrimSuffix(v.files["index.txt"], "\n"); got != v.want || strconv.FormatUint(index, 10) != want {
				t.Errorf("got %s at %d, want %s at %s", got, index, v.want, want)
			}
			if grown := out.Size() > before; grown != (v.files["appended.txt"] == "yes\n") {
				t.Errorf("the log grew from %d to %d leaves", before, out.Size())
			}
			w.verify()
		})
	}
}

// TestUpdate writes the vectors, when asked to. One once released never changes; new
// ones stand beside it.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	signer, err := note.NewSigner(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range append(startVectors(t, signer), retryVectors(t)...) {
		a := &txtar.Archive{Comment: fmt.Appendf(nil, "expect: %s\n%s\n", v.want, v.says)}
		for _, name := range []string{"log.vkey", "leaves.hex", "cosigner.note", "leaf.hex", "index.txt", "appended.txt"} {
			if c, ok := v.files[name]; ok {
				a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(c)})
			}
		}
		if err := os.WriteFile(filepath.Join("..", "..", "spec", "vectors", v.name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// logOf returns what a writer makes of two batches of events.
func logOf(t *testing.T) (*world, map[string]string) {
	t.Helper()
	w := newWorld(t)
	out := w.open()
	for _, b := range [][]ledger.Leaf{ledgertest.Events(0, 2), ledgertest.Events(2, 5)} {
		if _, err := out.Submit(t.Context(), b...); err != nil {
			t.Fatal(err)
		}
	}
	text := ""
	for l, err := range w.log.Leaves(context.Background(), 0, out.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%x\n", l[:])
	}
	return w, map[string]string{"leaves.hex": text, "log.vkey": "aa.example/ledger+2e0e58a5+AYbRMnIsxeFrBa7n99YEo6DMiTLfeQfKXGEgU4xJTqqR\n"}
}

func startVectors(t *testing.T, signer note.Signer) (list []vector) {
	w, files := logOf(t)
	at := func(size uint64) ledger.Checkpoint {
		c, err := ledger.CheckpointOf(testOrigin, size, w.log.Hashes(context.Background(), 7))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	v := func(name, want, says string, c ledger.Checkpoint) {
		signed, err := c.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, vector{"start-" + name, want, says + " (rule P21).", map[string]string{
			"log.vkey": files["log.vkey"], "leaves.hex": files["leaves.hex"], "cosigner.note": string(signed)}})
	}
	other := func(c ledger.Checkpoint) ledger.Checkpoint { c.Root[0] ^= 1; return c }
	v("same", "holds", "The cosigner has seen all that is here", at(7))
	v("earlier", "holds", "The cosigner has seen an earlier tree of this ledger", at(3))
	v("bad-ahead", "fails:start.behind", "The cosigner has seen more: an old copy of the ledger was put back", ledger.Checkpoint{Origin: testOrigin, Size: 8, Root: evidence.Hash{1}})
	v("bad-different", "fails:start.behind", "The cosigner has seen another tree of this size", other(at(7)))
	v("bad-different-earlier", "fails:start.behind", "The cosigner has seen another beginning", other(at(3)))
	return list
}

func retryVectors(t *testing.T) (list []vector) {
	_, files := logOf(t)
	v := func(name, want, says string, l ledger.Leaf, index int, appended string) {
		list = append(list, vector{"retry-" + name, want, says, map[string]string{
			"log.vkey": files["log.vkey"], "leaves.hex": files["leaves.hex"], "leaf.hex": fmt.Sprintf("%x\n", l[:]),
			"index.txt": fmt.Sprintln(index), "appended.txt": appended + "\n"}})
	}
	v("new", "holds", "A leaf that closes an unbroken seal goes behind all others.", ledgertest.Event(9), 7, "yes")
	v("same", "holds", "The same leaf again: its own index, and nothing is appended (rule P20).", ledgertest.Event(3), 4, "no")
	v("bad-other", "fails:seal.closed", "Another leaf for a closed seal: refused with the index of the winner (rules P11, P20).", ledgertest.Rival(3, 1), 4, "no")
	return list
}

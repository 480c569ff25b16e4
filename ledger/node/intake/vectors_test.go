package intake

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/spec"
	"example.org/custody/verify/verifytest"
)

var update = flag.Bool("update", false, "write the vectors anew")

// judged says what form and commitment of a submission come to: steps 1 and 2.
func judged(b []byte) string {
	s, err := wire.ParseSubmission(b)
	if err != nil {
		return "fails:form"
	}
	for _, e := range s.Events {
		if _, r := open(e); r != nil {
			return "fails:" + r.Code
		}
	}
	return "holds"
}

func TestVectors(t *testing.T) {
	names, err := fs.Glob(spec.Vectors, "vectors/node-*.txtar")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d vectors, %v", len(names), err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		_, want, _ := strings.Cut(string(a.Comment), "expect: ")
		want, _, _ = strings.Cut(want, "\n")
		if got := judged(bytes.TrimSuffix(a.Files[0].Data, []byte("\n"))); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	of := func(x *verifytest.Event) wire.Event {
		raw, err := evidence.Canonical(x.Record.View(nil))
		if err != nil {
			t.Fatal(err)
		}
		return wire.Event{Envelope: x.Envelope, Leaf: wire.HexLeaf(x.Leaf), Record: raw, Salt: x.Salt, SealKey: evidence.Hash(x.SealKey)}
	}
	one, other := of(ann.Collect(thing()).Events[0]), of(ann.Collect(verifytest.Record{Fields: map[string]any{"description": "another"}}).Events[0])
	write := func(name, comment, expect string, change func(e *wire.Event)) {
		e := one
		change(&e)
		b, err := (&wire.Submission{Events: []wire.Event{e}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		a := &txtar.Archive{
			Comment: []byte("Submission (spec/node.md), form and commitment: " + comment + "\nThe last line feed of submission.json is not one of its bytes.\nexpect: " + expect + "\n\n"),
			Files:   []txtar.File{{Name: "submission.json", Data: append(b, '\n')}},
		}
		if err := os.WriteFile(filepath.Join("..", "..", "..", "spec", "vectors", "node-"+name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("submission", "one event that fits together.", "holds", func(*wire.Event) {})
	write("bad-leaf", "the leaf stated is another one.", "fails:leaf", func(e *wire.Event) { e.Leaf[96] ^= 1 })
	write("bad-salt", "the salt is not that of the leaf.", "fails:leaf", func(e *wire.Event) { e.Salt[0] ^= 1 })
	write("bad-seal-key", "the key is of another seal, and the leaf is made of it.", "fails:leaf", func(e *wire.Event) { e.SealKey[0] ^= 1; e.Leaf = wire.HexLeaf(e.Recompute()) })
	write("bad-record", "the record is of another event.", "fails:record", func(e *wire.Event) { e.Record = other.Record })
	write("bad-envelope", "the envelope has a line feed at its end.", "fails:event", func(e *wire.Event) {
		e.Envelope = append(bytes.Clone(e.Envelope), '\n')
		e.Leaf = wire.HexLeaf(e.Recompute())
	})
}

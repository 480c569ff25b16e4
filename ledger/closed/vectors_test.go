package closed

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the vectors that the tables make")

// vector is one txtar file of spec/vectors; files are name, content, name, content …
type vector struct {
	name, want, says string
	files            []string
}

func (v vector) file(name string) string {
	for i := 0; i < len(v.files); i += 2 {
		if v.files[i] == name {
			return strings.TrimSuffix(v.files[i+1], "\n")
		}
	}
	return ""
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
		want, says, _ := strings.Cut(strings.TrimPrefix(string(a.Comment), "expect: "), "\n")
		v := vector{name: strings.TrimSuffix(path.Base(name), ".txtar"), want: want, says: says}
		for _, f := range a.Files {
			v.files = append(v.files, f.Name, string(f.Data))
		}
		list = append(list, v)
	}
	return list
}

// TestUpdate writes the vectors, when asked to. One once released never changes; new
// ones stand beside it.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	for _, v := range append(epochVectors(t), closedVectors(t)...) {
		a := &txtar.Archive{Comment: fmt.Appendf(nil, "expect: %s\n%s\n", v.want, v.says)}
		for i := 0; i < len(v.files); i += 2 {
			a.Files = append(a.Files, txtar.File{Name: v.files[i], Data: []byte(v.files[i+1])})
		}
		if err := os.WriteFile(filepath.Join("..", "..", "spec", "vectors", v.name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// An epoch vector is a whole log, one leaf a line; it is read as an auditor reads it.
func TestEpochVectors(t *testing.T) {
	for _, v := range vectors(t, "epoch-") {
		t.Run(v.name, func(t *testing.T) {
			disk := ledgertest.NewDisk(testOrigin)
			for line := range strings.Lines(v.file("leaves.hex") + "\n") {
				b, err := hex.DecodeString(strings.TrimSuffix(line, "\n"))
				if err != nil || len(b) != ledger.LeafSize {
					t.Fatalf("leaf %q: %v", line, err)
				}
				disk.Force(ledger.Leaf(b))
			}
			log, err := disk.Open()
			if err != nil {
				t.Fatal(err)
			}
			m := New(testOrigin)
			if got := replayAnswer(t, m.Replay(t.Context(), log), v.file("index.txt")); got != v.want {
				t.Fatalf("got %s, want %s", got, v.want)
			}
			if v.want == "holds" {
				if m.Root().String() != v.file("root.hex") {
					t.Errorf("the map has the root %s", m.Root())
				}
				if _, err := ledgertest.Verify(t.Context(), log); err != nil {
					t.Errorf("read by the definition: %v", err)
				}
			}
		})
	}
}

var faults = map[EpochFault]string{CoversTooMuch: "ahead", CoversLess: "back", WrongLink: "link", WrongRoot: "root"}

// replayAnswer says what is wrong with a log, in the words of the vectors; index is
// where.
func replayAnswer(t *testing.T, err error, index string) string {
	t.Helper()
	if err == nil {
		return "holds"
	}
	var bad *LeafError
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	if fmt.Sprint(bad.Index) != index {
		t.Errorf("the fault is found at %d, not at %s", bad.Index, index)
	}
	var twice *ledger.ClosedError
	var epoch *EpochError
	switch {
	case errors.Is(err, ledger.ErrLeafForm):
		return "fails:leaf.form"
	case errors.As(err, &twice):
		return "fails:seal.twice"
	case errors.As(err, &epoch):
		return "fails:epoch." + faults[epoch.Fault]
	}
	t.Fatal(err)
	return ""
}

// epochVectors are logs of three batches, and what can be wrong with the last one.
func epochVectors(t *testing.T) (list []vector) {
	m := New(testOrigin)
	var text string
	add := func(l ledger.Leaf) {
		if err := m.Add(l); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%x\n", l[:])
	}
	for n := range 6 {
		add(testEvent(n))
		if n%3 == 2 {
			add(m.NextEpoch().Leaf())
		}
	}
	list = append(list, vector{"epoch-batches", "holds", "Two batches of three events, an epoch directly behind each (rules P1, P22).",
		[]string{"leaves.hex", text, "root.hex", m.Root().String() + "\n"}})
	for n := 6; n < 8; n++ {
		add(testEvent(n))
	}
	good := m.NextEpoch()
	index := fmt.Sprintln(good.Covered)
	bad := func(name, check, says string, l ledger.Leaf) {
		list = append(list, vector{"epoch-bad-" + name, "fails:" + check, says, []string{"leaves.hex", text + fmt.Sprintf("%x\n", l[:]), "index.txt", index}})
	}
	with := func(edit func(*ledger.Epoch)) ledger.Leaf { e := good; edit(&e); return e.Leaf() }
	bad("root", "epoch.root", "The root is not that of the seals covered (rule P1).", with(func(e *ledger.Epoch) { e.Root[31] ^= 1 }))
	bad("root-before", "epoch.root", "The root is that of the epoch before: the last two closes are left out (rules P1, P11).", with(func(e *ledger.Epoch) { e.Root = m.last.Root }))
	bad("ahead", "epoch.ahead", "It covers a leaf that is not before it (rule P1).", with(func(e *ledger.Epoch) { e.Covered++ }))
	bad("back", "epoch.back", "It covers less than the epoch before (rule P1).", with(func(e *ledger.Epoch) { e.Covered = 2 }))
	bad("link-none", "epoch.link", "It names no epoch before it, and there is one (rule P22).", with(func(e *ledger.Epoch) { e.Previous = ledger.NoEpoch }))
	bad("link-event", "epoch.link", "What it names as the epoch before is an event (rule P22).", with(func(e *ledger.Epoch) { e.Previous = 4 }))
	bad("link-older", "epoch.link", "It passes over the epoch before (rule P22).", with(func(e *ledger.Epoch) { e.Previous = 3 }))
	bad("seal-twice", "seal.twice", "A seal is closed a second time, by another leaf (rule P11).", ledger.EventLeaf(testKey(1), [32]byte{2}, []byte("another")))
	bad("seal-twice-same", "seal.twice", "A seal is closed a second time, by the same leaf; that makes no difference (rule P11).", testEvent(1))
	bad("form", "leaf.form", "A leaf of no known type (rule P22).", ledger.Leaf{9})
	lag := with(func(e *ledger.Epoch) { e.Covered-- })
	bad("root-lag", "epoch.root", "It covers one leaf less, and has the root of all (rule P1).", lag)
	before := m.Snapshot()
	if err := m.remove(testKey(7).Seal()); err != nil {
		t.Fatal(err)
	}
	lagging := ledger.Epoch{Covered: good.Covered - 1, Root: m.Root(), Previous: good.Previous}.Leaf()
	m.Rollback(before)
	return append(list, vector{"epoch-lag", "holds", "The last epoch covers one leaf less than stands before it, which is allowed (rule P1).",
		[]string{"leaves.hex", text + fmt.Sprintf("%x\n", lagging[:]), "root.hex", m.Root().String() + "\n"}})
}

// A vector of the map is a proof about one seal under a root; leaf.hex is there when
// the seal is shown to be closed.
func TestClosedVectors(t *testing.T) {
	for _, v := range vectors(t, "closed-") {
		t.Run(v.name, func(t *testing.T) {
			if got := proofAnswer(t, v); got != v.want {
				t.Errorf("got %s, want %s", got, v.want)
			}
		})
	}
}

func proofAnswer(t *testing.T, v vector) string {
	t.Helper()
	p, err := ParseProof([]byte(v.file("proof.json")))
	if err != nil {
		if !errors.Is(err, ErrProofForm) {
			t.Error(err)
		}
		return "fails:closed.form"
	}
	if again, err := p.MarshalJSON(); err != nil || string(again) != v.file("proof.json") {
		t.Errorf("marshalled again: %s, %v", again, err)
	}
	root, errRoot := evidence.ParseHash(v.file("root.hex"))
	seal, errSeal := evidence.ParseHash(v.file("seal.hex"))
	if err := errors.Join(errRoot, errSeal); err != nil {
		t.Fatal(err)
	}
	if leaf := v.file("leaf.hex"); leaf != "" {
		h, err := evidence.ParseHash(leaf)
		if err != nil {
			t.Fatal(err)
		}
		err = p.VerifyClosed(root, evidence.Seal(seal), h)
		return proofResult(t, err)
	}
	return proofResult(t, p.VerifyUnbroken(root, evidence.Seal(seal)))
}

func proofResult(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "holds"
	}
	if !errors.Is(err, ErrProof) {
		t.Error(err)
	}
	return "fails:closed.proof"
}

func closedVectors(t *testing.T) (list []vector) {
	m := New(testOrigin)
	for n := range 20 {
		if err := m.Add(testEvent(n)); err != nil {
			t.Fatal(err)
		}
	}
	json := func(p Proof) string {
		b, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	prove := func(m *Map, n int) Proof {
		p, err := m.Prove(testKey(n).Seal())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	v := func(name, want, says, proof string, root evidence.Hash, n int, leaf ...evidence.Hash) {
		files := []string{"root.hex", root.String() + "\n", "seal.hex", testKey(n).Seal().String() + "\n", "proof.json", proof}
		for _, l := range leaf {
			files = append(files, "leaf.hex", l.String()+"\n")
		}
		list = append(list, vector{"closed-" + name, want, says, files})
	}
	const no = "fails:closed.proof"
	one := New(testOrigin)
	if err := one.Add(testEvent(3)); err != nil {
		t.Fatal(err)
	}
	root, closed3, open := m.Root(), prove(m, 3), prove(m, 50)
	edit := func(p Proof, f func(*Proof)) string {
		p.Path = append([]Step{}, p.Path...)
		reached := *p.Reached
		p.Reached = &reached
		f(&p)
		return json(p)
	}
	v("member", "holds", "A seal is closed, and by which leaf (rule P11).", json(closed3), root, 3, testEvent(3).Hash())
	v("unbroken", "holds", "A seal is unbroken: the only one that could stand in its place is another (rule P1).", json(open), root, 50)
	v("empty", "holds", "In the empty map every seal is unbroken.", json(Proof{}), New(testOrigin).Root(), 3)
	v("one-member", "holds", "The only seal of a map.", json(prove(one, 3)), one.Root(), 3, testEvent(3).Hash())
	v("one-unbroken", "holds", "Any other seal beside the only one of a map.", json(prove(one, 4)), one.Root(), 4)
	v("bad-closed-called-unbroken", no, "A closed seal is called unbroken: history would be shortened (rules P1, P11).", json(closed3), root, 3)
	v("bad-other-leaf", no, "The seal is closed by another leaf than is said (rule P11).", json(closed3), root, 3, testEvent(4).Hash())
	v("bad-unbroken-called-closed", no, "An unbroken seal is called closed.", json(open), root, 50, testEvent(3).Hash())
	v("bad-elsewhere", no, "The place that the proof shows is not that of the seal: it is closed elsewhere in the map.", json(open), root, 3)
	v("bad-root", no, "The root is that of an older map.", json(closed3), one.Root(), 3, testEvent(3).Hash())
	v("bad-empty", no, "The map is not empty.", json(Proof{}), root, 50)
	v("bad-hash", no, "One hash has changed.", edit(open, func(p *Proof) { p.Path[1].Other[0] ^= 1 }), root, 50)
	v("bad-step-missing", no, "One node is left out.", edit(open, func(p *Proof) { p.Path = p.Path[1:] }), root, 50)
	v("bad-bits-fall", no, "The bits do not rise.", edit(open, func(p *Proof) { p.Path[0], p.Path[1] = p.Path[1], p.Path[0] }), root, 50)
	v("bad-value", no, "Another leaf stands with the seal reached.", edit(open, func(p *Proof) { p.Reached.Leaf[0] ^= 1 }), root, 50)
	v("bad-space", "fails:closed.form", "There is a space in the JSON.", strings.Replace(json(open), ":", ": ", 1), root, 50)
	v("bad-key-alone", "fails:closed.form", "A key without a value.", `{"key":"`+testKey(3).Seal().String()+"\",\"path\":\"\"}\n", root, 50)
	v("bad-half-step", "fails:closed.form", "The path ends within a step.", strings.Replace(json(Proof{}), `""`, `"AAAA"`, 1), root, 50)
	return list
}

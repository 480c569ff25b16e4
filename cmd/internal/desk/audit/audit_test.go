package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/inspect"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// liar is a ledger in a folder whose leaves and checkpoints a test chooses.
type liar struct {
	t      *testing.T
	dir    string
	signer note.Signer
	root   Root
	vkey   string
}

func newLiar(t *testing.T, leaves ...ledger.Leaf) *liar {
	t.Helper()
	skey, vkey, err := trust.GenerateKey("aa.example/ledger")
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, dir: filepath.Join(ledgertest.Folder(t), "ledger"), vkey: vkey.String()}
	if l.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	if l.root, err = RootByKey(l.vkey); err != nil {
		t.Fatal(err)
	}
	l.write(leaves)
	return l
}

// again is another history under the same key.
func (l *liar) again(leaves ...ledger.Leaf) *liar {
	l.t.Helper()
	other := *l
	other.dir = filepath.Join(ledgertest.Folder(l.t), "ledger")
	other.write(leaves)
	return &other
}

func (l *liar) write(leaves []ledger.Leaf) {
	t := l.t
	t.Helper()
	if err := tesseralog.Create(t.Context(), l.dir, l.signer); err != nil {
		t.Fatal(err)
	}
	log, err := tesseralog.Open(t.Context(), l.dir, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), leaves); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func (l *liar) audit(notes ...string) *Result {
	l.t.Helper()
	got, err := Ledger(l.t.Context(), Task{Dir: l.dir, Root: l.root, Notes: notes})
	if err != nil {
		l.t.Fatal(err)
	}
	return got
}

// note writes a checkpoint that the ledger signs, true or not.
func (l *liar) note(c ledger.Checkpoint) string {
	l.t.Helper()
	b, err := c.Sign(l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.file(b)
}

func (l *liar) file(b []byte) string {
	l.t.Helper()
	path := filepath.Join(l.t.TempDir(), "file")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		l.t.Fatal(err)
	}
	return path
}

// events are leaves with the epoch that covers them.
func events(t *testing.T, n uint64, spoil func(*ledger.Epoch)) []ledger.Leaf {
	t.Helper()
	m := closed.New("aa.example/ledger")
	leaves := ledgertest.Events(0, n)
	for _, leaf := range leaves {
		if err := m.Add(leaf); err != nil {
			t.Fatal(err)
		}
	}
	e := m.NextEpoch()
	spoil(&e)
	return append(leaves, e.Leaf())
}

func honest(*ledger.Epoch) {}

func TestLedger(t *testing.T) {
	l := newLiar(t, events(t, 600, honest)...)
	got := l.audit()
	if got.Status != verify.Holds || got.Size != 601 || got.Seals != 600 || got.Alarm != nil || got.Rate <= 0 {
		t.Errorf("%+v", got)
	}
}

// Every way to be caught gives a file that convinces by itself, with the key alone.
func TestAlarms(t *testing.T) {
	for name, leaves := range map[string][]ledger.Leaf{
		"form":         append(events(t, 5, honest), ledger.Leaf{7}),
		"second-close": append(events(t, 300, honest), ledgertest.Rival(3, 1)),
		"epoch-root":   events(t, 5, func(e *ledger.Epoch) { e.Root[0] ^= 1 }),
		"epoch-ahead":  events(t, 5, func(e *ledger.Epoch) { e.Covered++ }),
		"epoch-link":   events(t, 5, func(e *ledger.Epoch) { e.Previous = 2 }),
	} {
		l := newLiar(t, leaves...)
		got := l.audit()
		if got.Status != verify.Fails || got.Alarm == nil {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		l.proves(name, got)
	}
}

func (l *liar) proves(kind string, got *Result) {
	l.t.Helper()
	path := l.file(got.Alarm)
	p, err := CheckAlarm(path, l.root)
	if err != nil || string(p.Kind) != kind || p.What != got.What {
		l.t.Errorf("%s: %+v, %v", kind, p, err)
	}
	if _, err := CheckAlarm(path, newLiar(l.t, ledgertest.Event(0)).root); !errors.Is(err, ErrAlarm) {
		l.t.Errorf("%s, under another key: %v", kind, err)
	}
	if i, err := inspect.Look(path); err != nil || i.Kind != "alarm" {
		l.t.Errorf("%s: inspected as %+v, %v", kind, i, err)
	}
}

func TestAgainstNotes(t *testing.T) {
	l := newLiar(t, events(t, 9, honest)...)
	r, _, err := tesseralog.Find(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	at := func(size uint64) ledger.Checkpoint {
		c, err := ledger.CheckpointOf("aa.example/ledger", size, r.Hashes(t.Context(), 10))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if got := l.audit(l.note(at(4)), l.note(at(10)), l.note(at(0))); got.Status != verify.Holds {
		t.Errorf("its own earlier trees: %+v", got)
	}
	fork, split := at(4), at(10)
	fork.Root, split.Root = evidence.Hash{1}, evidence.Hash{1}
	l.proves("fork", l.audit(l.note(at(4)), l.note(fork)))
	l.proves("split", l.audit(l.note(split)))
	later := at(10)
	later.Size++
	for name, file := range map[string]string{
		"of a larger tree": l.note(later), "of another key": newLiar(t, ledgertest.Event(0)).note(at(4)), "no checkpoint": l.file([]byte("x\n")),
	} {
		if got := l.audit(file); got.Status != verify.Undecided || got.Alarm != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := Ledger(t.Context(), Task{Dir: l.dir, Root: l.root, Notes: []string{"absent"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A copy whose bytes changed on the way proves nothing against the ledger.
func TestDamage(t *testing.T) {
	l := newLiar(t, events(t, 300, honest)...)
	bundle := filepath.Join(tesseralog.TilesDir(l.dir), "tile", "entries", "000")
	b, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"one bit": flipped(b, 500), "cut short": b[:len(b)/2], "an entry's length": flipped(b, 1)} {
		if err := os.WriteFile(bundle, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := l.audit(); got.Status != verify.Undecided || got.Alarm != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func TestCheckAlarmRefuses(t *testing.T) {
	l := newLiar(t, ledgertest.Event(0))
	for _, bad := range []string{"", "{}", "x", `{"format":"custody/alarm/v1","kind":"form","notes":[],"ranges":[]}`,
		`{"format":"custody/alarm/v1","kind":"form","notes":["x"],"ranges":[]}`} {
		if _, err := CheckAlarm(l.file([]byte(bad)), l.root); !errors.Is(err, ErrAlarm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := RootByKey("nonsense"); !errors.Is(err, trust.ErrVKey) {
		t.Errorf("no key: %v", err)
	}
	if _, err := Ledger(t.Context(), Task{Dir: t.TempDir(), Root: l.root}); !errors.Is(err, ErrNone) {
		t.Errorf("no ledger: %v", err)
	}
}

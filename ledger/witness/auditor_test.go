package witness

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
)

// fill writes some batches as a writer does, and an epoch that lags.
func (l *testLog) fill() {
	l.t.Helper()
	for n := uint64(0); n < 40; n += 8 {
		l.add(ledgertest.Events(n, n+8)...)
		l.epoch()
	}
	l.add(ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1}), ledger.HashLeaf(ledger.TypeCheckpoint, evidence.Hash{2}))
}

func TestAuditor(t *testing.T) {
	l := newLog(t)
	a, key := newAuditor(t, l, &Memory{})
	for range 3 {
		l.mustCosign(a, key)
		n := l.size
		l.add(ledgertest.Events(n, n+chunk/2)...)
		l.epoch()
	}
	l.mustCosign(a, key)
	if got := a.maps[testOrigin].Root(); got != l.m.Root() {
		t.Fatal("the auditor's map has another root than the log's")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// breach is something that a log must not do, and the alarm it gives.
type breach struct {
	kind Kind
	bad  func(*testLog)
}

func wrongRoot(l *testLog, covered uint64) ledger.Leaf {
	e := l.m.NextEpoch()
	e.Covered, e.Root = covered, evidence.Hash{0xff}
	return e.Leaf()
}

// breaches are the rules that a log can break, where it is first broken: behind what
// [testLog.fill] writes.
var breaches = map[string]breach{
	"unknown type":            {Form, func(l *testLog) { l.force(ledger.Leaf{7}) }},
	"unused byte":             {Form, func(l *testLog) { l.force(ledger.Leaf{6, 0, 1}) }},
	"closed twice":            {SecondClose, func(l *testLog) { l.force(ledgertest.Rival(3, 1)) }},
	"the same leaf twice":     {SecondClose, func(l *testLog) { l.force(ledgertest.Event(3)) }},
	"twice in one batch":      {SecondClose, func(l *testLog) { l.force(ledgertest.Rival(50, 1), ledgertest.Rival(50, 2)) }},
	"covers what comes":       {EpochAhead, func(l *testLog) { e := l.m.NextEpoch(); e.Covered += 1; l.force(e.Leaf()) }},
	"covers less":             {EpochBack, func(l *testLog) { e := l.m.NextEpoch(); e.Covered = 2; l.force(e.Leaf()) }},
	"names none":              {EpochLink, func(l *testLog) { e := l.m.NextEpoch(); e.Previous = ledger.NoEpoch; l.force(e.Leaf()) }},
	"names an older one":      {EpochLink, func(l *testLog) { e := l.m.NextEpoch(); e.Previous = 8; l.force(e.Leaf()) }},
	"names an event":          {EpochLink, func(l *testLog) { e := l.m.NextEpoch(); e.Previous = 3; l.force(e.Leaf()) }},
	"names a later leaf":      {EpochLink, func(l *testLog) { e := l.m.NextEpoch(); e.Previous = l.size - 1; l.force(e.Leaf()) }},
	"names itself":            {EpochLink, func(l *testLog) { e := l.m.NextEpoch(); e.Previous = l.size; l.force(e.Leaf()) }},
	"wrong root":              {EpochRoot, func(l *testLog) { l.force(wrongRoot(l, l.size)) }},
	"wrong root after events": {EpochRoot, func(l *testLog) { l.add(ledgertest.Events(60, 70)...); l.force(wrongRoot(l, l.size)) }},
	"wrong root behind":       {EpochRoot, func(l *testLog) { l.add(ledgertest.Events(60, 70)...); l.force(wrongRoot(l, l.size-4)) }},
	"root without new leaves": {EpochRoot, func(l *testLog) { l.epoch(); l.force(wrongRoot(l, l.size-1)) }},
}

// Every breach is noticed, and proven to others, whether the auditor has read what
// was before it or not.
func TestAuditorAlarms(t *testing.T) {
	for name, c := range breaches {
		t.Run(name, func(t *testing.T) {
			for _, seen := range []bool{true, false} {
				l := newLog(t)
				a, key := newAuditor(t, l, &Memory{})
				l.fill()
				if seen {
					l.mustCosign(a, key)
				}
				c.bad(l)
				l.force(ledgertest.Events(100, 103)...)
				_, err := l.cosign(a)
				alarm := l.mustAlarm(a, err, c.kind)
				noneMoreThanItProves(t, l, alarm)
			}
		})
	}
}

// The first epoch of a log has none before it.
func TestAuditorAlarmsFirstEpoch(t *testing.T) {
	for name, c := range map[string]struct {
		kind Kind
		edit func(*ledger.Epoch)
	}{
		"wrong root":     {EpochRoot, func(e *ledger.Epoch) { e.Root[0]++ }},
		"names an event": {EpochLink, func(e *ledger.Epoch) { e.Previous = 1 }},
		"root of less":   {EpochRoot, func(e *ledger.Epoch) { e.Covered = 2 }},
		"root of none":   {EpochRoot, func(e *ledger.Epoch) { e.Covered = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			a, _ := newAuditor(t, l, &Memory{})
			l.add(ledgertest.Events(0, 5)...)
			e := l.m.NextEpoch()
			c.edit(&e)
			l.force(e.Leaf())
			_, err := l.cosign(a)
			l.mustAlarm(a, err, c.kind)
		})
	}
}

// noneMoreThanItProves damages an alarm in every part: what is left is no proof.
func noneMoreThanItProves(t *testing.T, l *testLog, a Alarm) {
	t.Helper()
	b, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, edit func(*Alarm)) {
		c, err := ParseAlarm(b)
		if err != nil {
			t.Fatal(err)
		}
		edit(&c)
		if said, err := c.Verify(l.vkey); err == nil {
			t.Errorf("%s: still says %q", what, said)
		}
	}
	try("no notes", func(a *Alarm) { a.Notes = nil })
	try("one note too many", func(a *Alarm) { a.Notes = append(a.Notes, a.Notes[0]) })
	try("unknown kind", func(a *Alarm) { a.Kind = "other" })
	try("no ranges", func(a *Alarm) { a.Ranges = nil })
	for i, r := range a.Ranges {
		try("range dropped", func(a *Alarm) { a.Ranges = append(a.Ranges[:i:i], a.Ranges[i+1:]...) })
		if len(r.Leaves) > 0 {
			try("index moved", func(a *Alarm) { a.Ranges[i].First++ })
		}
		for j := range r.Leaves {
			try("leaf changed", func(a *Alarm) { a.Ranges[i].Leaves[j][40] ^= 1 })
		}
		for j := range r.Proof {
			try("proof changed", func(a *Alarm) { a.Ranges[i].Proof[j][0] ^= 1 })
		}
	}
	for i := range a.Inserts {
		try("insert dropped", func(a *Alarm) { a.Inserts = append(a.Inserts[:i:i], a.Inserts[i+1:]...) })
		try("insert changed", func(a *Alarm) { a.Inserts[i].Path = append([]closed.Step{{Bit: 255}}, a.Inserts[i].Path...) })
	}
}

// Nobody can raise an alarm about a log that keeps the rules: any leaves of it,
// shown as any kind, prove nothing.
func TestNoAlarmAboutHonestLog(t *testing.T) {
	l := newLog(t)
	l.fill()
	l.epoch()
	s := submission{Checkpoint: l.tree(l.size), leaves: l.log}
	for k := range checks {
		for i := range l.size {
			for j := range l.size {
				a, err := s.about(t.Context(), k, i, j)
				if i == j {
					a, err = s.about(t.Context(), k, i)
				}
				if err != nil {
					t.Fatal(err)
				}
				a.Notes = [][]byte{l.sign(s.Checkpoint)}
				if what, err := a.Verify(l.vkey); err == nil {
					t.Fatalf("%s of leaves %d and %d: %q", k, i, j, what)
				}
			}
		}
	}
	for _, e := range []uint64{8, 17, 44} {
		honest := epochAlarmOf(t, l, s, e)
		if what, err := honest.Verify(l.vkey); !errors.Is(err, ErrAlarm) {
			t.Fatalf("epoch at %d: %q, %v", e, what, err)
		}
	}
	for size := range l.size {
		p, err := ledger.ProveRange(l.log.Hashes(t.Context(), l.size), size, size, l.size)
		if err != nil {
			t.Fatal(err)
		}
		a := Alarm{Kind: Fork, Notes: [][]byte{l.sign(l.tree(size)), l.sign(l.tree(l.size))}, Ranges: []Range{{First: size, Proof: p}}}
		if what, err := a.Verify(l.vkey); !errors.Is(err, ErrAlarm) {
			t.Fatalf("fork at %d: %q, %v", size, what, err)
		}
	}
}

// epochAlarmOf shows the epoch at e as if its root were wrong.
func epochAlarmOf(t *testing.T, l *testLog, s submission, e uint64) Alarm {
	t.Helper()
	m := closed.New(testOrigin)
	for leaf, err := range l.log.Leaves(t.Context(), 0, e) {
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add(leaf); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.prove(t.Context(), e, e+1)
	if err != nil {
		t.Fatal(err)
	}
	epoch, ok := r.Leaves[0].Epoch()
	if !ok {
		t.Fatalf("leaf %d is no epoch", e)
	}
	a, err := s.rootAlarm(t.Context(), m, &closed.EpochError{Index: e, Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	a.Notes = [][]byte{l.sign(s.Checkpoint)}
	return a
}

// lying is a log that shows a reader other leaves, or other hashes, than it signed.
type lying struct {
	ledger.Reader
	at   uint64
	leaf ledger.Leaf
}

func (l lying) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for leaf, err := range l.Reader.Leaves(ctx, from, to) {
			if from == l.at {
				leaf = l.leaf
			}
			from++
			if !yield(leaf, err) {
				return
			}
		}
	}
}

func TestAuditorBelievesOnlyTheSignedTree(t *testing.T) {
	l := newLog(t)
	a, key := newAuditor(t, l, &Memory{})
	l.fill()
	for name, leaf := range map[string]ledger.Leaf{
		"a good leaf in its place": ledgertest.Event(99), "a bad leaf in its place": {9}, "a second close": ledgertest.Rival(1, 5),
	} {
		r := l.request(a, l.size)
		r.Leaves = lying{l.log, 12, leaf}
		_, err := a.Cosign(t.Context(), r)
		var caught *ledger.MisbehaviourError
		if !errors.Is(err, ledger.ErrProof) || errors.As(err, &caught) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.mustCosign(a, key)
}

func TestAuditorNeedsLeaves(t *testing.T) {
	l := newLog(t)
	a, key := newAuditor(t, l, &Memory{})
	l.fill()
	r := l.request(a, l.size)
	r.Leaves = nil
	if _, err := a.Cosign(t.Context(), r); !errors.Is(err, ledger.ErrRequest) {
		t.Fatalf("%v, want ErrRequest", err)
	}
	l.disk.OnRead = func(string) error { return ledgertest.ErrFault }
	r.Leaves, r.OldSize, r.Proof = l.log, l.size, nil
	if _, err := a.Cosign(t.Context(), r); !errors.Is(err, ledgertest.ErrFault) {
		t.Fatalf("%v, want the fault", err)
	}
	l.disk.OnRead = nil
	l.mustCosign(a, key)
}

// An auditor that starts again goes on from its map, whatever became of the file.
func TestAuditorRestarts(t *testing.T) {
	for name, harm := range map[string]func(dir string) error{
		"as it was":     func(string) error { return nil },
		"map lost":      func(dir string) error { return os.Remove(filepath.Join(dir, "closed.map")) },
		"map truncated": func(dir string) error { return os.Truncate(filepath.Join(dir, "closed.map"), 9000) },
		"nodes zeroed":  func(dir string) error { return zero(filepath.Join(dir, "closed.map"), 8192) },
		"notes lost":    func(dir string) error { return removeAll(filepath.Join(dir, "*.note")) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			s, err := NewFolder(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for n := range 3 {
				l.add(ledgertest.Events(uint64(n)*100, uint64(n)*100+50)...)
				l.epoch()
				a, key := newAuditor(t, l, s)
				l.mustCosign(a, key)
				if got := a.maps[testOrigin].Root(); got != l.m.Root() {
					t.Fatal("the auditor's map has another root than the log's")
				}
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
				if err := harm(s.of(testOrigin)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// counting counts the leaves read.
type counting struct {
	ledger.Reader
	leaves uint64
	fail   uint64 // fails when so many are read; 0: never
}

func (c *counting) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for leaf, err := range c.Reader.Leaves(ctx, from, to) {
			if c.leaves++; c.leaves == c.fail {
				leaf, err = ledger.Leaf{}, ledgertest.ErrFault
			}
			if !yield(leaf, err) || err != nil {
				return
			}
		}
	}
}

// What was read once is not read again, by the next process either, nor after a
// reading that did not come to its end.
func TestAuditorReadsOnce(t *testing.T) {
	l := newLog(t)
	s, err := NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l.add(ledgertest.Events(0, 3*chunk)...)
	l.epoch()
	a, key := newAuditor(t, l, s)
	r := l.request(a, l.size)
	r.Leaves = &counting{Reader: l.log, fail: 2*chunk + 7}
	if _, err := a.Cosign(t.Context(), r); !errors.Is(err, ledgertest.ErrFault) {
		t.Fatalf("%v, want the fault", err)
	}
	seen := &counting{Reader: l.log}
	r.Leaves, r.OldSize, r.Proof = seen, l.size, nil
	if _, err := a.Cosign(t.Context(), r); err != nil || seen.leaves != chunk+1 {
		t.Fatalf("%v, %d leaves read after 2 of 3 chunks were", err, seen.leaves)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	l.add(ledgertest.Events(100_000, 100_010)...)
	l.epoch()
	a, key = newAuditor(t, l, s)
	seen = &counting{Reader: l.log}
	r = l.request(a, l.size)
	r.Leaves = seen
	if _, err := a.Cosign(t.Context(), r); err != nil || seen.leaves > 11+1 { // and the last epoch seen
		t.Fatalf("%v, %d leaves read for 11 new ones", err, seen.leaves)
	}
	l.mustCosign(a, key)
}

// A map that has seen another history than the signed one is not believed.
func TestAuditorDropsForeignMap(t *testing.T) {
	for name, c := range map[string]struct {
		from  uint64 // where the other history begins
		notes bool   // whether the signed one's notes are there
	}{
		"notes lost": {20, false}, "notes lost, same epochs": {45, false}, "notes of the signed one": {20, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			s, errS := NewFolder(t.TempDir())
			other, errO := NewFolder(t.TempDir())
			if err := errors.Join(errS, errO); err != nil {
				t.Fatal(err)
			}
			l.fill()
			b := l.branch(c.from, 47)
			a, key := newAuditor(t, b, other)
			b.mustCosign(a, key)
			if c.notes {
				w, key := newWitness(t, l, s)
				l.mustCosign(w, key)
			}
			err := errors.Join(a.Close(), s.makeFolder(s.of(testOrigin)),
				os.Rename(filepath.Join(other.of(testOrigin), "closed.map"), filepath.Join(s.of(testOrigin), "closed.map")))
			if err != nil {
				t.Fatal(err)
			}
			l.add(ledgertest.Events(70, 75)...)
			l.epoch()
			a, key = newAuditor(t, l, s)
			l.mustCosign(a, key)
			if got := a.maps[testOrigin].Root(); got != l.m.Root() {
				t.Fatal("the auditor's map has another root than the log's")
			}
		})
	}
}

func zero(path string, from int64) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= from {
		return fmt.Errorf("nothing to zero: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, info.Size()-from), from)
	return errors.Join(err, f.Close())
}

func removeAll(pattern string) error {
	found, err := filepath.Glob(pattern)
	for _, p := range found {
		err = errors.Join(err, os.Remove(p))
	}
	return err
}

package closed

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
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/tlog"
)

// logOf returns a log with the leaves, whatever they are.
func logOf(t testing.TB, leaves ...ledger.Leaf) *ledgertest.MemLog {
	t.Helper()
	d := ledgertest.NewDisk(testOrigin)
	d.Force(leaves...)
	l, err := d.Open()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// builder makes the leaves of an honest log, which a test then spoils.
type builder struct {
	state
	leaves []ledger.Leaf
}

func newBuilder() *builder { return &builder{state: emptyState()} }

func (b *builder) leaf(l ledger.Leaf) {
	b.state.add(l)
	b.leaves = append(b.leaves, l)
}

func (b *builder) events(from, to int) *builder {
	for i := from; i < to; i++ {
		b.leaf(testEvent(i))
	}
	return b
}

// epochAt covers the leaves below size.
func (b *builder) epochAt(size uint64) *builder {
	seals := map[evidence.Seal]evidence.Hash{}
	for s, l := range b.seals {
		if b.index[s] < size {
			seals[s] = l
		}
	}
	b.leaf(ledger.Epoch{Covered: size, Root: referenceRoot(seals), Previous: b.last.index}.Leaf())
	return b
}

func (b *builder) epoch() *builder { return b.epochAt(b.pos) }

// honest has epochs that cover everything, lag, repeat a covered size, and cover
// other leaves than events.
func honest() *builder {
	b := newBuilder()
	b.epoch()
	b.events(0, 5).epoch().events(5, 12).epochAt(10).epochAt(10).epoch()
	b.leaf(ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash{1}))
	b.leaf(ledger.Leaf{0: byte(ledger.TypePadding)})
	b.events(12, 20).epochAt(b.pos-3).events(20, 22).epochAt(b.pos - 5)
	return b.events(22, 30)
}

func TestReplay(t *testing.T) {
	ctx := context.Background()
	b := honest()
	if _, err := ledgertest.Verify(ctx, logOf(t, b.leaves...)); err != nil {
		t.Fatalf("the log of this test is not honest: %v", err)
	}
	withoutSync(t)
	path := filepath.Join(t.TempDir(), "map")
	for size := range len(b.leaves) + 1 {
		m, err := Create(path, testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Replay(ctx, logOf(t, b.leaves[:size]...)); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		m.Close()
		if m, err = Open(path, testOrigin); err != nil {
			t.Fatal(err)
		}
		if err := m.Replay(ctx, logOf(t, b.leaves...)); err != nil {
			t.Fatalf("from size %d: %v", size, err)
		}
		b.check(t, m, 40)
		m.Close()
	}
}

func TestReplayFaults(t *testing.T) {
	ctx := context.Background()
	spoil := func(change func(*ledger.Epoch)) func(*builder) {
		return func(b *builder) {
			b.epoch()
			l := b.leaves[len(b.leaves)-1]
			e, _ := l.Epoch()
			change(&e)
			b.leaves[len(b.leaves)-1] = e.Leaf()
		}
	}
	epochFault := func(f EpochFault) func(error) bool {
		return func(err error) bool {
			var e *EpochError
			return errors.As(err, &e) && e.Fault == f
		}
	}
	secondClose := func(err error) bool {
		var c *ledger.ClosedError
		return errors.As(err, &c) && c.Index == 4 && c.Leaf == testEvent(3).Hash()
	}
	form := func(err error) bool { return errors.Is(err, ledger.ErrLeafForm) }
	for name, test := range map[string]struct {
		add  func(*builder)
		want func(error) bool
	}{
		"same event again":      {func(b *builder) { b.leaf(testEvent(3)) }, secondClose},
		"other event, one seal": {func(b *builder) { b.leaf(ledger.EventLeaf(testKey(3), [32]byte{9}, nil)) }, secondClose},
		"root":                  {spoil(func(e *ledger.Epoch) { e.Root[31] ^= 1 }), epochFault(WrongRoot)},
		"root of another size":  {spoil(func(e *ledger.Epoch) { e.Covered-- }), epochFault(WrongRoot)},
		"covers itself":         {spoil(func(e *ledger.Epoch) { e.Covered++ }), epochFault(CoversTooMuch)},
		"covers everything":     {spoil(func(e *ledger.Epoch) { e.Covered = ^uint64(0) }), epochFault(CoversTooMuch)},
		"covers less":           {spoil(func(e *ledger.Epoch) { e.Covered = 20 }), epochFault(CoversLess)},
		"link to none":          {spoil(func(e *ledger.Epoch) { e.Previous = ledger.NoEpoch }), epochFault(WrongLink)},
		"link to another":       {spoil(func(e *ledger.Epoch) { e.Previous = 0 }), epochFault(WrongLink)},
		"link to itself":        {spoil(func(e *ledger.Epoch) { e.Previous++ }), epochFault(WrongLink)},
		"same size, other root": {func(b *builder) {
			b.leaf(ledger.Epoch{Covered: b.last.Covered, Root: evidence.Hash{1}, Previous: b.last.index}.Leaf())
		}, epochFault(WrongRoot)},
		"type 0":           {func(b *builder) { b.leaf(ledger.Leaf{}) }, form},
		"type 7":           {func(b *builder) { b.leaf(ledger.Leaf{0: 7}) }, form},
		"text in padding":  {func(b *builder) { b.leaf(ledger.Leaf{0: 6, 90: 'x'}) }, form},
		"text in an epoch": {func(b *builder) { b.epoch(); b.leaves[len(b.leaves)-1][96] = 1 }, form},
		"text in a hash":   {func(b *builder) { b.leaf(ledger.Leaf{0: 3, 33: 1}) }, form},
	} {
		t.Run(name, func(t *testing.T) {
			b := honest()
			before := b.clone()
			test.add(b)
			m := New(testOrigin)
			err := m.Replay(ctx, logOf(t, b.leaves...))
			var leaf *LeafError
			if !errors.As(err, &leaf) || leaf.Index != before.pos || leaf.Leaf != b.leaves[before.pos] || !test.want(err) {
				t.Fatalf("got %v", err)
			}
			before.check(t, m, 40) // what came before it is there
			if _, err := ledgertest.Verify(ctx, logOf(t, b.leaves...)); err == nil {
				t.Error("the slow check lets it pass")
			}
		})
	}
}

// TestReplayAhead shows maps logs that have lost or changed what was seen.
func TestReplayAhead(t *testing.T) {
	ctx := context.Background()
	b := newBuilder().events(0, 5).epoch().events(5, 8)
	seen := func() *Map {
		m := New(testOrigin)
		if err := m.Replay(ctx, logOf(t, b.leaves...)); err != nil {
			t.Fatal(err)
		}
		return m
	}
	other := newBuilder().events(10, 15).epoch().events(15, 30)
	shifted := newBuilder().events(0, 7).epoch().events(8, 9)
	for name, leaves := range map[string][]ledger.Leaf{
		"shorter": b.leaves[:7], "empty": nil, "another epoch": other.leaves, "no epoch there": shifted.leaves,
	} {
		err := seen().Replay(ctx, logOf(t, leaves...))
		if !errors.Is(err, ErrAhead) || !errors.Is(err, ledger.ErrFatal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplayReadErrors(t *testing.T) {
	ctx := context.Background()
	b := honest()
	for _, method := range []string{"Size", "Leaves"} {
		d := ledgertest.NewDisk(testOrigin)
		d.Force(b.leaves...)
		l, err := d.Open()
		if err != nil {
			t.Fatal(err)
		}
		m := New(testOrigin)
		d.OnRead = func(m string) error {
			if m == method {
				return ledgertest.ErrFault
			}
			return nil
		}
		err = m.Replay(ctx, l)
		var leaf *LeafError
		if !errors.Is(err, ledgertest.ErrFault) || errors.As(err, &leaf) {
			t.Errorf("%s: %v", method, err)
		}
		d.OnRead = nil
		if err := m.Replay(ctx, l); err != nil {
			t.Errorf("%s, again: %v", method, err)
		}
		b.check(t, m, 40)
	}
	// A reader that ends early has not been replayed.
	if err := New(testOrigin).Replay(ctx, short{logOf(t, b.leaves...)}); err == nil {
		t.Error("a log that gave fewer leaves than it has passed")
	}
}

// short gives one leaf less than asked for.
type short struct{ ledger.Reader }

func (s short) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return s.Reader.Leaves(ctx, from, max(to, 1)-1)
}

func TestOpenReplayedRebuilds(t *testing.T) {
	ctx := context.Background()
	b := honest()
	path := filepath.Join(t.TempDir(), "map")
	m, rebuilt, err := OpenReplayed(ctx, path, testOrigin, logOf(t, b.leaves...))
	if err != nil || rebuilt {
		t.Fatal(rebuilt, err)
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	m.Close()
	good, err := os.ReadFile(path) // its older header is that of an empty map
	if err != nil {
		t.Fatal(err)
	}
	more := append(b.leaves[:len(b.leaves):len(b.leaves)], testEvent(30))
	for name, damage := range map[string]func([]byte) []byte{
		"headers": func(f []byte) []byte { clear(f[:nodesStart]); return f },
		"nodes":   func(f []byte) []byte { clear(f[nodesStart:]); return f },
		"cut":     func(f []byte) []byte { return f[:nodesStart-1] },
		"newest":  func(f []byte) []byte { return f[:nodesStart+10] },
		"nothing": func(f []byte) []byte { return f },
	} {
		if err := os.WriteFile(path, damage(append([]byte(nil), good...)), 0o600); err != nil {
			t.Fatal(err)
		}
		m, rebuilt, err := OpenReplayed(ctx, path, testOrigin, logOf(t, more...))
		if err != nil || rebuilt != (name != "newest" && name != "nothing") {
			t.Fatalf("%s: rebuilt %v, %v", name, rebuilt, err)
		}
		want := b.clone()
		want.add(testEvent(30))
		want.check(t, m, 40)
		m.Close()
	}
}

// lagging is a log of one event, padding, and an epoch that covers the event only.
type lagging struct{ size uint64 }

func (l lagging) Size(context.Context) (uint64, error) { return l.size, nil }

func (l lagging) Leaves(_ context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for i := from; i < to; i++ {
			leaf := ledger.Leaf{0: byte(ledger.TypePadding)}
			switch i {
			case 0:
				leaf = testEvent(0)
			case l.size - 1:
				b := newBuilder().events(0, 1).epoch()
				leaf = b.leaves[1]
			}
			if !yield(leaf, nil) {
				return
			}
		}
	}
}

func TestLagLimit(t *testing.T) {
	for extra, want := range []error{nil, ErrLag} {
		m := New(testOrigin)
		l := readerOf{lagging{size: 2 + MaxLag + uint64(extra)}}
		if err := m.Replay(context.Background(), l); !errors.Is(err, want) {
			t.Errorf("%d uncovered: %v", MaxLag+extra, err)
		}
	}
	m := New(testOrigin)
	for _, l := range newBuilder().events(0, 3).leaves {
		if err := m.Add(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Add(newBuilder().events(0, 3).epochAt(2).leaves[3]); !errors.Is(err, ErrLag) || m.Covered() != 3 {
		t.Errorf("Add of an epoch that lags: %v", err)
	}
}

type readerOf struct{ lagging }

func (readerOf) Hashes(context.Context, uint64) tlog.HashReader { return nil }

func ExampleProof_Verify() {
	m := New("aa.example/ledger")
	key := evidence.SealKey{1}
	if err := m.Add(ledger.EventLeaf(key, [32]byte{2}, []byte("envelope"))); err != nil {
		fmt.Println(err)
	}
	root := m.Root() // stands in an epoch leaf
	p, err := m.Prove(key.Seal())
	if err != nil {
		fmt.Println(err)
	}
	_, closed, err := p.Verify(root, key.Seal())
	fmt.Println(closed, err)
	_, closed, err = p.Verify(root, evidence.SealKey{3}.Seal())
	fmt.Println(closed, err)
	// Output:
	// true <nil>
	// false <nil>
}

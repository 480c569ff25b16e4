package closed

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"pgregory.net/rapid"
)

const testOrigin = evidence.Origin("aa.example/ledger")

// referenceRoot is the root of spec/leaf.md by its definition.
func referenceRoot(seals map[evidence.Seal]evidence.Hash) evidence.Hash {
	if len(seals) == 0 {
		return sha256.Sum256([]byte("custody/closed/v1"))
	}
	keys := slices.SortedFunc(maps.Keys(seals), func(a, b evidence.Seal) int { return slices.Compare(a[:], b[:]) })
	return referenceNode(keys, seals)
}

func referenceNode(keys []evidence.Seal, seals map[evidence.Seal]evidence.Hash) evidence.Hash {
	if len(keys) == 1 {
		v := seals[keys[0]]
		return sha256.Sum256(slices.Concat([]byte("\x00custody/closed/v1"), keys[0][:], v[:]))
	}
	bit := 0
	at := func(k evidence.Seal) byte { return k[bit/8] << (bit % 8) & 0x80 }
	for at(keys[0]) == at(keys[len(keys)-1]) {
		bit++
	}
	cut := slices.IndexFunc(keys, func(k evidence.Seal) bool { return at(k) != 0 })
	l, r := referenceNode(keys[:cut], seals), referenceNode(keys[cut:], seals)
	return sha256.Sum256(slices.Concat([]byte("\x01custody/closed/v1"), []byte{byte(bit)}, l[:], r[:]))
}

// testKey returns the n-th seal key, testEvent an event that closes its seal.
func testKey(n int) evidence.SealKey {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("key"), uint64(n)))
}

func testEvent(n int) ledger.Leaf {
	return ledger.EventLeaf(testKey(n), [32]byte{1}, []byte("envelope"))
}

// state is what a map should be.
type state struct {
	seals map[evidence.Seal]evidence.Hash
	index map[evidence.Seal]uint64
	pos   uint64
	last  mark
	known *evidence.Hash // the root, once computed; states that are done with only
}

// root is [referenceRoot], computed once.
func (s state) root() evidence.Hash {
	if *s.known == (evidence.Hash{}) {
		*s.known = referenceRoot(s.seals)
	}
	return *s.known
}

func (s state) clone() state {
	s.seals, s.index, s.known = maps.Clone(s.seals), maps.Clone(s.index), new(evidence.Hash)
	return s
}

func emptyState() state {
	return state{seals: map[evidence.Seal]evidence.Hash{}, index: map[evidence.Seal]uint64{}, last: noMark, known: new(evidence.Hash)}
}

func (s *state) add(l ledger.Leaf) {
	s.known = new(evidence.Hash)
	if seal, ok := l.Seal(); ok {
		s.seals[seal], s.index[seal] = l.Hash(), s.pos
	}
	if e, ok := l.Epoch(); ok {
		s.last = mark{index: s.pos, Epoch: e}
	}
	s.pos++
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// check holds a map against what it should be, for the keys below n.
func (s state) check(t fataler, m *Map, n int) {
	t.Helper()
	root := referenceRoot(s.seals)
	if m.Covered() != s.pos || m.Len() != uint64(len(s.seals)) || m.last != s.last || m.Root() != root {
		t.Fatalf("map covers %d with %d seals, root %s; want %d, %d, %s", m.Covered(), m.Len(), m.Root(), s.pos, len(s.seals), root)
	}
	for k := range n {
		seal := testKey(k).Seal()
		want, closed := s.seals[seal]
		got, index, ok, err := m.Get(seal)
		if err != nil || ok != closed || got != want || index != s.index[seal] {
			t.Fatalf("Get(key %d) = %s, %d, %v, %v; want %s, %d, %v", k, got, index, ok, err, want, s.index[seal], closed)
		}
		p, err := m.Prove(seal)
		if err != nil {
			t.Fatalf("Prove(key %d): %v", k, err)
		}
		got, ok, err = p.Verify(root, seal)
		if err != nil || ok != closed || got != want {
			t.Fatalf("proof of key %d says %s, %v, %v; want %s, %v", k, got, ok, err, want, closed)
		}
	}
}

// TestModel drives a map in a file and a Go map side by side.
func TestModel(t *testing.T) {
	dir := t.TempDir()
	withoutSync(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		const keys = 40
		run++
		path := filepath.Join(dir, "map"+string(rune('a'+run%20)))
		m, err := Create(path, testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { m.Close() }()
		now, flushed := emptyState(), emptyState()
		var snaps []Snapshot
		var states []state
		t.Repeat(map[string]func(*rapid.T){
			"event": func(t *rapid.T) {
				l := testEvent(rapid.IntRange(0, keys-1).Draw(t, "key"))
				seal, _ := l.Seal()
				_, there := now.seals[seal]
				err := m.Add(l)
				var closed *ledger.ClosedError
				if errors.As(err, &closed) != there || err != nil && !there {
					t.Fatalf("Add = %v, closed before: %v", err, there)
				}
				if there {
					if closed.Index != now.index[seal] || closed.Leaf != now.seals[seal] || closed.Seal != seal {
						t.Fatalf("refused by %+v", closed)
					}
					return
				}
				now.add(l)
			},
			"epoch": func(t *rapid.T) {
				l := m.NextEpoch().Leaf()
				if err := m.Add(l); err != nil {
					t.Fatal(err)
				}
				now.add(l)
			},
			"padding": func(t *rapid.T) {
				l := ledger.Leaf{0: byte(ledger.TypePadding)}
				if err := m.Add(l); err != nil {
					t.Fatal(err)
				}
				now.add(l)
			},
			"snapshot": func(t *rapid.T) {
				snaps, states = append(snaps, m.Snapshot()), append(states, now.clone())
			},
			"rollback": func(t *rapid.T) {
				if len(snaps) == 0 {
					t.Skip("no snapshot")
				}
				i := rapid.IntRange(0, len(snaps)-1).Draw(t, "snapshot")
				if states[i].pos < flushed.pos {
					t.Skip("void")
				}
				m.Rollback(snaps[i])
				now = states[i].clone()
			},
			"flush": func(t *rapid.T) {
				if err := m.Flush(); err != nil {
					t.Fatal(err)
				}
				flushed = now.clone()
				snaps, states = nil, nil
			},
			"evict": func(*rapid.T) { m.inMemory = keepInMemory + 1; m.trim() },
			"compact": func(t *rapid.T) {
				if err := m.Flush(); err != nil {
					t.Fatal(err)
				}
				flushed = now.clone()
				m.flushes++
				if err := m.compact(); err != nil {
					t.Fatal(err)
				}
				snaps, states = nil, nil
			},
			"die": func(t *rapid.T) {
				m.Close()
				again, err := Open(path, testOrigin)
				if err != nil {
					t.Fatal(err)
				}
				m = again
				now = flushed.clone()
				snaps, states = nil, nil
			},
			"look back": func(t *rapid.T) {
				before := m.Snapshot()
				if len(now.seals) == 0 {
					t.Skip("nothing to take out")
				}
				s := rapid.SampledFrom(slices.SortedFunc(maps.Keys(now.seals), func(a, b evidence.Seal) int {
					return slices.Compare(a[:], b[:])
				})).Draw(t, "seal")
				if err := m.remove(s); err != nil {
					t.Fatal(err)
				}
				without := now.clone()
				delete(without.seals, s)
				if m.Root() != referenceRoot(without.seals) {
					t.Fatal("root after removal")
				}
				m.Rollback(before)
			},
			"": func(t *rapid.T) { now.check(t, m, keys) },
		})
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

package contract

import (
	"testing"

	"example.org/custody/ledger"
	"pgregory.net/rapid"
)

// Whatever is submitted in whatever order: anchors of one ledger only grow and are all
// of one history, a ledger that showed two is caught for good, and no state moves
// another's.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t).adopt()
		for _, s := range w.states {
			s.log1.grow(12, 1)
			s.log2.grow(4, 1)
			s.log2.grow(8, 2)
		}
		m := &model{world: w, trees: map[*history][]ledger.Checkpoint{}, heads: map[string]ledger.Checkpoint{}, caught: map[string]bool{}}
		t.Repeat(map[string]func(*rapid.T){"anchor": m.anchor, "alarm": m.alarm, "": m.check})
	})
}

type model struct {
	*world
	trees  map[*history][]ledger.Checkpoint // by size
	heads  map[string]ledger.Checkpoint
	caught map[string]bool
}

// of is the tree of a history at a size, computed once.
func (m *model) of(h *history, size uint64) ledger.Checkpoint {
	for n := uint64(len(m.trees[h])); n <= size; n++ {
		m.trees[h] = append(m.trees[h], m.tree(h, n))
	}
	return m.trees[h][size]
}

func (m *model) draw(t *rapid.T) (*state, *history) {
	s := m.states[rapid.SampledFrom([]string{"AA", "BB", "CC"}).Draw(t, "ledger")]
	return s, rapid.SampledFrom([]*history{s.log1, s.log2}).Draw(t, "history")
}

func (m *model) anchor(t *rapid.T) {
	s, h := m.draw(t)
	from, to := rapid.Uint64Range(0, 11).Draw(t, "from"), rapid.Uint64Range(1, 12).Draw(t, "to")
	who := rapid.SampledFrom([]string{s.code, s.code, "BB"}).Draw(t, "submitter")
	proof := none
	if 0 < from && from < to {
		proof = m.proof(h, from, to)
	}
	_, writes, err := m.try(who, FuncAnchor, m.note(s, h, to), proof)
	tree, head := m.of(h, to), m.heads[s.code]
	switch {
	case err == nil && who != s.code:
		t.Fatal("another state anchored")
	case err == nil && m.caught[s.code]:
		t.Fatal("anchored after it was caught")
	case err == nil && writes["head/"+string(s.origin)] != nil:
		if to <= head.Size {
			t.Fatalf("%d after %d", to, head.Size)
		}
		m.heads[s.code] = tree
	case err == nil:
		m.caught[s.code] = true
	}
}

func (m *model) alarm(t *rapid.T) {
	s, h := m.draw(t)
	small := rapid.Uint64Range(1, 10).Draw(t, "small")
	large := rapid.Uint64Range(small+1, 12).Draw(t, "large")
	_, _, err := m.try("CC", FuncAlarm, m.forkAlarm(s, s.log1, h, small, large))
	real := h == s.log2 && small > 4
	if err == nil && !real {
		t.Fatal("an alarm that proves nothing was recorded")
	}
	if real && err != nil && !IsRefused(err, Already) {
		t.Fatal(err)
	}
	m.caught[s.code] = m.caught[s.code] || real
}

func (m *model) check(t *rapid.T) {
	for code, s := range m.states {
		c, ok := m.head(s.origin)
		if ok != (m.heads[code] != ledger.Checkpoint{}) || ok && c != m.heads[code] {
			t.Fatalf("%s: head %+v, want %+v", code, c, m.heads[code])
		}
		_, _, err := m.try("AA", FuncCaught, []byte(s.origin))
		if (err == nil) != m.caught[code] {
			t.Fatalf("%s: caught %v, %v", code, m.caught[code], err)
		}
		// All anchors are of one of the two histories.
		in := map[*history]bool{s.log1: true, s.log2: true}
		for size := range uint64(13) {
			tree, _, err := (&call{State: transaction{m.on, nil}}).at(s.origin, size)
			if err != nil {
				t.Fatal(err)
			}
			for h := range in {
				in[h] = in[h] && (tree == nil || *tree == m.of(h, size))
			}
		}
		if !in[s.log1] && !in[s.log2] {
			t.Fatalf("%s: anchors of two histories", code)
		}
	}
}

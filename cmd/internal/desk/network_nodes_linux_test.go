package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
)

// badNetwork is what a line does to what a desk asks of its node. Every event meets the
// next of the fates, so that each act has the same trouble in every run.
type badNetwork struct {
	t      *testing.T
	left   map[evidence.Hash][]trouble // of an event's fate, by its leaf
	wanted int                         // signed reads
}

// fates are what becomes of the submissions of one event, one after the other; the
// network is good to those that come after. None is worse than a desk bears with: it
// sends three times.
var fates = [][]trouble{
	{{lostThere: true}, {lostThere: true}},
	{{lostBack: true}, {lostBack: true}},
	{{twice: true}},
	{{late: true}},
	{{late: true}, {lostBack: true}},
	{{lostThere: true}, {twice: true}, {lostBack: true}},
	{{twice: true, lostBack: true}, {late: true}},
}

func newBadNetwork(t *testing.T) *badNetwork {
	return &badNetwork{t: t, left: map[evidence.Hash][]trouble{}}
}

// cut is a [line]'s.
func (n *badNetwork) cut(r *http.Request, body []byte) trouble {
	switch {
	case submits(r):
		return n.next(body)
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		n.wanted++
		return trouble{lostThere: n.wanted%4 == 1, lostBack: n.wanted%4 == 3}
	}
	return trouble{}
}

func (n *badNetwork) next(body []byte) trouble {
	s, err := wire.ParseSubmission(body)
	if err != nil {
		n.t.Errorf("a submission: %v", err)
		return trouble{}
	}
	leaf := s.Events[0].Recompute().Hash()
	left, known := n.left[leaf]
	if !known {
		left = fates[len(n.left)%len(fates)]
	}
	if len(left) == 0 {
		return trouble{}
	}
	n.left[leaf] = left[1:]
	return left[0]
}

// A network that loses requests and answers, delivers some twice and others after what
// was sent later: every act is one event with one receipt, and nothing is lost.
func TestBadNetworkAtNodes(t *testing.T) {
	both := workingStates(t, "AA", "BB")
	aa, bb := both[0], both[1]
	before, networks := map[*working]int{}, map[*working]*badNetwork{}
	for _, w := range both {
		n := newBadNetwork(t)
		before[w], networks[w] = len(w.events()), n
		w.line.set(func(l *line) { l.cut = n.cut })
	}
	const items = 4
	var ids []evidence.ItemID
	for range items {
		h := aa.offers(bb, 72*time.Hour)
		bb.accepts(h)
		if !h.ends(aa, bb) {
			t.Fatal("custody did not pass")
		}
		bb.holds(h.id, true)
		ids = append(ids, h.id)
	}
	for w, acts := range map[*working]int{aa: 3 * items, bb: items} {
		w.line.deliver()
		n := networks[w]
		if len(n.left) != acts {
			t.Errorf("%s: %d events were sent for %d acts", w.Config.State, len(n.left), acts)
		}
		for leaf, left := range n.left {
			if len(left) > 0 {
				t.Errorf("%s: event %s was spared %+v", w.Config.State, leaf, left)
			}
		}
		w.line.set(func(l *line) { l.cut = nil })
		if got := len(w.events()) - before[w]; got != acts {
			t.Errorf("%s: %d events in the ledger for %d acts", w.Config.State, got, acts)
		}
		if queued, refused := w.Waiting(); queued != 0 || refused != 0 {
			t.Errorf("%s: %d queued, %d refused", w.Config.State, queued, refused)
		}
	}
	logged := map[evidence.Origin]map[evidence.Hash]uint64{aa.Config.Origin: aa.events(), bb.Config.Origin: bb.events()}
	for _, id := range ids {
		aa.receipted(id, 3, logged)
		bb.receipted(id, 4, logged)
	}
	aa.lostBeyondPatience()
}

// receipted checks that a desk has so many events of an item, each the one leaf that
// there is, and of what was logged for it a receipt (of another's offer it needs none).
func (w *working) receipted(id evidence.ItemID, want int, logged map[evidence.Origin]map[evidence.Hash]uint64) {
	w.t.Helper()
	it := w.mustLoad(w.t, id)
	if len(it.Entries) != want || it.Waits() != 0 {
		w.t.Errorf("%s has %d events of item %s, %d wait", w.Config.State, len(it.Entries), id.Short(), it.Waits())
	}
	for _, e := range it.Entries {
		index, ok := logged[e.Event.Origin][e.Leaf]
		r, err := e.receipt()
		without := e.Event.Action == evidence.Offer && e.Event.Origin != w.Config.Origin
		if !ok || *e.Body.Index != index || err != nil || r == nil && !without || r != nil && r.Index != index {
			w.t.Errorf("%s: %s of item %s: leaf %d, %t, receipt %+v, %v", w.Config.State, e.Event.Action, id.Short(), index, ok, r, err)
		}
	}
}

// lostBeyondPatience acts while no answer arrives, however often the desk sends: the act
// waits, though the node has logged it, and the next command gets its receipt.
func (w *working) lostBeyondPatience() {
	t := w.t
	it := w.mustSeal(t, Sealing{Object: "phone", Fields: map[string]any{"case": "K"}})
	before := len(w.events())
	w.line.set(func(l *line) {
		l.cut = func(r *http.Request, _ []byte) trouble { return trouble{lostBack: submits(r)} }
	})
	done, err := w.Do(t.Context(), Act{Item: it, Action: evidence.Examine})
	if err != nil || !done.Waits || done.Receipt != nil {
		t.Fatalf("%+v, %v", done, err)
	}
	w.line.set(func(l *line) { l.cut = nil })
	w.again()
	if queued, _ := w.Waiting(); queued != 0 || w.Unreached() != nil {
		t.Errorf("%d queued: %v", queued, w.Unreached())
	}
	w.receipted(it.ID, 2, map[evidence.Origin]map[evidence.Hash]uint64{w.Config.Origin: w.events()})
	if got := len(w.events()) - before; got != 1 {
		t.Errorf("%d events in the ledger for one act", got)
	}
}

// events are the event leaves in the ledger that the node publishes, with their indexes.
func (w *working) events() map[evidence.Hash]uint64 {
	w.t.Helper()
	f, err := w.readAt(w.line.url, w.Config.Origin)
	must(w.t, err)
	defer f.close()
	signed, err := f.checkpoint(w.t.Context())
	must(w.t, err)
	c, err := ledger.ReadCheckpoint(signed)
	must(w.t, err)
	all, index := map[evidence.Hash]uint64{}, uint64(0)
	for l, err := range f.node.Log().At(c.Size).Leaves(w.t.Context(), 0, c.Size) {
		must(w.t, err)
		if l.Type() == ledger.TypeEvent {
			if first, twice := all[l.Hash()]; twice {
				w.t.Errorf("%s: leaf %s at %d and %d", w.Config.State, l.Hash(), first, index)
			}
			all[l.Hash()] = index
		}
		index++
	}
	return all
}

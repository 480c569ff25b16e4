package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// selection is one item as a reader is to see it.
type selection struct {
	id      evidence.ItemID
	item    *Item                                          // when it is loaded already
	view    func(evidence.ViewEntry) *evidence.Withholding // nil shows all
	payload []pack.Enclosed
}

// dossier assembles what proves the selected items: their events, those of the
// keys that signed, parents' derive events excepted, and one line for each
// ledger. Proofs of other states' ledgers come from what they handed over. It is
// for another desk, which needs no proof of what is in its own ledger.
func (s *Session) dossier(ctx context.Context, items []*selection) (*pack.Dossier, error) {
	return s.assemble(ctx, &pack.Builder{Partial: true}, items)
}

// assemble puts a dossier together; keys are enrolments that are shown beside
// those of the signers, the packer's for one.
func (s *Session) assemble(ctx context.Context, b *pack.Builder, items []*selection, keys ...evidence.ItemID) (*pack.Dossier, error) {
	c := s.collection(b)
	lines := make([]pack.ItemLine, len(items))
	for i, sel := range items {
		lines[i] = pack.ItemLine{Item: sel.id, Payload: sel.payload}
		if lines[i].Payload == nil {
			lines[i].Payload = []pack.Enclosed{}
		}
		if err := c.addItem(ctx, sel); err != nil {
			return nil, err
		}
	}
	for _, id := range keys {
		if err := c.addKey(ctx, id); err != nil {
			return nil, err
		}
	}
	return c.build(ctx, lines)
}

// collection gathers events and remembers what they need.
type collection struct {
	s       *Session
	b       *pack.Builder
	origins map[evidence.Origin]bool
	keys    map[evidence.ItemID]bool
	leaves  map[evidence.Origin][]uint64
	next    map[evidence.Origin]bool // where a next seal was opened that no event here closes
	foreign bool                     // leaves out what is in the ledgers of this desk's state
}

func (s *Session) collection(b *pack.Builder) *collection {
	b.Lists, b.Policies, b.Certs = s.trusted.Texts()
	b.Logged = s.loggedLists(b.Lists)
	return &collection{s: s, b: b, origins: map[evidence.Origin]bool{}, keys: map[evidence.ItemID]bool{}, leaves: map[evidence.Origin][]uint64{}, next: map[evidence.Origin]bool{}}
}

// build proves what was gathered.
func (c *collection) build(ctx context.Context, lines []pack.ItemLine) (*pack.Dossier, error) {
	if err := c.addNotes(); err != nil {
		return nil, err
	}
	provers, err := c.provers(ctx)
	if err != nil {
		return nil, err
	}
	return c.b.Build(ctx, lines, provers...)
}

func (c *collection) addItem(ctx context.Context, sel *selection) error {
	it := sel.item
	if it == nil {
		var err error
		if it, err = c.s.Load(ctx, sel.id); err != nil {
			return err
		}
	}
	for seq, gone := range it.Erased {
		if c.foreign {
			break
		}
		c.b.AddErased(c.s.Config.Origin, gone.Index, pack.Erased{Item: it.ID, Seq: uint64(seq), Leaf: gone.Leaf})
	}
	for _, e := range it.Entries {
		if err := c.addEntry(ctx, e, sel.view); err != nil {
			return err
		}
		if next := e.Event.Opens.Next; next != nil {
			c.next[next.Origin], c.next[c.s.successor(next.Origin)] = true, true
		}
	}
	return nil
}

func (c *collection) addEntry(ctx context.Context, e *Entry, withhold func(evidence.ViewEntry) *evidence.Withholding) error {
	own := e.Event.Origin == c.s.Config.Origin || c.s.precedes(e.Event.Origin)
	if e.Body.Index == nil || c.foreign && own {
		return nil // not logged: it is no part of the history
	}
	v, err := e.View()
	if err != nil {
		return err
	}
	r, err := e.receipt()
	if err != nil {
		return err
	}
	err = c.b.Add(pack.Held{
		Envelope: e.Body.Envelope, Salt: e.Body.Salt, SealKey: evidence.SealKey(e.Body.SealKey),
		Index: *e.Body.Index, Record: v.Withhold(withhold), Receipt: r,
	})
	if err != nil {
		return err
	}
	c.origins[e.Event.Origin] = true
	c.leaves[e.Event.Origin] = append(c.leaves[e.Event.Origin], *e.Body.Index)
	for _, signer := range e.Event.Signers {
		if err := c.addKey(ctx, signer.Enrolled); err != nil {
			return err
		}
	}
	return nil
}

// addKey adds a signer's enrolment, who the holder is withheld.
func (c *collection) addKey(ctx context.Context, id evidence.ItemID) error {
	if id == (evidence.ItemID{}) || c.keys[id] {
		return nil
	}
	c.keys[id] = true
	return c.addItem(ctx, &selection{id: id, view: hideAll})
}

// addNotes offers every note this desk has seen as an anchor.
func (c *collection) addNotes() error {
	found, err := filepath.Glob(c.s.path("notes", "*.note"))
	if err != nil {
		return err
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c.b.AddNote(b)
	}
	return nil
}

// provers returns one prover for each ledger: the own one, and for another's
// the newest dossier that it handed over.
func (c *collection) provers(ctx context.Context) ([]pack.Prover, error) {
	var all []pack.Prover
	c.s.follow(c.origins)
	for o := range c.origins {
		p, err := c.prover(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("ledger %s: %w", o, err)
		}
		all = append(all, p)
	}
	return c.nextProvers(ctx, all)
}

// nextProvers adds provers of the ledgers where an item goes on and nothing of it is
// known here: that its seal there is unbroken is proven by that ledger alone.
func (c *collection) nextProvers(ctx context.Context, all []pack.Prover) ([]pack.Prover, error) {
	for o := range c.next {
		if c.origins[o] || o == c.s.Config.Origin {
			continue
		}
		p, err := c.whereItGoesOn(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("ledger %s: %w", o, err)
		}
		if p != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// whereItGoesOn proves from another state's ledger as it is now; nil between desks, which
// do without, and when the ledger cannot be reached: the verdict is then undecided.
func (c *collection) whereItGoesOn(ctx context.Context, o evidence.Origin) (pack.Prover, error) {
	if c.b.Partial || !c.next[o] {
		return nil, nil
	}
	p, err := c.s.abroad(ctx, o)
	if errors.Is(err, ErrNodeLies) || ctx.Err() != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	return p, nil
}

func (c *collection) prover(ctx context.Context, o evidence.Origin) (pack.Prover, error) {
	if o == c.s.Config.Origin {
		return c.s.prover(ctx)
	}
	if c.s.precedes(o) {
		return c.s.endedProver(ctx, o)
	}
	p, err := c.whereItGoesOn(ctx, o)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return p, c.addTold(o)
	}
	d, err := c.s.foreign(o, c.leaves[o])
	if err != nil {
		return nil, err
	}
	for _, n := range d.Notes {
		c.b.AddNote(n)
	}
	return pack.Carried(d, o)
}

// addTold offers the anchors that came with the events of another state's ledger.
func (c *collection) addTold(o evidence.Origin) error {
	notes, err := c.s.told(o, c.leaves[o])
	for _, n := range notes {
		c.b.AddNote(n)
	}
	return err
}

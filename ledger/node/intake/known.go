package intake

import (
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/signing"
	"example.org/custody/verify/admit"
)

// item is what is known of one item. It is never changed, only replaced.
type item struct {
	state    admit.State
	events   []Known
	key      *key                              // of an enrolment
	derives  map[evidence.Hash]*evidence.Event // derive events by leaf hash
	disclose []disclosed
	erases   map[evidence.Hash]bool // leaf hashes of events that a dispose orders to erase
}

// Known is one event that is in a ledger.
type Known struct {
	Action evidence.Action
	Index  uint64
	Leaf   evidence.Hash // leaf hash
	Origin evidence.Origin
	Seq    uint64
	Erased bool // only its leaf hash and place are known; Action is empty

	ref bodies.Ref
}

// disclosed says that an item was disclosed to a key, by the event seq.
type disclosed struct {
	to  evidence.KeyID
	seq uint64
}

// key is an enrolled key.
type key struct {
	admit.Enrolment
	public *signing.PublicKey
	seal   evidence.Seal   // closing it ends the enrolment
	by     evidence.Signer // the authority that enrolled it
	proven time.Time       // of another ledger's: the time T at which it was not revoked; else zero
}

// after returns what the event makes of the item, which may be nil.
func (it *item) after(c *candidate, at admit.Place, ref bodies.Ref) *item {
	next := &item{}
	if it != nil {
		*next = *it
	}
	e := c.event
	next.state = next.state.After(e, c.hash)
	next.events = append(slices.Clip(next.events), Known{e.Action, at.Index, c.hash, e.Origin, uint64(e.Seq), false, ref})
	switch {
	case e.Action == evidence.Derive:
		next.derives = maps.Clone(next.derives)
		if next.derives == nil {
			next.derives = map[evidence.Hash]*evidence.Event{}
		}
		next.derives[c.hash] = e
	case e.Action == evidence.Disclose && e.Counterparty != nil && e.Counterparty.Kind == evidence.PartyKey:
		next.disclose = append(slices.Clip(next.disclose), disclosed{e.Counterparty.Key, uint64(e.Seq)})
	case e.Action == evidence.Dispose && len(e.Erases) > 0:
		next.erases = maps.Clone(next.erases)
		if next.erases == nil {
			next.erases = map[evidence.Hash]bool{}
		}
		for _, x := range e.Erases {
			next.erases[x.Leaf] = true
		}
	case e.Action == evidence.Revoke && next.key != nil:
		k := *next.key
		k.Closed = &at
		next.key = &k
	}
	return next
}

// keyOf returns the key that an enrolment enrols, at its place.
func keyOf(c *candidate, at admit.Place) (*key, *Refusal) {
	n := c.event.Enrols
	suite, err := signing.ParseSuite(n.Suite)
	if err != nil {
		return nil, refuse(CodeSigner, "%v", err)
	}
	public, err := signing.NewPublicKey(suite, n.SPKI)
	if err != nil || evidence.KeyID(public.ID()) != n.Key {
		return nil, refuse(CodeEvent, "the key that it enrols is not the one that it names")
	}
	k := &key{public: public, by: c.event.Signer(), Enrolment: admit.Enrolment{Item: c.event.Item, Key: n.Key, Role: n.Role, Authority: n.Authority, Place: at}}
	if c.event.Opens.Next != nil {
		k.seal = c.event.Opens.Next.Seal
	}
	return k, nil
}

// scope is what is known, and on top of it what is about to be.
type scope struct {
	in    *Intake
	who   evidence.KeyID // who submits
	now   bool           // what is judged is to be logged here; else it is in a ledger already
	extra map[evidence.ItemID]*item
}

func (s *scope) item(id evidence.ItemID) *item {
	if it := s.extra[id]; it != nil {
		return it
	}
	return s.in.item(id)
}

func (s *scope) set(id evidence.ItemID, it *item) {
	if s.extra == nil {
		s.extra = map[evidence.ItemID]*item{}
	}
	s.extra[id] = it
}

package intake

import (
	"context"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/signing"
	"example.org/custody/verify/admit"
)

// again is for how long a key of another ledger is known after the checkpoint that
// proves it unrevoked: its revocation is not seen here.
const again = 24 * time.Hour

// Caller is who asks: a key that is known.
type Caller struct {
	Key       evidence.KeyID
	Role      evidence.Role // [evidence.RoleAuthority] for an authority's own key
	Authority evidence.StateCode
	Enrolled  evidence.ItemID // zero for an authority's own key
	Foreign   bool            // enrolled in another state's ledger
	Until     time.Time       // when it has to prove itself again; zero: never

	Public *signing.PublicKey
}

// maySubmit reports whether the caller may submit an event: of another state's key
// only its own answer to an offer is wanted here.
func (c Caller) maySubmit(e *evidence.Event) bool {
	return !c.Foreign || e.SignedBy(c.Key) && (e.Action == evidence.Accept || e.Action == evidence.Decline)
}

// Standing says what is known of a key.
type Standing int

// The standings.
const (
	Unknown Standing = iota // it has to be introduced, or introduced again
	Revoked                 // its enrolment was ended
	Good
)

// Caller finds who has a key.
func (in *Intake) Caller(id evidence.KeyID) (Caller, Standing) {
	now := in.Now()
	best := Unknown
	pin, err := in.Pinned()
	if err != nil {
		return Caller{}, best
	}
	in.mu.RLock()
	enrolments := slices.Clone(in.keys[id])
	in.mu.RUnlock()
	for _, item := range enrolments {
		k := in.item(item).key
		who := Caller{Key: id, Role: k.Role, Authority: k.Authority, Enrolled: item, Public: k.public, Foreign: !in.own(k.Place.Origin)}
		switch standing := in.standing(pin, k, now); standing {
		case Good:
			if who.Foreign {
				who.Until = k.proven.Add(again)
			}
			return who, Good
		case Revoked:
			best = Revoked
		}
	}
	if public, state, ok := pin.Authority(id, now); ok && state == in.State {
		return Caller{Key: id, Role: evidence.RoleAuthority, Authority: state, Public: public}, Good
	}
	return Caller{}, best
}

func (in *Intake) standing(pin *Pinned, k *key, now time.Time) Standing {
	if _, r := pin.enrols(k.by, k.Place.Origin, k.Place.Index, in.own); k.Closed != nil || r != nil {
		return Revoked
	}
	if !in.own(k.Place.Origin) {
		if k.proven.IsZero() || now.After(k.proven.Add(again)) {
			return Unknown
		}
		return Good
	}
	_, _, closed, err := in.closing(k.seal)
	switch {
	case err != nil:
		return Unknown
	case closed:
		return Revoked
	}
	return Good
}

// Introduce makes known the keys whose enrolments a dossier proves.
func (in *Intake) Introduce(ctx context.Context, files map[string][]byte) error {
	pin, err := in.Pinned()
	if err != nil {
		return err
	}
	p, r := openProof(files)
	if r == nil && len(p.events) == 0 {
		r = refuse(CodeProof, "there is no event in it")
	}
	if r != nil {
		return r
	}
	r, err = in.learnHeld(ctx, pin, p)
	if r != nil {
		return r
	}
	return err
}

// Sight is what a key may see of an item.
type Sight struct {
	Upto   uint64 // events with a number up to this one
	Values bool   // the values of their records too
}

// Sees returns what of an item a key may see; ok is false when that is nothing, also
// when there is no such item. An auditor's mandate is not looked at.
func (in *Intake) Sees(id evidence.KeyID, item evidence.ItemID) (s Sight, ok bool) {
	return in.item(item).sees(id)
}

func (it *item) sees(id evidence.KeyID) (s Sight, ok bool) {
	if it == nil {
		return s, false
	}
	st, last := it.state, uint64(it.state.Seq-1)
	switch {
	case id == evidence.KeyID{}:
		return s, false
	case held(st) && st.Custodian == id, offered(st) && st.Receiver == id, it.key != nil && it.key.Key == id:
		return Sight{last, true}, true
	}
	for _, d := range it.disclose {
		if d.to == id {
			s, ok = Sight{Upto: max(s.Upto, d.seq)}, true
		}
	}
	return s, ok
}

// Events lists what is known of an item; none of an unknown one.
func (in *Intake) Events(item evidence.ItemID) []Known {
	if it := in.item(item); it != nil {
		return it.events
	}
	return nil
}

// Find returns the event whose leaf has that hash, and its item.
func (in *Intake) Find(leaf evidence.Hash) (Known, evidence.ItemID, bool) {
	in.mu.RLock()
	id, ok := in.where[leaf]
	it := in.items[id]
	in.mu.RUnlock()
	if !ok {
		return Known{}, id, false
	}
	i := slices.IndexFunc(it.events, func(k Known) bool { return k.Leaf == leaf })
	return it.events[i], id, true
}

// Receipt returns the receipt of an event of the own ledger, nil while cosignatures
// are missing.
func (in *Intake) Receipt(ctx context.Context, k Known) (*ledger.Receipt, error) {
	if k.Erased {
		return nil, bodies.ErrErased
	}
	b, err := in.Body(ctx, k)
	if err != nil {
		return nil, err
	}
	// The leaf is there: submitting it again appends nothing (rule P20).
	r, err := in.Writer.Submit(ctx, ledger.EventLeaf(evidence.SealKey(b.SealKey), b.Salt, b.Envelope))
	if err != nil {
		return nil, err
	}
	return r[0].Receipt, nil
}

// KeyIn returns the key with that id that an enrolment in a dossier names: to verify
// who sent the dossier before it is looked at.
func KeyIn(files map[string][]byte, id evidence.KeyID) (*signing.PublicKey, bool) {
	p, r := openProof(files)
	if r != nil {
		return nil, false
	}
	for _, c := range p.events {
		if c.event.Action != evidence.Enrol || c.event.Enrols.Key != id {
			continue
		}
		if k, r := keyOf(c, admit.Place{}); r == nil {
			return k.public, true
		}
	}
	return nil, false
}

// Body returns what is kept of an event.
func (in *Intake) Body(ctx context.Context, k Known) (*bodies.Body, error) {
	return in.Bodies.Get(ctx, k.ref)
}

func held(s admit.State) bool    { return s.Phase == admit.Held || s.Phase == admit.Offered }
func offered(s admit.State) bool { return s.Phase == admit.Offered }

package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/signing"
)

// draft is an act before it is signed.
type draft struct {
	item    *Item                 // nil for an item's first event
	action  evidence.Action       //
	key     evidence.RecordKey    // of the record, which is what the act says
	roots   evidence.RecordRoots  //
	values  []Value               // of the record, in order
	files   *vault.Spool          // values that come after those; nil: none
	signers []*officer            // the acting one first; nil: who acts in this session
	shape   func(*evidence.Event) // sets the members that only this action has
	ends    bool                  // opens no next seal
	nextIn  evidence.Origin       // ledger of the next seal; "" is the desk's own
	derive  *Entry                // of the parent, for the first event of a derived item
	at      *evidence.Occurred    // nil: now, by the system's clock
	logIn   evidence.Origin       // ledger of the leaf; "" is the desk's own
	keep    func(e *Entry) error  // told of the entry before it is queued; nil: nobody
}

// Done is one act that is logged.
type Done struct {
	Entry   *Entry
	Index   uint64 // of the leaf, once it is logged
	Origin  evidence.Origin
	Receipt *ledger.Receipt // nil while the cosignatures are missing
	Pending error           // why there is no receipt yet; the act is logged all the same, unless it waits
	Waits   bool            // it is signed and durable, and not logged yet: Pending says why
	Retried bool            // it was logged before, by an interrupted process
}

// ErrNoAct reports an act without anybody to sign it.
var ErrNoAct = errors.New("nobody is there to sign")

// newRecord builds the record of a draft under a fresh key.
func (d *draft) newRecord(fields map[string]any) error {
	if _, err := limitsIn(fields); err != nil {
		return err
	}
	d.key = evidence.NewRecordKey()
	r, err := evidence.NewRecord(d.key, fields)
	if err != nil {
		return err
	}
	d.roots, d.values = r.Roots(), r.Entries()
	return nil
}

// sign turns a draft into an entry whose envelope is signed: from here on the
// same bytes are used, whatever happens (rule P20). A dry run leaves the entry
// without envelope and leaf.
func (s *Session) sign(ctx context.Context, d *draft) (*Entry, error) {
	if d.signers == nil && s.acting != nil {
		d.signers = []*officer{s.acting}
	}
	if len(d.signers) == 0 {
		return nil, ErrNoAct
	}
	b := d.body(s.Config.Origin)
	e, err := s.event(d, b)
	if err != nil {
		return nil, err
	}
	if err := s.guard(d, e); err != nil {
		return nil, err
	}
	if err := s.admit(ctx, d, e); err != nil {
		return nil, err
	}
	payload, err := e.Marshal()
	if err != nil {
		return nil, err
	}
	if s.DryRun {
		return &Entry{Body: b, Event: e}, nil
	}
	env, err := signing.Sign(ctx, evidence.EventPayloadType, payload, signersOf(d.signers)...)
	if err != nil {
		return nil, err
	}
	if b.Envelope, err = env.Marshal(); err != nil {
		return nil, err
	}
	return newEntry(b)
}

// body starts the body of a draft: all of it but the event.
func (d *draft) body(own evidence.Origin) *Body {
	b := &Body{RecordKey: (*evidence.Hash)(&d.key), Origin: d.logIn, Values: d.values, files: d.files}
	if b.Origin == "" {
		b.Origin = own
	}
	rand.Read(b.Salt[:])
	return b
}

func signersOf(officers []*officer) []signing.Signer {
	all := make([]signing.Signer, len(officers))
	for i, o := range officers {
		all[i] = o.signer
	}
	return all
}

// event fills in what every event has, and the body's part of it.
func (s *Session) event(d *draft, b *Body) (*evidence.Event, error) {
	now := evidence.Instant(s.Now())
	anchors, err := s.anchors()
	if err != nil {
		return nil, err
	}
	e := &evidence.Event{
		Action: d.action, Anchors: anchors, Origin: b.Origin, Record: d.roots, Recorded: now,
		Occurred: evidence.Occurred{Clock: evidence.ClockSystem, From: now, To: now},
		Opens:    evidence.Opens{Children: []evidence.Child{}},
	}
	if d.at != nil {
		e.Occurred = *d.at
	}
	for _, o := range d.signers {
		e.Signers = append(e.Signers, o.as)
	}
	if err := s.chain(d, b, e); err != nil {
		return nil, err
	}
	if !d.ends {
		key := evidence.NewSealKey()
		in := d.nextIn
		if in == "" {
			in = s.Config.Origin
		}
		e.Opens.Next = &evidence.NextSeal{Origin: in, Seal: key.Seal()}
		b.NextKey = (*evidence.Hash)(&key)
	}
	if d.shape != nil {
		d.shape(e)
	}
	b.Item, b.Seq = e.Item, uint64(e.Seq)
	return e, nil
}

// chain ties the event to the one before it, or to its birth.
func (s *Session) chain(d *draft, b *Body, e *evidence.Event) error {
	if d.item == nil {
		key := evidence.BirthKey(b.Origin, d.roots.Root)
		b.SealKey, e.Closes, e.Item = evidence.Hash(key), key.Seal(), evidence.ItemID(key.Seal())
		return nil
	}
	if err := s.misses(d.item.ID); err != nil {
		return err
	}
	last := d.item.Last()
	if last.Event.Opens.Next == nil {
		return fmt.Errorf("its history ended with %s: %w", last.Event.Action, ErrEnded)
	}
	if last.Body.NextKey == nil || s.successor(last.Event.Opens.Next.Origin) != b.Origin {
		if o := last.Event.Opens.Next.Origin; s.hasEnded(o) && s.successor(o) == o {
			return fmt.Errorf("what follows %s: %w", o, ErrNotNamed)
		}
		if last.Body.NextKey == nil && s.lost(last) {
			return ErrKeyLost
		}
		return fmt.Errorf("it goes on in %s: %w", last.Event.Opens.Next.Origin, ErrNotHere)
	}
	b.SealKey, e.Closes = *last.Body.NextKey, last.Event.Opens.Next.Seal
	e.Item, e.Seq, e.Previous = d.item.ID, last.Event.Seq+1, last.Leaf
	return nil
}

// Errors about an item that this desk cannot go on with.
var (
	ErrEnded   = errors.New("the item has ended")
	ErrNotHere = errors.New("the item's next seal is not in this desk's hands")
)

// perform signs the drafts of one act, in order, and logs them together. A draft
// made from an earlier one of the same act is given by keep.
func (s *Session) perform(ctx context.Context, drafts ...*draft) ([]Done, error) {
	var entries []*Entry
	for _, d := range drafts {
		e, err := s.sign(ctx, d)
		if err != nil {
			return nil, err
		}
		if d.keep != nil {
			if err := d.keep(e); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	return s.log(ctx, entries)
}

// performEach signs drafts on different items, leaves out those that may not be
// done, and logs the rest together. What was left out comes back as one
// [ItemError] each, joined.
func (s *Session) performEach(ctx context.Context, drafts []*draft) ([]Done, error) {
	entries, refused := s.signEach(ctx, drafts)
	return s.logSigned(ctx, entries, refused)
}

// signEach signs drafts on different items, and returns one [ItemError] for each that
// may not be done.
func (s *Session) signEach(ctx context.Context, drafts []*draft) (entries []*Entry, refused []error) {
	for _, d := range drafts {
		e, err := s.sign(ctx, d)
		if err == nil && d.keep != nil {
			err = d.keep(e)
		}
		if err != nil {
			refused = append(refused, &ItemError{d.item.ID, err})
			continue
		}
		entries = append(entries, e)
	}
	return entries, refused
}

// logSigned logs what signEach left.
func (s *Session) logSigned(ctx context.Context, entries []*Entry, refused []error) ([]Done, error) {
	if len(entries) == 0 {
		return nil, errors.Join(refused...)
	}
	done, err := s.log(ctx, entries)
	return done, errors.Join(append(refused, err)...)
}

// officersOf returns unlocked officers by alias, the acting one first.
func (s *Session) officersOf(second string) ([]*officer, error) {
	if s.acting == nil {
		return nil, ErrNoAct
	}
	all := []*officer{s.acting}
	if second == "" {
		return all, nil
	}
	o, ok := s.officers[second]
	if !ok {
		return nil, fmt.Errorf("%q is not unlocked: %w", second, ErrNoOfficer)
	}
	if slices.Contains(all, o) {
		return nil, fmt.Errorf("%q signs already: %w", second, ErrNoOfficer)
	}
	return append(all, o), nil
}

package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/signing/keyfile"
)

// Offering hands items to another custodian.
type Offering struct {
	Items  []*Item
	To     *keyfile.Card // the receiver: an officer of this desk or of another
	Due    time.Time     // by when an answer is due
	Fields map[string]any
	Dir    string // folder for the handoff files; needed when To is at another desk
	At     *evidence.Occurred
	Use    *mla.Use      // what it is for, when it goes to another state; nil: nothing is said
	Under  *LimitedUnder // the request under which it goes, and its limits; nil: none

	Progress progress.Sink // of copying the evidence for another desk; nil: nobody is told

	ToAuthority bool // To may have what a request's form keeps apart

	state string // of To, once it was asked for
}

// Offered is what came of an offering.
type Offered struct {
	Done  []Done
	Again []evidence.ItemID // offered before to the same receiver; put into the file again
	File  string            // the offer file to send with the folder it is in; "" within a desk, and when all of it waits
}

// Errors about a handoff.
var (
	ErrNotOffered  = errors.New("the item is not offered")
	ErrNoDir       = errors.New("the receiver is at another desk; a folder for the handoff files is needed")
	ErrHandoffDir  = errors.New("the folder holds another handoff")
	ErrNoRecipient = errors.New("the receiver's card names no vault to encrypt to")
	// ErrErasedEvents reports an item with erased events: what stands for them is in
	// the ledger that had them, and another desk could not go on from it.
	ErrErasedEvents = errors.New("events of the item were erased, so another desk cannot follow its history")
	ErrMismatch     = errors.New("what was received is not what was sealed")
)

// Offer signs one offer for each item and logs them together; each item is
// decided alone. Custody stays with the giver until an accept is logged (rule P14).
func (s *Session) Offer(ctx context.Context, o Offering) (*Offered, error) {
	if o.Progress == nil {
		o.Progress = progress.None{}
	}
	foreign, err := s.receiver(&o)
	if err != nil {
		return nil, err
	}
	out := &Offered{}
	var drafts []*draft
	var refused []error
	for _, it := range o.Items {
		if foreign && len(it.Erased) > 0 {
			refused = append(refused, &ItemError{it.ID, ErrErasedEvents})
			continue
		}
		if foreign && !o.ToAuthority {
			if err := s.handsOver(it); err != nil {
				refused = append(refused, &ItemError{it.ID, err})
				continue
			}
		}
		if foreign && it.offeredTo(evidence.KeyID(o.To.Key.ID())) {
			if it.Last().waits() {
				refused = append(refused, &ItemError{it.ID, fmt.Errorf("it is offered, and cannot be handed over yet: %w", ErrWaits)})
				continue
			}
			out.Again = append(out.Again, it.ID)
			continue
		}
		use, err := s.offeredUse(ctx, &o, it)
		if err != nil {
			refused = append(refused, &ItemError{it.ID, err})
			continue
		}
		d, err := o.draft(it, use)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	entries, unsigned := s.signEach(ctx, drafts)
	refused = append(refused, unsigned...)
	if !foreign || s.DryRun {
		out.Done, err = s.logSigned(ctx, entries, refused)
		return out, err
	}
	return out, s.offerAway(ctx, &o, entries, refused, out)
}

// offerAway logs offers to another desk and writes the folder for it. The evidence is
// copied there before an offer is logged: what cannot be handed over is not offered. An
// offer that waits for the node is in no file: nothing proves it yet.
func (s *Session) offerAway(ctx context.Context, o *Offering, entries []*Entry, refused []error, out *Offered) (err error) {
	copies := s.copiesFor(o)
	o.Progress.Stage("copying", -1, -1)
	entries = slices.DeleteFunc(entries, func(e *Entry) bool {
		err := copies.ofItem(ctx, e.Event.Item)
		if err != nil {
			refused = append(refused, &ItemError{e.Event.Item, err})
		}
		return err != nil
	})
	out.Done, err = s.logSigned(ctx, entries, refused)
	ids := slices.Clone(out.Again)
	for _, d := range logged(out.Done) {
		ids = append(ids, d.Entry.Event.Item)
	}
	if len(ids) == 0 {
		return errors.Join(err, copies.only(nil))
	}
	file, fileErr := s.writeOffer(ctx, *o, ids, copies)
	out.File = file
	return errors.Join(err, fileErr)
}

// offeredTo reports whether the item is offered to that key already: an offer
// whose file was lost is written again, not signed again.
func (it *Item) offeredTo(key evidence.KeyID) bool {
	last := it.Last()
	return last.Event.Action == evidence.Offer && last.Body.NextKey != nil && last.Event.Counterparty.Key == key
}

// offeredUse decides about an offer to another state, and to a receiver of whom only a
// card says which state it is.
func (s *Session) offeredUse(ctx context.Context, o *Offering, it *Item) (map[string]any, error) {
	if told, err := it.Told(); err != nil || told.None() {
		return nil, err
	}
	if o.state == "" {
		o.state = s.receiverState(o.To)
	}
	if o.state == s.Config.State {
		return nil, nil
	}
	var use mla.Use
	if stated := o.Under.use(o.Use); stated != nil {
		use = *stated
	}
	use.State = o.state // whoever says otherwise
	return s.useFields(ctx, it, evidence.Offer, &use)
}

// stateTold is the receiver's state as it was proven, else as the card says.
func (o *Offering) stateTold() string {
	if o.state == "" || o.state == unknownState {
		return o.To.State
	}
	return o.state
}

// draft is the offer of one item; use is what was decided about it.
func (o *Offering) draft(it *Item, use map[string]any) (*draft, error) {
	d := &draft{item: it, action: evidence.Offer, at: o.At}
	d.shape = func(e *evidence.Event) {
		e.Due = evidence.Instant(o.Due)
		e.Counterparty = &evidence.Counterparty{
			Kind: evidence.PartyKey, Key: evidence.KeyID(o.To.Key.ID()), State: evidence.StateCode(o.stateTold()),
		}
	}
	fields, err := o.fields()
	if err != nil {
		return nil, err
	}
	maps.Copy(fields, use)
	return d, d.newRecord(fields)
}

// receiver checks that the offer can reach whom it names, and says whether that
// is another desk.
func (s *Session) receiver(o *Offering) (foreign bool, err error) {
	foreign = o.To.Vault != s.Config.Vault
	switch {
	case !foreign:
		return false, nil
	case o.To.Vault == "":
		return true, ErrNoRecipient
	case o.Dir == "":
		return true, ErrNoDir
	}
	if _, err := os.Stat(filepath.Join(o.Dir, OfferFile)); err == nil {
		return true, fmt.Errorf("%s has an offer already: %w", o.Dir, ErrHandoffDir)
	}
	return true, nil
}

func (o *Offering) fields() (map[string]any, error) {
	fields := map[string]any{"to": o.To.Alias}
	maps.Copy(fields, o.Fields)
	under, err := o.Under.fields()
	maps.Copy(fields, under)
	return fields, err
}

// Withdrawing takes an offer back: alone once the answer is overdue, before that
// with the receiver's signature, who is then an officer of this desk.
type Withdrawing struct {
	Items  []*Item
	Fields map[string]any // reason, note, place
	Second string
	At     *evidence.Occurred
}

// Withdraw signs and logs the withdrawals, each item decided alone.
func (s *Session) Withdraw(ctx context.Context, w Withdrawing) ([]Done, error) {
	var acts []Act
	var refused []error
	for _, it := range w.Items {
		if it.Last().Event.Action != evidence.Offer {
			refused = append(refused, &ItemError{it.ID, ErrNotOffered})
			continue
		}
		acts = append(acts, Act{Item: it, Action: evidence.Withdraw, Second: w.Second, Fields: w.Fields, At: w.At})
	}
	done, err := s.DoMany(ctx, acts)
	return done, errors.Join(append(refused, err)...)
}

// CardOf returns the card of one of this desk's officers, or reads a card file.
func (h *Home) CardOf(name string) (*keyfile.Card, error) {
	if raw, err := input.Read(h.path("keys", name+".card"), maxSmall); err == nil {
		return keyfile.ParseCard(raw)
	}
	raw, err := input.Read(name, maxSmall)
	if err != nil {
		return nil, fmt.Errorf("%q is neither an officer of this desk nor a card file: %w", filepath.Base(name), err)
	}
	return keyfile.ParseCard(raw)
}

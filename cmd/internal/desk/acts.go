package desk

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
)

// Act is one of the plain acts on an item that its custodian holds.
type Act struct {
	Item         *Item
	Action       evidence.Action
	Fields       map[string]any // of the record: reason, purpose, place, physical-seal.before …
	Counterparty *evidence.Counterparty
	At           *evidence.Occurred
	Second       string   // alias of the second signer
	Recheck      bool     // read every stored byte again and record the result
	Use          *mla.Use // of a disclosure or a return: what it is for; nil: nothing is said
	Progress     progress.Sink

	decided bool // a disclosure whose use was decided already
}

// Do performs examine, disclose, hold, release, return or withdraw.
func (s *Session) Do(ctx context.Context, a Act) (Done, error) {
	return one(s.DoMany(ctx, []Act{a}))
}

// one returns the only result of a batch of one.
func one(done []Done, err error) (Done, error) {
	if len(done) == 0 {
		return Done{}, err
	}
	return done[0], err
}

// DoMany performs several acts on different items with one round to the ledger.
// Each item is decided alone: what is refused comes back as one [ItemError]
// each, joined, and the others are done.
func (s *Session) DoMany(ctx context.Context, acts []Act) ([]Done, error) {
	drafts := make([]*draft, 0, len(acts))
	var refused []error
	for _, a := range acts {
		d, err := s.plain(ctx, a)
		if err != nil {
			refused = append(refused, &ItemError{a.Item.ID, err})
			continue
		}
		drafts = append(drafts, d)
	}
	done, err := s.performEach(ctx, drafts)
	err = errors.Join(err, s.releaseObjects(ctx, done))
	return done, errors.Join(append(refused, err)...)
}

func (s *Session) plain(ctx context.Context, a Act) (*draft, error) {
	signers, err := s.officersOf(a.Second)
	if err != nil {
		return nil, err
	}
	if a.Action == evidence.Disclose {
		if err := s.allowedUnder(a.Item, rules.AtDisclose, s.disclosing(a, signers)); err != nil {
			return nil, err
		}
	}
	d := &draft{item: a.Item, action: a.Action, signers: signers, at: a.At, ends: a.Action == evidence.Return}
	d.shape = func(e *evidence.Event) { e.Counterparty = a.Counterparty }
	if a.Action == evidence.Hold {
		d.keep = func(*Entry) error { return s.holdObjects(ctx, a.Item) }
	}
	fields := map[string]any{}
	maps.Copy(fields, a.Fields)
	use, err := s.decides(ctx, &a)
	if err != nil {
		return nil, err
	}
	maps.Copy(fields, use)
	if a.Recheck {
		check, err := s.compare(ctx, a.Item, a.Progress)
		if err != nil {
			return nil, err
		}
		fields[evidence.FieldDigests] = check
	}
	return d, d.newRecord(fields)
}

// Correction says what was wrong in an earlier event, and what is right. The
// old value is read from the record, not typed.
type Correction struct {
	Item   *Item
	Field  string
	New    any
	Reason string
	At     *evidence.Occurred

	Checked []string // texts that a person confirmed to identify nobody: the field, reason
}

// Correct adds a correct event; the old event stays readable. Acts on the item
// that the ledger refused are attached and thereby shown (rule P14). It returns
// how many.
func (s *Session) Correct(ctx context.Context, c Correction) (done Done, shown int, err error) {
	fields := map[string]any{"field": c.Field, "new": c.New, "reason": c.Reason}
	if len(c.Checked) > 0 {
		fields[rules.FieldPersonalChecked] = c.Checked
	}
	if old, ok := value[json.RawMessage](c.Item, c.Field); ok {
		fields["old"] = old
	}
	refused, paths, err := s.refusedOf(c.Item.ID)
	if err != nil {
		return Done{}, 0, err
	}
	if len(refused) > 0 {
		fields["refused"] = envelopesOf(refused)
	}
	done, err = s.Do(ctx, Act{Item: c.Item, Action: evidence.Correct, Fields: fields, At: c.At})
	if err != nil {
		return Done{}, 0, err
	}
	for _, p := range paths {
		if err := files.Remove(p); err != nil {
			return done, len(refused), err
		}
	}
	return done, len(refused), nil
}

func envelopesOf(entries []*Entry) [][]byte {
	var all [][]byte
	for _, e := range entries {
		all = append(all, e.Body.Envelope)
	}
	return all
}

// Occurred makes the time of an act from what a person typed: when it was, and
// by which clock.
func Occurred(from, to time.Time, clock evidence.Clock, offset time.Duration) *evidence.Occurred {
	if to.IsZero() {
		to = from
	}
	return &evidence.Occurred{
		Clock: clock, From: evidence.Instant(from), To: evidence.Instant(to), OffsetMS: offset.Milliseconds(),
	}
}

package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// Sealing is what is taken into custody, and what is said about it.
type Sealing struct {
	Paths         []string       // files and folders; none for a thing without bytes
	Object        string         // text for a thing without bytes
	Photos        []string       // files that show the object
	PhysicalSeals []string       // numbers on the bag
	Fields        map[string]any // further fields of the record
	Standard      string         // id/version; "" when none was asked for
	SHA512        bool           // take the second digest
	Protected     bool           // concerns one protected person: packs of its own
	At            *evidence.Occurred
	Again         string          // reason, when the same content was sealed before (rule P25)
	Second        string          // alias of the second signer, when Continues is set
	Continues     evidence.ItemID // the dead item that this one goes on from (rule P4)
	Offer         evidence.Hash   // leaf of the offer that the giver's ledger left unanswered
	Parent        *Derivation     // set by Derive
	Progress      Progress
}

// Sealed is what came of a sealing.
type Sealed struct {
	Done
	Item     evidence.ItemID
	Files    int                  // entries of the record that are files
	Bytes    int64                // of their content
	Odd      []evidence.FileValue // what was met and is no plain file, or has a name that is not plain
	Earlier  int                  // how many files have a content that was sealed here before
	Duration time.Duration
}

// Errors of a sealing.
var (
	ErrNothing = errors.New("nothing to seal")
	ErrAgain   = errors.New("the same content was sealed at this desk before")
)

// Seal takes evidence into custody: one pass over the bytes, encrypted on the
// way into the store, one signed collect event in the ledger. A seal that fails
// or is interrupted before the event is queued leaves nothing in the store.
//
// When every file of it was sealed here before it returns [ErrAgain], unless a
// reason is given, which is recorded.
func (s *Session) Seal(ctx context.Context, in Sealing) (*Sealed, error) {
	start := s.Now()
	d, out, err := s.collect(ctx, &in)
	if err != nil {
		return nil, err
	}
	done, err := s.performIngested(ctx, d)
	if err != nil {
		return nil, err
	}
	out.Done, out.Item, out.Duration = done[0], done[0].Entry.Event.Item, s.Now().Sub(start)
	return out, nil
}

// performIngested performs acts whose evidence was just taken in. After an error
// the keeper decides: evidence that a queued or refused act names stays.
func (s *Session) performIngested(ctx context.Context, drafts ...*draft) ([]Done, error) {
	done, err := s.perform(ctx, drafts...)
	if err != nil {
		return nil, errors.Join(err, s.keeper.abandon(ctx))
	}
	return done, s.keeper.commit(ctx)
}

// collect ingests the files and drafts the event.
func (s *Session) collect(ctx context.Context, in *Sealing) (*draft, *Sealed, error) {
	if len(in.Paths) == 0 && in.Object == "" {
		return nil, nil, ErrNothing
	}
	signers, err := s.officersOf(in.Second)
	if err != nil {
		return nil, nil, err
	}
	if in.Progress == nil {
		in.Progress = noProgress{}
	}
	values, err := s.ingest(ctx, in)
	if err != nil {
		return nil, nil, errors.Join(err, s.keeper.abandon(ctx))
	}
	d := &draft{action: evidence.Collect, signers: signers, at: in.At}
	out, err := s.weigh(in, values)
	if err == nil {
		err = d.newRecord(in.record(), values...)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.keeper.abandon(ctx))
	}
	d.shape = func(e *evidence.Event) {
		e.Standard, e.Continues, e.Offer = in.Standard, in.Continues, in.Offer
	}
	return d, out, nil
}

// weigh sums up what was read, and asks for a reason when all of it was sealed
// here before. A derived copy has its reason: its parent.
func (s *Session) weigh(in *Sealing, values []evidence.FileValue) (*Sealed, error) {
	out := &Sealed{Files: len(values)}
	full := 0
	for _, v := range values {
		if v.Digests != nil {
			out.Bytes += v.Digests.Size
			full += min(1, int(v.Digests.Size))
		}
		if v.Kind != evidence.KindFile || v.Collides || v.PathHex != "" {
			out.Odd = append(out.Odd, v)
		}
	}
	earlier, err := s.keeper.earlier(values)
	if err != nil {
		return nil, err
	}
	out.Earlier = len(earlier)
	if full > 0 && out.Earlier == full && in.Again == "" && in.Parent == nil {
		return nil, fmt.Errorf("%d of %d files: %w", out.Earlier, full, ErrAgain)
	}
	return out, nil
}

// record returns the fields of the collect's record.
func (in *Sealing) record() map[string]any {
	fields := map[string]any{}
	for name, v := range in.Fields {
		fields[name] = v
	}
	if in.Object != "" {
		fields["object"] = in.Object
	}
	if len(in.PhysicalSeals) > 0 {
		fields[evidence.FieldPhysicalSeal] = in.PhysicalSeals
	}
	if in.Again != "" {
		fields["again"] = in.Again
	}
	return fields
}

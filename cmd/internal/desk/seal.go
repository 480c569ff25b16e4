package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
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
	Under         Under          // what is checked before anything is signed
	SHA512        bool           // take the second digest
	Protected     bool           // concerns one protected person: packs of its own
	At            *evidence.Occurred
	Again         string          // reason, when the same content was sealed before (rule P25)
	Second        string          // alias of the second signer, when Continues is set
	Continues     evidence.ItemID // the dead item that this one goes on from (rule P4)
	Offer         evidence.Hash   // leaf of the offer that the giver's ledger left unanswered
	Parent        *Derivation     // set by Derive
	Progress      progress.Sink
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

	objects objectSet // that the record names
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
	if err := s.inheritDead(ctx, &in); err != nil {
		return nil, err
	}
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
	for _, d := range drafts {
		err = errors.Join(err, d.closeFiles())
	}
	if err != nil {
		return nil, errors.Join(err, s.keeper.abandon(ctx))
	}
	return done, s.keeper.commit(ctx, nil)
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
		in.Progress = progress.None{}
	}
	if err := in.Under.begin(s, in, signers); err != nil {
		return nil, nil, err
	}
	if _, err := s.keeper.lockedUntil(in.Fields[fieldRetention]); err != nil {
		return nil, nil, err
	}
	d, out := &draft{action: evidence.Collect, signers: signers, at: in.At}, &Sealed{objects: objectSet{}}
	err = s.collectFiles(ctx, in, d, out)
	if err == nil {
		err = in.Under.judge(s, in, signers, false)
	}
	if err != nil {
		return nil, nil, errors.Join(err, d.closeFiles(), s.keeper.abandon(ctx))
	}
	d.keep = func(*Entry) error { return s.keeper.retain(ctx, out.objects, in.Fields[fieldRetention]) }
	d.shape = func(e *evidence.Event) {
		e.Standard, e.Continues, e.Offer = in.Standard, in.Continues, in.Offer
	}
	return d, out, nil
}

// collectFiles makes the draft's record out of what is read, and sums it up.
func (s *Session) collectFiles(ctx context.Context, in *Sealing, d *draft, out *Sealed) error {
	r, err := s.beginRecord(d, in.record())
	if err != nil {
		return err
	}
	full := 0
	var read []evidence.FileValue // in a dry run; else the vault remembers what counts
	err = s.ingest(ctx, in, func(v evidence.FileValue) error {
		if v.Digests != nil {
			full += min(1, int(v.Digests.Size))
		}
		if s.DryRun {
			read = append(read, v)
		}
		out.count(v)
		in.Under.file(v)
		return r.file(v)
	})
	if err != nil {
		return err
	}
	r.end()
	if out.Earlier, err = s.keeper.earlier(read); err != nil {
		return err
	}
	if err := in.weigh(out, full); err != nil {
		return err
	}
	return s.keepsLimits(ctx, in, out)
}

// count sums up one file.
func (out *Sealed) count(v evidence.FileValue) {
	out.Files++
	out.objects.add(v)
	if v.Digests != nil {
		out.Bytes += v.Digests.Size
	}
	if v.Kind != evidence.KindFile || v.Collides || v.PathHex != "" {
		out.Odd = append(out.Odd, v)
	}
}

// weigh asks for a reason when all files with content, full in number, were
// sealed here before. A derived copy has its reason: its parent.
func (in *Sealing) weigh(out *Sealed, full int) error {
	if full > 0 && out.Earlier == full && in.Again == "" && in.Parent == nil {
		return fmt.Errorf("%d of %d files: %w", out.Earlier, full, ErrAgain)
	}
	return nil
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

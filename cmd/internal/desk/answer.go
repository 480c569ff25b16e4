package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
)

// Answer is accept or decline of an offer made to the acting officer.
type Answer struct {
	Item     *Item
	Action   evidence.Action // Accept or Decline
	Fields   map[string]any
	At       *evidence.Occurred
	Progress progress.Sink

	// SealsMatch says that the physical seals were compared, and are those recorded.
	SealsMatch bool
}

// ErrSealsUnsaid reports an accept of a sealed bag that says nothing of its seals.
var ErrSealsUnsaid = errors.New("the item has physical seals, and the accept does not say which were found")

// Answer signs and logs answers within this desk, each item decided alone. An
// accept re-reads every byte first, and fails with [ErrMismatch] when a digest
// differs: then nothing is signed for that item.
func (s *Session) Answer(ctx context.Context, answers []Answer) ([]Done, error) {
	drafts := make([]*draft, 0, len(answers))
	var refused []error
	for _, a := range answers {
		d, err := s.answer(ctx, a)
		if err != nil {
			refused = append(refused, &ItemError{a.Item.ID, err})
			continue
		}
		drafts = append(drafts, d)
	}
	done, err := s.performEach(ctx, drafts)
	return done, errors.Join(append(refused, err)...)
}

func (s *Session) answer(ctx context.Context, a Answer) (*draft, error) {
	if a.Item.Last().Event.Action != evidence.Offer {
		return nil, ErrNotOffered
	}
	fields := maps.Clone(a.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	if a.Action == evidence.Accept {
		if err := a.compareSeals(fields); err != nil {
			return nil, err
		}
	}
	if a.Action == evidence.Accept && !a.Item.received {
		checks, err := s.Recheck(ctx, a.Item, a.Progress)
		if err != nil {
			return nil, err
		}
		if checks.Checked > 0 {
			fields[evidence.FieldDigests] = checks
		}
	}
	d := &draft{item: a.Item, action: a.Action, at: a.At, logIn: s.successor(a.Item.Last().Event.Opens.Next.Origin)}
	if a.Action == evidence.Decline {
		d.nextIn = d.logIn // the item stays where it was
	}
	return d, d.newRecord(fields)
}

// compareSeals puts the physical seals as found into the record. An accept that is
// silent on them would be a gap in custody.
func (a *Answer) compareSeals(fields map[string]any) error {
	numbers, sealed := value[[]string](a.Item, evidence.FieldSealAfter)
	if !sealed {
		numbers, sealed = value[[]string](a.Item, evidence.FieldPhysicalSeal)
	}
	_, said := fields[evidence.FieldSealBefore]
	switch {
	case !sealed || len(numbers) == 0 || said:
		return nil
	case a.SealsMatch:
		fields[evidence.FieldSealBefore] = numbers
		return nil
	}
	return ErrSealsUnsaid
}

// Recheck reads every stored byte of an item again and compares all its digests
// (rule P6). It returns what was checked, or [ErrMismatch].
func (s *Session) Recheck(ctx context.Context, it *Item, p progress.Sink) (evidence.DigestCheck, error) {
	check, err := s.compare(ctx, it, p)
	if err == nil && len(check.Different) > 0 {
		err = fmt.Errorf("%d of %d files: %w", len(check.Different), check.Checked, ErrMismatch)
	}
	return check, err
}

// compare is [Session.Recheck] that reports differences instead of failing.
func (s *Session) compare(ctx context.Context, it *Item, p progress.Sink) (evidence.DigestCheck, error) {
	check := evidence.DigestCheck{Different: []string{}}
	if p == nil {
		p = progress.None{}
	}
	values, err := it.FileValues()
	if err != nil {
		return check, err
	}
	p.Stage("reading again", storedBytes(values), len(values))
	for _, n := range slices.Sorted(maps.Keys(values)) {
		v := values[n]
		if v.Stored == nil {
			continue
		}
		p.File(v.Path)
		got, err := s.keeper.digest(ctx, v, p)
		if err != nil {
			return check, fmt.Errorf("file/%d: %w", n, err)
		}
		check.Checked++
		if v.Digests.Check(got) != nil {
			check.Different = append(check.Different, evidence.FileName(n))
		}
	}
	return check, nil
}

func storedBytes(values map[int]evidence.FileValue) int64 {
	var sum int64
	for _, v := range values {
		if v.Stored != nil {
			sum += v.Digests.Size
		}
	}
	return sum
}

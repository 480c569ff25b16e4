package witness

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// caught raises the alarm about the first bad leaf of the tree s; the map covers
// what is before it.
func (a *Auditor) caught(ctx context.Context, s submission, m *closed.Map, bad *closed.LeafError) error {
	alarm, err := s.alarm(ctx, m, bad)
	if err != nil {
		return fmt.Errorf("%q broke a rule (%w), and the proof of it is not at hand: %w", s.Origin, bad, err)
	}
	alarm.Notes = [][]byte{s.note}
	return a.raise(ctx, s, alarm)
}

// alarm gathers what proves that a leaf breaks a rule.
func (s submission) alarm(ctx context.Context, m *closed.Map, bad *closed.LeafError) (Alarm, error) {
	var twice *ledger.ClosedError
	var epoch *closed.EpochError
	switch {
	case errors.Is(bad.Err, ledger.ErrLeafForm):
		return s.about(ctx, Form, bad.Index)
	case errors.As(bad.Err, &twice):
		return s.about(ctx, SecondClose, twice.Index, bad.Index)
	case errors.As(bad.Err, &epoch):
		return s.epochAlarm(ctx, m, epoch)
	}
	return Alarm{}, bad
}

func (s submission) epochAlarm(ctx context.Context, m *closed.Map, e *closed.EpochError) (Alarm, error) {
	switch e.Fault {
	case closed.CoversTooMuch:
		return s.about(ctx, EpochAhead, e.Index)
	case closed.CoversLess:
		return s.about(ctx, EpochBack, e.Last, e.Index)
	case closed.WrongLink:
		return s.linkAlarm(ctx, e)
	case closed.WrongRoot:
		return s.rootAlarm(ctx, m, e)
	}
	return Alarm{}, e
}

// linkAlarm shows the epoch passed over, or the leaf that is named and no epoch.
func (s submission) linkAlarm(ctx context.Context, e *closed.EpochError) (Alarm, error) {
	named := e.Epoch.Previous
	none := e.Last == ledger.NoEpoch
	switch {
	case named != ledger.NoEpoch && named >= e.Index:
		return s.about(ctx, EpochLink, e.Index)
	case none || named != ledger.NoEpoch && named > e.Last:
		return s.about(ctx, EpochLink, named, e.Index)
	}
	return s.about(ctx, EpochLink, e.Last, e.Index)
}

// rootAlarm shows every leaf between the epoch before and what this one covers,
// and how the map changes with each.
func (s submission) rootAlarm(ctx context.Context, m *closed.Map, e *closed.EpochError) (Alarm, error) {
	alarm := Alarm{Kind: EpochRoot}
	var from uint64
	if index, last, ok := m.LastEpoch(); ok {
		r, err := s.prove(ctx, index, index+1)
		if err != nil {
			return alarm, err
		}
		alarm.Ranges, from = append(alarm.Ranges, r), last.Covered
	}
	run, err := s.prove(ctx, from, e.Epoch.Covered)
	if err != nil {
		return alarm, err
	}
	at, err := s.prove(ctx, e.Index, e.Index+1)
	if err != nil {
		return alarm, err
	}
	alarm.Ranges = append(alarm.Ranges, run, at)
	alarm.Inserts, err = m.Follow(ctx, proven{s}, from, e.Epoch.Covered)
	return alarm, err
}

// about returns an alarm that shows single leaves.
func (s submission) about(ctx context.Context, k Kind, indexes ...uint64) (Alarm, error) {
	a := Alarm{Kind: k}
	for _, i := range indexes {
		r, err := s.prove(ctx, i, i+1)
		if err != nil {
			return a, err
		}
		a.Ranges = append(a.Ranges, r)
	}
	return a, nil
}

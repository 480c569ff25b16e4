package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
)

// ErrFollows reports an act that was not submitted because the one it follows
// was refused (rule P14: a queue is logged up to the first refusal).
var ErrFollows = errors.New("the act it follows was refused")

// log queues signed entries, submits their leaves, and moves them to the vault
// with their receipts (spec/home.md, "Order of an act"). Refusals come back as
// one [ItemError] each, joined; whatever else fails leaves the rest in the
// queue, and the next command takes it up. A dry run ends here, with [DryRun].
func (s *Session) log(ctx context.Context, entries []*Entry) ([]Done, error) {
	return s.logErasing(ctx, entries, nil)
}

func (s *Session) logErasing(ctx context.Context, entries []*Entry, erase *erasure) ([]Done, error) {
	if s.DryRun {
		return nil, dryRunOf(entries)
	}
	if err := errors.Join(s.checkSizes(entries), s.keepAnchor()); err != nil {
		return nil, err
	}
	name, err := s.enqueue(entries, erase)
	if err != nil {
		return nil, err
	}
	out, err := s.submit(ctx, entries)
	if err != nil {
		return out.done, err
	}
	if out.waits != nil {
		s.waitsFor = out.waits
	}
	if err := s.finish(ctx, name, out, erase); err != nil {
		return out.done, err
	}
	return out.done, errors.Join(out.refused...)
}

// finish erases what an act was to erase, and takes the act from the queue. An
// act without receipt stays queued, so that a later command asks again.
func (s *Session) finish(ctx context.Context, name string, out submitted, erase *erasure) error {
	waits := slices.ContainsFunc(out.done, func(d Done) bool { return d.Waits })
	if erase != nil && len(out.refused) == 0 && !waits {
		if err := s.erase(ctx, erase); err != nil {
			return err
		}
	}
	for _, d := range out.done {
		if d.Pending != nil {
			return nil
		}
	}
	if erase != nil {
		return destroy(s.path("queue", name)) // it says what was erased
	}
	return s.dequeue(name)
}

// submitted is what came of submitting entries.
type submitted struct {
	done    []Done
	refused []error                   // *ItemError
	waits   error                     // [ErrWaits]: the ledger could not be asked, and the rest waits
	held    map[evidence.ItemID]error // [ErrWaits]: the ledger decided nothing about an act, and what follows it waits
}

// submit logs what is queued, in order: what follows a refused act is refused
// with it, and other items go on.
func (s *Session) submit(ctx context.Context, entries []*Entry) (submitted, error) {
	return s.submitBehind(ctx, entries, map[evidence.ItemID]error{})
}

// submitBehind is submit behind acts that wait, by item; those that have to wait are
// added.
func (s *Session) submitBehind(ctx context.Context, entries []*Entry, held map[evidence.ItemID]error) (submitted, error) {
	out := submitted{held: held}
	lost := map[evidence.ItemID]bool{}
	// What is signed later is logged later: when something waits already, this waits
	// behind it.
	out.waits = s.waitsFor
	for _, round := range rounds(entries) {
		if out.waits != nil {
			if err := s.wait(round, out.waits, &out); err != nil {
				return out, err
			}
			continue
		}
		if err := s.submitRound(ctx, round, lost, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// rounds parts entries so that none stands with the one it follows: the event
// before of the same item, or its parent's derive.
func rounds(entries []*Entry) [][]*Entry {
	var all [][]*Entry
	items := map[evidence.ItemID]bool{}
	for _, e := range entries {
		follows := items[e.Event.Item] || e.Event.Parent != nil && items[e.Event.Parent.Item]
		if len(all) == 0 || follows {
			all = append(all, nil)
			clear(items)
		}
		last := len(all) - 1
		all[last] = append(all[last], e)
		items[e.Event.Item] = true
	}
	return all
}

func (s *Session) submitRound(ctx context.Context, round []*Entry, lost map[evidence.ItemID]bool, out *submitted) error {
	var entries []*Entry
	for _, e := range round {
		behind, err := s.behindRefused(e)
		if err != nil {
			return err
		}
		if behind || lost[e.Event.Item] || e.Event.Parent != nil && lost[e.Event.Parent.Item] {
			if err := s.lose(e, ErrFollows, lost, out); err != nil {
				return err
			}
			continue
		}
		if why := out.holds(e); why != nil {
			if err := s.hold(e, why, out); err != nil {
				return err
			}
			continue
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil
	}
	results, err := s.submitEntries(ctx, entries)
	if errors.Is(err, ErrWaits) {
		out.waits = err
		return s.wait(entries, err, out)
	}
	if err != nil {
		return err
	}
	for i, r := range results {
		switch {
		case r.refused != nil:
			err = s.lose(entries[i], r.refused, lost, out)
		case r.waits != nil:
			err = s.hold(entries[i], r.waits, out)
		default:
			err = s.gain(ctx, entries[i], r, out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wait leaves entries in the queue. They can be found and acted on.
func (s *Session) wait(entries []*Entry, why error, out *submitted) error {
	for _, e := range entries {
		if err := s.addToIndex(e); err != nil {
			return err
		}
		delete(s.keys, e.Event.Item)
		out.done = append(out.done, Done{Entry: e, Origin: e.Event.Origin, Pending: why, Waits: true})
	}
	return nil
}

// hold leaves an entry about which nothing was decided in the queue; other items go on.
func (s *Session) hold(e *Entry, why error, out *submitted) error {
	out.held[e.Event.Item] = why
	return s.wait([]*Entry{e}, why, out)
}

// holds is why an act has to wait behind another; nil when it need not.
func (o *submitted) holds(e *Entry) error {
	if e.Event.Parent != nil && o.held[e.Event.Parent.Item] != nil {
		return o.held[e.Event.Parent.Item]
	}
	return o.held[e.Event.Item]
}

func (s *Session) lose(e *Entry, cause error, lost map[evidence.ItemID]bool, out *submitted) error {
	lost[e.Event.Item] = true
	out.refused = append(out.refused, &ItemError{e.Event.Item, fmt.Errorf("%s: %w", e.Event.Action, cause)})
	return s.refuse(e)
}

func (s *Session) gain(ctx context.Context, e *Entry, r result, out *submitted) error {
	d, err := s.settle(ctx, e, r)
	if err == nil {
		out.done = append(out.done, d)
	}
	return err
}

// settle writes an entry that is logged into the vault.
func (s *Session) settle(ctx context.Context, e *Entry, r result) (Done, error) {
	index := r.index
	e.Body.Index = &index
	if r.receipt != nil {
		e.Body.Receipt = string(r.receipt.Marshal())
		if err := s.rememberNote(r.receipt.Note); err != nil {
			return Done{}, err
		}
	}
	if err := s.addToIndex(e); err != nil {
		return Done{}, err
	}
	if err := s.keeper.putBody(ctx, s, e.Body); err != nil {
		return Done{}, err
	}
	delete(s.keys, e.Event.Item)
	return Done{Entry: e, Index: index, Origin: e.Event.Origin, Receipt: r.receipt, Pending: r.pending, Retried: r.retried}, nil
}

package feeder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger"
)

// longest is the longest pause between two tries.
const longest = time.Minute

// work asks one cosigner about the newest checkpoint, again and again, until Close.
func (f *Feeder) work(p *peer) {
	var again <-chan time.Time
	pause := f.Retry
	for {
		var r *round
		select {
		case <-p.wake:
			r = f.taken(p)
		case <-again:
			if r = f.taken(p); r == nil {
				r = f.latest()
			}
		case <-f.ctx.Done():
			return
		}
		if r == nil || f.Err() != nil {
			continue // it was taken with the one before, or nothing must be shown any more
		}
		ctx, cancel := context.WithTimeout(f.ctx, f.Timeout)
		lines, err := p.cosign(ctx, f, r)
		cancel()
		if f.ctx.Err() != nil {
			return
		}
		again = nil
		if err = f.settle(r, p, lines, err); err == nil {
			pause = f.Retry
		} else if f.Retry > 0 {
			again, pause = time.After(pause), min(2*pause, max(longest, f.Retry))
		}
	}
}

// taken returns the checkpoint that a cosigner has not been asked about, if any.
func (f *Feeder) taken(p *peer) *round {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := p.next
	p.next = nil
	return r
}

func (f *Feeder) latest() *round {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest
}

// settle notes what a cosigner answered about a checkpoint.
func (f *Feeder) settle(r *round, p *peer, lines []byte, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		err = f.admit(r, lines)
	}
	f.judge(p, err)
	if err == nil {
		p.signed, p.at, p.since = r, time.Now(), time.Time{}
		if r != f.newest {
			p.since = f.newest.begun
		}
		if r.over {
			p.late++
		}
	}
	if r.missing[p] {
		delete(r.missing, p)
		if err != nil {
			r.failed = append(r.failed, fmt.Errorf("%s: %w", p.Name(), err))
		}
		select {
		case r.more <- struct{}{}:
		default:
		}
	}
	return err
}

// admit adds a cosigner's lines to a checkpoint.
func (f *Feeder) admit(r *round, lines []byte) error {
	if f.Known == nil {
		return fmt.Errorf("no key is known for it: %w", ledger.ErrNote)
	}
	more, err := ledger.AddCosignatures(r.note, lines, f.Known)
	if err == nil {
		r.note = more
	}
	return err
}

// judge takes down what became of a request, and whether the ledger must stop.
func (f *Feeder) judge(p *peer, err error) {
	p.err = err
	if err == nil {
		p.claims = false
		return
	}
	var caught *ledger.MisbehaviourError
	switch {
	case errors.As(err, &caught), errors.Is(err, ledger.ErrBehind):
		f.stop(fmt.Errorf("%s: %w", p.Name(), err))
	case errors.Is(err, ErrClaim):
		p.claims = true
		if n := f.claimants(); n > f.Liars {
			f.stop(fmt.Errorf("%d states say so: %w: %w", n, ledger.ErrBehind, err))
		}
	}
}

// claimants counts the states that say that they have seen more.
func (f *Feeder) claimants() int {
	states := map[string]bool{}
	for _, p := range f.peers {
		if p.claims {
			states[p.State] = true
		}
	}
	return len(states)
}

func (f *Feeder) stop(why error) {
	if f.fatal == nil {
		f.fatal = why
	}
}

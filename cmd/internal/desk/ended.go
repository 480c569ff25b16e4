package desk

import (
	"context"
	"fmt"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/verify/admit"
	"example.org/custody/verify/pack"
)

// moved returns the state of an item whose open seal is in a ledger that ended as it is
// in the successor that the pinned list names (rule P13).
func (s *Session) moved(st admit.State) admit.State {
	if st.Next != nil {
		next := *st.Next
		next.Origin = s.successor(next.Origin)
		st.Next = &next
	}
	return st
}

// successor returns the ledger in which a seal that is open in o is closed: o itself, or
// the last of those that the pinned list names after it.
func (s *Session) successor(o evidence.Origin) evidence.Origin {
	if s.trusted == nil {
		return o
	}
	return s.trusted.Following(o)
}

// follow adds to origins the ledgers of this desk that follow them: what was open in an
// ended one is proven in its successor too.
func (s *Session) follow(origins map[evidence.Origin]bool) {
	if s.trusted == nil {
		return
	}
	for range s.trusted.List.Retired {
		for _, r := range s.trusted.List.Retired {
			next := evidence.Origin(r.Successor)
			if origins[evidence.Origin(r.Final.Origin)] && (next == s.Config.Origin || s.precedes(next)) {
				origins[next] = true
			}
		}
	}
}

// endedProver proves from a ledger of this desk's state that has ended: its last
// checkpoint is cosigned anew, as any tree that a package rests on.
func (s *Session) endedProver(ctx context.Context, o evidence.Origin) (pack.Prover, error) {
	if !s.hasEnded(o) {
		f, err := s.endedAtNode(o)
		if err != nil {
			return nil, err
		}
		return f.prover(ctx)
	}
	b, err := s.endedBook(ctx, o)
	if err != nil {
		return nil, err
	}
	return b.prover(ctx)
}

// endedBook opens a ledger that has ended and lies in this home.
func (s *Session) endedBook(ctx context.Context, o evidence.Origin) (*book, error) {
	if b, ok := s.ended[o]; ok {
		return b, nil
	}
	at, err := s.endedShelf(o)
	if err != nil {
		return nil, err
	}
	b, err := openShelf(ctx, s, at)
	if err != nil {
		return nil, err
	}
	if s.ended == nil {
		s.ended = map[evidence.Origin]*book{}
	}
	s.ended[o] = b
	return b, nil
}

// endedWith says what became of an act that was for a ledger that has ended: its receipt
// when it came before the end, else a refusal, because it will never be in it.
func (s *Session) endedWith(ctx context.Context, e *Entry) (result, error) {
	if !s.hasEnded(e.Event.Origin) {
		f, err := s.endedAtNode(e.Event.Origin)
		if err != nil {
			return result{}, err
		}
		return f.endedWith(ctx, e)
	}
	b, err := s.endedBook(ctx, e.Event.Origin)
	if err != nil {
		return result{}, err
	}
	got, err := b.submit(ctx, []*Entry{e}) // it takes nothing: what is there is found
	if err != nil {
		return result{}, err
	}
	return got[0], nil
}

func (s *Session) endedShelf(o evidence.Origin) (shelf, error) {
	dir := s.endedAt(o)
	at := shelf{origin: o, dir: filepath.Join(dir, "ledger"), key: filepath.Join(dir, "ledger.age")}
	end, err := s.finalOf(o, at.dir)
	if err == nil && end == nil {
		err = fmt.Errorf("%s has no last checkpoint: %w", at.dir, ErrHomeDamaged)
	}
	at.end = end
	return at, err
}

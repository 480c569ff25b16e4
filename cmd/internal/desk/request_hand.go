package desk

import (
	"context"
	"slices"

	"example.org/custody/evidence/mla"
)

// TakeAndHand takes a step of a request and offers the request to whoever has to act
// next, o.To. No step is signed where the request could not be offered; one that is
// logged stands, whatever becomes of the offer. A dry run shows the step alone.
func (s *Session) TakeAndHand(ctx context.Context, st RequestStep, o Offering) ([]Done, *Offered, error) {
	foreign, err := s.receiver(&o)
	if err == nil && foreign && !o.ToAuthority {
		err = s.handsOver(st.Request.Item)
	}
	if err != nil {
		return nil, nil, &ItemError{st.Request.ID, err}
	}
	done, err := s.TakeStep(ctx, st)
	if err != nil {
		return done, nil, err
	}
	it, err := s.Load(ctx, st.Request.ID)
	if err != nil {
		return done, nil, err
	}
	o.Items = []*Item{it}
	offered, err := s.Offer(ctx, o)
	return done, offered, err
}

// TakeAndTell takes a step of a request and shows the request to the other side's desk
// ([Session.Tell]), which follows it. No step is signed where it could not be shown.
func (s *Session) TakeAndTell(ctx context.Context, st RequestStep, o Offering) (done []Done, file string, err error) {
	if err := s.canTell(st.Request, o.To, o.Dir, o.ToAuthority); err != nil {
		return nil, "", &ItemError{st.Request.ID, err}
	}
	if done, err = s.TakeStep(ctx, st); err != nil {
		return done, "", err
	}
	it, err := s.Load(ctx, st.Request.ID)
	if err != nil {
		return done, "", err
	}
	r, err := s.Request(it)
	if err != nil {
		return done, "", err
	}
	told, file, err := s.Tell(ctx, r, o.To, o.Dir, o.ToAuthority)
	return append(done, told...), file, err
}

// NextOf returns the states that officers of a state may lead the request to from where
// it stands, sorted.
func (r *Request) NextOf(state string) []mla.State {
	m, at := mla.MachineOf(r.Law.Form.Machine), r.History.State()
	return slices.DeleteFunc(m.Next(at), func(to mla.State) bool {
		arrow, _ := m.Arrow(at, to)
		return !slices.ContainsFunc(arrow.By, func(by mla.Side) bool { return r.Law.OwnSide(by, state) == nil })
	})
}

package desk

import "example.org/custody/cmd/internal/desk/trustlist"

// Proposed is a list that was proposed or signed by this desk.
type Proposed struct {
	File    *trustlist.File
	View    *trustlist.View
	Changes []string
	Signed  []string // states whose signatures it has
	Missing string   // what it lacks to be pinned; "" for nothing
	Again   bool     // this state had signed before
}

// Propose makes the list that follows the pinned one, signed by this state alone. A
// dry run signs nothing.
func (s *Session) Propose(p trustlist.Proposal) (*Proposed, error) {
	if s.trusted == nil {
		return nil, trustlist.ErrNone
	}
	o, err := s.own()
	if err != nil {
		return nil, err
	}
	if len(p.Retire) > 0 { // the ledger that follows, when it is this desk's
		p.Logs = append(p.Logs, o.unlisted(s.trusted.List)...)
	}
	f, err := p.Next(s.trusted, s.Now())
	if err != nil {
		return nil, err
	}
	return s.signList(o, f)
}

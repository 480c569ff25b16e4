package desk

import (
	"errors"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// ErrNotNamed reports a desk whose ledger no trust list names that is pinned here: it
// follows one that has ended, and the list that says so is on its way.
var ErrNotNamed = errors.New("the pinned trust list does not name this desk's ledger yet")

// keepNodeOut keeps the home's node from starting until release is called.
func (h *Home) keepNodeOut() (release func(), err error) {
	if !h.HasNode() || h.DryRun {
		return func() {}, nil
	}
	lock, err := cosigner.KeepOut(h.path("cosigner"))
	if errors.Is(err, cosigner.ErrServed) {
		return nil, ErrNodeRuns
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Close() }, nil
}

// finishServed finishes, for a node that is about to serve the home in dir, a succession
// that an interrupt left between two steps. [ErrHomeInUse]: a desk is at it.
func finishServed(dir string) error {
	h, err := Outside(dir)
	if err != nil || !h.succeeds() {
		return err
	}
	if err := h.take(); err != nil {
		return err
	}
	return errors.Join(h.finishSuccession(), h.Close())
}

// named reports whether the pinned list names the ledger in which the desk logs.
func (s *Session) named() bool {
	return s.trusted != nil && s.trusted.Names(s.Config.Origin)
}

// endsBefore reports whether a ledger of the home has ended before the one it has now.
func (h *Home) endsBefore() bool {
	found, err := filepath.Glob(h.path(endedFolder, "*", "ledger"))
	return err == nil && len(found) > 0
}

// followOwn has a desk without a ledger of its own go on in the ledger that follows its
// state's, once the pinned list names it.
func (s *Session) followOwn() error {
	next := s.successor(s.Config.Origin)
	if !s.Joined() || next == s.Config.Origin || !s.alone || s.DryRun || s.stateOf(next) != s.Config.State {
		return nil
	}
	if err := errors.Join(s.leaveLogbook(), s.citeLists()); err != nil {
		return err
	}
	c := s.Config
	c.Origin = next
	return s.configure(c)
}

// stateOf returns the state whose ledger o is, by the pinned list; "" of an unknown one.
func (s *Session) stateOf(o evidence.Origin) string {
	if s.trusted != nil {
		for _, l := range s.trusted.List.Logs {
			if l.Origin == string(o) {
				return l.State
			}
		}
	}
	return ""
}

// precedes reports whether o is a ledger of the desk's own state that has ended, and that
// the one in which the desk logs follows.
func (s *Session) precedes(o evidence.Origin) bool {
	if s.hasEnded(o) {
		return true
	}
	return o != s.Config.Origin && s.successor(o) == s.Config.Origin && s.stateOf(o) == s.Config.State
}

// begins reports whether a list is the first that names the ledger in which the desk logs
// from then on, at a node: nothing of that ledger counts under the list before, so it is
// pinned before its hash is logged there. The ledgers of other states have it, under
// their policies in the list before (rule P12).
func (s *Session) begins(l *trust.List) bool {
	return s.Node != "" && s.trusted.Begins(l, s.Config.Origin) != ""
}

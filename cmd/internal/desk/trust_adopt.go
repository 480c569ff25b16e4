package desk

import (
	"context"
	"errors"

	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// Adopted is what pinning a trust list did.
type Adopted struct {
	View    *trustlist.View
	Again   bool   // it was pinned already; what was missing was made up for
	Joined  bool   // the desk had the list of its own state alone (spec/trust.md, "Joining")
	Leaf    string // where the list's hash stands in this state's ledger
	Pending error  // why other states have not cosigned that yet
	Changes []string
}

// AdoptFile pins a newer trust list with its policies and certificates, once it is
// proven to follow the pinned one, and logs its hash before that (rule P12). Receipts
// that do not meet the new list's policy are asked for anew, and the officers' cards
// made anew, so that both count for whoever has the new list. It may be repeated: what
// an interrupt left is made up for.
//
// Errors: [trustlist.ErrOlder], [trustlist.ErrConflict], [trustlist.ErrChain], [trustlist.ErrForged],
// [trustlist.ErrNote], [ErrNotListed], [ErrShortened].
func (s *Session) AdoptFile(ctx context.Context, f *trustlist.File) (*Adopted, error) {
	if s.trusted == nil {
		return nil, trustlist.ErrNone
	}
	list, joins, err := s.trusted.Successor(f.Note)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.listed(list), s.wholeEnds(list)); err != nil {
		return nil, err
	}
	if err := f.Complete(list, s.trusted); err != nil {
		return nil, err
	}
	out := &Adopted{
		View: trustlist.ViewOf(list, f.Policies, s.Now()), Joined: joins,
		Again: list.Digest() == s.trusted.List.Digest(), Changes: s.trusted.Changes(list),
	}
	if s.DryRun {
		return out, nil
	}
	if s.begins(list) {
		if err := s.pinFirst(f); err != nil {
			return nil, err
		}
	}
	if out.Leaf, out.Pending, err = s.logTrust(ctx, list); err != nil {
		return nil, err
	}
	if list.Digest() != s.trusted.List.Digest() {
		if err := s.pinTrust(f); err != nil {
			return nil, err
		}
	}
	pending, err := s.renewProofs(ctx)
	if out.Pending == nil {
		out.Pending = pending
	}
	return out, err
}

// renewProofs proves anew, under the pinned list, what this desk has logged. pending
// says why other states do not cosign yet; adopting again makes up for it.
func (s *Session) renewProofs(ctx context.Context) (pending, err error) {
	if pending, err = s.renewReceipts(ctx); pending != nil || err != nil {
		return pending, err
	}
	err = s.renewCards(ctx)
	if errors.Is(err, writer.ErrQuorum) {
		return err, nil
	}
	return nil, err
}

// logTrust logs the hash of a list in this state's ledger, unless it is there.
func (s *Session) logTrust(ctx context.Context, l *trust.List) (leaf string, pending, err error) {
	if err := s.goesOn(); errors.Is(err, writer.ErrFrozen) {
		return "", err, nil // the ledgers of the other states have it
	} else if err != nil {
		return "", nil, err
	}
	b, err := s.logbook(ctx)
	if err != nil {
		return "", nil, err
	}
	index, pending, err := b.logList(ctx, l)
	if errors.Is(err, ErrWaits) && l.Digest() == s.trusted.List.Digest() {
		return "", err, nil // the node has it, and logs it when it can
	}
	if err != nil {
		return "", nil, err
	}
	return citation(s.Config.Origin, index), pending, s.noteLogged(l, index)
}

// pinFirst pins the list that first names the ledger in which the desk logs from then on,
// at a node. The node finds it, and logs its hash, whatever becomes of this process.
func (s *Session) pinFirst(f *trustlist.File) error {
	if err := files.WriteFile(nodehome.NextList(s.Dir), f.Note, 0o600); err != nil {
		return err
	}
	if err := errors.Join(s.leaveLogbook(), s.pinTrust(f)); err != nil {
		return err
	}
	return s.followOwn()
}

// pinTrust puts the list in the place of the pinned one, its texts first.
func (s *Session) pinTrust(f *trustlist.File) error {
	for d, text := range f.Policies {
		if err := files.WriteFile(s.path("trust", "policy-"+d.Hex()+".txt"), text, 0o600); err != nil {
			return err
		}
	}
	for d, der := range f.Certs {
		if err := files.WriteFile(s.path("trust", "cert-"+d.Hex()+".der"), der, 0o600); err != nil {
			return err
		}
	}
	if err := s.keepList(); err != nil {
		return err
	}
	if err := s.bind(boundList, f.Note); err != nil {
		return err
	}
	if err := files.WriteFile(s.path("trust", "list.note"), f.Note, 0o600); err != nil {
		return err
	}
	var err error
	s.trusted, err = trustlist.Read(s.path("trust"))
	s.latest = nil // another list decides which checkpoints anchor an act
	return err
}

// renewCards makes the cards of the officers who are enrolled anew.
func (s *Session) renewCards(ctx context.Context) error {
	cards, err := s.cards()
	if err != nil {
		return err
	}
	for _, card := range cards {
		id, err := cardEnrolment(card)
		if errors.Is(err, ErrNotEnrolled) {
			continue // the next command completes it, or takes it back
		}
		if err != nil {
			return err
		}
		if card.Enrolment, err = s.enrolmentDossier(ctx, id); err != nil {
			return err
		}
		if err := s.writeCard(card); err != nil {
			return err
		}
	}
	return nil
}

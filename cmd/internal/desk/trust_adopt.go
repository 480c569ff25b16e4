package desk

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// Adopted is what pinning a trust list did.
type Adopted struct {
	View    *TrustView
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
// Errors: [ErrTrustOlder], [ErrTrustConflict], [ErrTrustChain], [ErrTrustForged],
// [ErrTrustNote], [ErrNotListed].
func (s *Session) AdoptFile(ctx context.Context, f *TrustFile) (*Adopted, error) {
	if s.trusted == nil {
		return nil, ErrNoTrust
	}
	list, joins, err := s.trusted.successor(f.Note)
	if err != nil {
		return nil, err
	}
	o, err := s.own()
	if err != nil {
		return nil, err
	}
	if err := o.listed(list); err != nil {
		return nil, err
	}
	if err := f.complete(list, s.trusted); err != nil {
		return nil, err
	}
	out := &Adopted{
		View: ViewTrust(list, f.Policies, s.Now()), Joined: joins,
		Again: list.Digest() == s.trusted.list.Digest(), Changes: s.changes(list),
	}
	if s.DryRun {
		return out, nil
	}
	if out.Leaf, out.Pending, err = s.logTrust(ctx, list); err != nil {
		return nil, err
	}
	if !out.Again {
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

// successor opens a list that may take the place of the pinned one, or is it.
func (t *trusted) successor(signed []byte) (l *trust.List, joins bool, err error) {
	if trust.DigestOf(signed) == t.list.Digest() {
		return t.list, false, nil
	}
	if l, err = trust.Open(signed, nil); err != nil {
		return nil, false, chainError("the list", err)
	}
	switch {
	case l.Version < t.list.Version:
		return nil, false, fmt.Errorf("version %d, pinned is %d: %w", l.Version, t.list.Version, ErrTrustOlder)
	case l.Version == t.list.Version:
		return nil, false, conflict("the list", t.list, l)
	}
	next, err := trust.Open(signed, t.list)
	if err == nil {
		return next, false, nil
	}
	if !errors.Is(err, trust.ErrChain) || len(t.list.States) != 1 {
		return nil, false, chainError("the list", err)
	}
	// The one signature that would follow the pinned list is there: its only state
	// says what its list is from now on.
	n, errOpen := openDraft(signed, t.list)
	if errOpen != nil || len(n.Sigs) == 0 {
		return nil, false, chainError("the list", err)
	}
	return l, true, nil
}

// logTrust logs the hash of a list in this state's ledger, unless it is there.
func (s *Session) logTrust(ctx context.Context, l *trust.List) (leaf string, pending, err error) {
	want := ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(l.Digest()))
	index, ok, err := s.findLeaf(ctx, want)
	if err != nil {
		return "", nil, err
	}
	if !ok {
		got, err := s.append(ctx, []ledger.Leaf{want})
		if err != nil {
			return "", nil, err
		}
		if got[0].refused != nil {
			return "", nil, got[0].refused
		}
		index, pending = got[0].index, got[0].pending
	}
	return citation(s.Config.Origin, index), pending, nil
}

// findLeaf looks for a leaf in the desk's own ledger.
func (s *Session) findLeaf(ctx context.Context, want ledger.Leaf) (index uint64, ok bool, err error) {
	w, err := s.ledger(ctx)
	if err != nil {
		return 0, false, err
	}
	for leaf, err := range w.Log.Leaves(ctx, 0, w.Size()) {
		if err != nil {
			return 0, false, err
		}
		if leaf == want {
			return index, true, nil
		}
		index++
	}
	return 0, false, nil
}

// pinTrust puts the list in the place of the pinned one, its texts first.
func (s *Session) pinTrust(f *TrustFile) error {
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
	if err := s.bind(boundList, f.Note); err != nil {
		return err
	}
	if err := files.WriteFile(s.path("trust", "list.note"), f.Note, 0o600); err != nil {
		return err
	}
	var err error
	s.trusted, err = readTrusted(s.path("trust"))
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

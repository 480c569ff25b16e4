package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// HistoryFile is the file by which another desk follows a request.
const HistoryFile = "history.age"

const historyFormat = "custody/history/v1"

// historyFile is what whoever holds a request shows the other side's desk of it. It has
// no key: nothing can be done with it but to look.
type historyFile struct {
	Dossier map[string][]byte `json:"dossier"`
	Format  string            `json:"format"`
	From    []byte            `json:"from"` // the card of who shows it
	Item    evidence.ItemID   `json:"item"`
}

// Errors about telling another desk how a request goes on.
var (
	ErrNoSide = errors.New("nothing shows that the card is of a state that takes part in the request")
	ErrOwn    = errors.New("the card is of this desk, which has the request")
)

// Tell discloses a request to the desk of a card of one of its sides, which is logged,
// and writes [HistoryFile] into a folder: the history up to now. Custody does not move.
// toAuthority is as in [Offering]; its errors are [ErrNoSide], [ErrOwn], [ErrForOneSide]
// and those of an act and a handoff.
func (s *Session) Tell(ctx context.Context, r *Request, to *keyfile.Card, dir string, toAuthority bool) ([]Done, string, error) {
	if err := s.canTell(r, to, dir, toAuthority); err != nil {
		return nil, "", &ItemError{r.ID, err}
	}
	_, card, err := s.ownCard()
	if err != nil {
		return nil, "", err
	}
	done, err := s.DoMany(ctx, []Act{{
		Item: r.Item, Action: evidence.Disclose, Fields: map[string]any{"to": to.Alias, "note": "the history of the request"},
		Counterparty: &evidence.Counterparty{Kind: evidence.PartyAuthority, State: evidence.StateCode(s.sideState(r, to))},
	}})
	if err != nil {
		return done, "", err
	}
	d, err := s.dossier(ctx, []*selection{{id: r.ID}})
	if err != nil {
		return done, "", err
	}
	f := historyFile{Format: historyFormat, From: card, Item: r.ID}
	if f.Dossier, err = d.Encode(); err != nil {
		return done, "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return done, "", err
	}
	file := filepath.Join(dir, HistoryFile)
	return done, file, writeHandoff(file, f, to.Vault)
}

// canTell reports what keeps a request from being shown to a desk.
func (s *Session) canTell(r *Request, to *keyfile.Card, dir string, toAuthority bool) error {
	state := s.sideState(r, to)
	switch {
	case to.Vault == "":
		return ErrNoRecipient
	case to.Vault == s.Config.Vault:
		return ErrOwn
	case state != r.Law.From && state != r.Law.To:
		return fmt.Errorf("%s: %w", to.Alias, ErrNoSide)
	case dir == "":
		return ErrNoDir
	case len(r.Erased) > 0:
		return ErrErasedEvents
	}
	if _, err := os.Stat(filepath.Join(dir, HistoryFile)); err == nil {
		return fmt.Errorf("%s has a history already: %w", dir, ErrHandoffDir)
	}
	if toAuthority {
		return nil
	}
	return s.handsOver(r.Item)
}

// sideState is the state of a card's key: as the pinned trust list proves it, else as the
// events of the request name the key. What else a card says is the word of whoever wrote it.
func (s *Session) sideState(r *Request, to *keyfile.Card) string {
	if state := s.receiverState(to); state != unknownState {
		return state
	}
	key := evidence.KeyID(to.Key.ID())
	for _, e := range r.Entries {
		for _, signer := range e.Event.Signers {
			if signer.Key == key {
				return string(signer.Authority)
			}
		}
		if c := e.Event.Counterparty; c != nil && c.Kind == evidence.PartyKey && c.Key == key {
			return string(c.State)
		}
	}
	return unknownState
}

// Followed is what a history brought.
type Followed struct {
	Item *Item
	From *keyfile.Card
	New  []*Entry // the events that this desk did not know

	// Undecided is as in [Received].
	Undecided string
}

// Follow takes in the history of a request that this desk knows, as another desk shows
// it: each event proven, and the next of what is known here. Nothing is signed. Its errors
// are [ErrNoItem], [ErrNoRequest], and those of a handoff file.
func (s *Session) Follow(ctx context.Context, path string) (*Followed, error) {
	format, plain, err := s.openHandoff(path)
	if err != nil {
		return nil, err
	}
	if format != historyFormat {
		return nil, fmt.Errorf("%s holds %s: %w", path, format, ErrHandoffFile)
	}
	var f historyFile
	if err := parseHandoff(plain, &f); err != nil {
		return nil, err
	}
	out := &Followed{}
	if out.From, err = keyfile.ParseCard(f.From); err != nil {
		return nil, err
	}
	known, err := s.Load(ctx, f.Item)
	if err == nil && !s.isRequest(known) {
		err = ErrNoRequest
	}
	if err != nil {
		return nil, &ItemError{f.Item, err}
	}
	d, err := s.judge(f.Dossier)
	if err != nil {
		return nil, err
	}
	out.Undecided = d.undecided
	events, err := d.bodies(map[evidence.ItemID]bool{f.Item: true})
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if e.Event.Item == f.Item && !slices.ContainsFunc(known.Entries, func(k *Entry) bool { return k.Event.Seq == e.Event.Seq }) {
			out.New = append(out.New, e)
		}
	}
	if s.DryRun {
		return nil, &DryRun{} // nothing is signed in this step
	}
	if err := errors.Join(s.adoptEvents(ctx, events, nil), s.keepDossier(d)); err != nil {
		return nil, err
	}
	out.Item, err = s.Load(ctx, f.Item)
	return out, err
}

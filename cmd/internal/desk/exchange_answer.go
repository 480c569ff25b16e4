package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
	"example.org/custody/verify/admit"
	"example.org/custody/verify/pack"
)

// LogAnswers is the giver's part: each answer in the file is admitted and
// logged in this ledger, where exactly one answer can win, and the receipt for
// the receiver is written beside it. Of what waits for the node there is none: file
// is "" when all of it waits, and the same answers are given again later.
func (s *Session) LogAnswers(ctx context.Context, path string) (done []Done, file string, err error) {
	format, plain, err := s.openHandoff(path)
	if err != nil {
		return nil, "", err
	}
	if format != answerFormat {
		return nil, "", fmt.Errorf("%s holds %s: %w", path, format, ErrHandoffFile)
	}
	var f answerFile
	if err := parseHandoff(plain, &f); err != nil {
		return nil, "", err
	}
	to, err := keyfile.ParseCard(f.From)
	if err != nil {
		return nil, "", err
	}
	keys, err := s.judge(f.Dossier)
	if err != nil {
		return nil, "", err
	}
	wanted, err := signersOfAnswers(f.Items, to)
	if err != nil {
		return nil, "", err
	}
	enrolments, err := keys.bodies(wanted)
	if err != nil {
		return nil, "", err
	}
	if s.DryRun {
		return nil, "", previewAnswers(f.Items)
	}
	if err := s.adoptEvents(ctx, enrolments, nil); err != nil {
		return nil, "", err
	}
	if err := s.keepDossier(keys); err != nil {
		return nil, "", err
	}
	done, refused, err := s.logEach(ctx, f.Items)
	if logged := logged(done); err == nil && len(logged)+len(refused) > 0 {
		file, err = s.writeReceipt(ctx, filepath.Dir(path), logged, refused, to)
	}
	for _, r := range refused {
		err = errors.Join(err, &ItemError{r.Item, errors.New(r.Reason)})
	}
	return done, file, err
}

// signersOfAnswers are the enrolments that the answers rest on. The card that came
// along is a claim: it must be that of the key that answers, which the offer names,
// because the receipt goes to its vault and tells what that key is told.
func signersOfAnswers(items []answerItem, card *keyfile.Card) (map[evidence.ItemID]bool, error) {
	wanted := map[evidence.ItemID]bool{}
	for _, a := range items {
		e, err := newEntry(&Body{Envelope: a.Envelope})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrHandoffFile, err)
		}
		signer := e.Event.Signer()
		if signer.Key != evidence.KeyID(card.Key.ID()) || string(signer.Authority) != card.State {
			return nil, fmt.Errorf("the card is not that of the key that answers: %w", ErrAnswer)
		}
		wanted[signer.Enrolled] = true
	}
	return wanted, nil
}

// previewAnswers ends a dry run with the events that would be logged.
func previewAnswers(items []answerItem) error {
	d := &DryRun{}
	for _, a := range items {
		e, err := newEntry(&Body{Envelope: a.Envelope})
		if err != nil {
			return err
		}
		if err := d.add(e); err != nil {
			return err
		}
	}
	return d
}

// logEach admits the answers and logs those that may be.
func (s *Session) logEach(ctx context.Context, items []answerItem) ([]Done, []refusedItem, error) {
	refused := []refusedItem{}
	var entries []*Entry
	var waiting []Done
	for _, item := range items {
		e, err := s.admitAnswer(ctx, item)
		switch {
		case e != nil && errors.Is(err, ErrWaits):
			waiting = append(waiting, Done{Entry: e, Origin: e.Event.Origin, Pending: err, Waits: true})
		case err != nil:
			refused = append(refused, refusedItem{item.Item, err.Error()})
		default:
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return waiting, refused, nil
	}
	done, err := s.log(ctx, entries)
	done = append(waiting, done...)
	out := OutcomeOf(err)
	for _, one := range out.Refused {
		refused = append(refused, refusedItem{one.Item, "the offer was answered or withdrawn before"})
	}
	return done, refused, out.Err
}

// logged leaves out what waits for the node.
func logged(done []Done) []Done {
	return slices.DeleteFunc(slices.Clone(done), func(d Done) bool { return d.Waits })
}

// ErrAnswer reports an answer that does not fit the offer.
var ErrAnswer = errors.New("answer does not fit the offer")

// admitAnswer returns the entry of an answer that may be logged. One that is in the
// queue already comes with [ErrWaits].
func (s *Session) admitAnswer(ctx context.Context, a answerItem) (*Entry, error) {
	it, err := s.Load(ctx, a.Item)
	if err != nil {
		return nil, err
	}
	offer, again := it.offerFor(a)
	if offer == nil {
		return nil, ErrNotOffered
	}
	if again != nil {
		if again.waits() {
			return again, ErrWaits
		}
		return again, nil
	}
	view, err := evidence.Canonical(a.Record)
	if err != nil {
		return nil, err
	}
	e, err := newEntry(&Body{Envelope: a.Envelope, Item: a.Item, Salt: a.Salt, SealKey: *offer.Body.NextKey, View: rawView(view)})
	if err != nil {
		return nil, err
	}
	e.Body.Origin, e.Body.Seq = e.Event.Origin, uint64(e.Event.Seq)
	if s.precedes(e.Event.Origin) { // it is there, or never will be
		if r, err := s.endedWith(ctx, e); err != nil || r.refused != nil {
			return nil, errors.Join(err, r.refused)
		}
		return e, nil
	}
	if err := e.takeKey(a); err != nil {
		return nil, err
	}
	if err := a.Record.Verify(e.Event.Record); err != nil {
		return nil, err
	}
	if err := s.verifySigner(ctx, e); err != nil {
		return nil, err
	}
	size, err := s.size(ctx)
	if err != nil {
		return nil, err
	}
	n, err := s.enrolment(ctx, e.Event.Signer(), size)
	if err != nil {
		return nil, err
	}
	r := admit.Check(admit.Case{
		State: s.moved(it.state()), Event: e.Event, Enrolments: []*admit.Enrolment{n},
		Place: admit.Place{Origin: s.Config.Origin, Index: size, Received: s.Now()},
	})
	return e, refusalOf(r)
}

// offerFor returns the offer that an answer closes, and the answer itself when
// it is logged already: the same file may be given twice.
func (it *Item) offerFor(a answerItem) (offer, again *Entry) {
	last := it.Last()
	if last.Event.Action == evidence.Offer && last.Body.NextKey != nil {
		return last, nil
	}
	if bytes.Equal(last.Body.Envelope, a.Envelope) && len(it.Entries) > 1 {
		return it.Entries[len(it.Entries)-2], last
	}
	return nil, nil
}

// takeKey keeps the key of the seal that a decline opens: the item stays here.
func (e *Entry) takeKey(a answerItem) error {
	if e.Event.Action != evidence.Decline {
		return nil
	}
	if a.NextKey == nil || !opens(e.Event, *a.NextKey) {
		return fmt.Errorf("the key of the next seal did not come with it: %w", ErrAnswer)
	}
	e.Body.NextKey = a.NextKey
	return nil
}

// opens reports whether key is that of the next seal that e opens.
func opens(e *evidence.Event, key evidence.Hash) bool {
	return e.Opens.Next != nil && evidence.SealKey(key).Seal() == e.Opens.Next.Seal
}

// verifySigner checks the signature with the key that the enrolment names.
func (s *Session) verifySigner(ctx context.Context, e *Entry) error {
	it, err := s.Load(ctx, e.Event.Signer().Enrolled)
	if err != nil {
		return err
	}
	enrols := it.First().Event.Enrols
	if enrols == nil {
		return fmt.Errorf("%s is no enrolment: %w", it.ID.Short(), ErrAnswer)
	}
	key, err := signing.NewPublicKey(signing.Suite(enrols.Suite), enrols.SPKI)
	if err != nil {
		return err
	}
	env, err := signing.Parse(e.Body.Envelope)
	if err != nil {
		return err
	}
	if env.PayloadType != evidence.EventPayloadType || len(e.Event.Signers) != 1 {
		return ErrAnswer
	}
	if err := env.CheckSigners(signing.KeyID(e.Event.Signer().Key)); err != nil {
		return err
	}
	return env.Verify(key)[0].Err
}

func (s *Session) writeReceipt(ctx context.Context, dir string, done []Done, refused []refusedItem, to *keyfile.Card) (string, error) {
	f := receiptFile{Format: receiptFormat, Refused: refused, Dossier: map[string][]byte{}}
	var selected []*selection
	for _, d := range done {
		selected = append(selected, &selection{id: d.Entry.Event.Item})
	}
	if len(selected) > 0 {
		earlier, err := s.handedBefore(ctx, done, to)
		if err != nil {
			return "", err
		}
		d, err := s.dossier(ctx, append(slices.Clone(selected), earlier...))
		if errors.Is(err, pack.ErrNotProven) {
			// Earlier items have gone on in ledgers that no one proof here is about. The
			// answer is logged, and its receipt must not wait for them.
			d, err = s.dossier(ctx, selected)
		}
		if err != nil {
			return "", err
		}
		if f.Dossier, err = d.Encode(); err != nil {
			return "", err
		}
	}
	file := filepath.Join(dir, ReceiptFile)
	return file, writeHandoff(file, f, to.Vault)
}

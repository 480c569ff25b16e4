package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// book is the desk's own ledger, open for writing, and the cosigners of other
// states, on this machine or over the network.
type book struct {
	writer *writer.Writer
	held   []io.Closer // what the cosigners keep open
	note   string      // file of the newest checkpoint that met the receipt policy
}

// result is what became of one leaf.
type result struct {
	index   uint64
	receipt *ledger.Receipt
	pending error // why there is no receipt yet
	refused error // why the leaf is not in the ledger and never will be
	retried bool  // it was there before
}

// ledger opens the desk's ledger at its first use.
func (s *Session) ledger(ctx context.Context) (*writer.Writer, error) {
	if s.book != nil {
		return s.book.writer, nil
	}
	b, err := openBook(ctx, s)
	if err != nil {
		return nil, err
	}
	s.book = b
	return b.writer, nil
}

func openBook(ctx context.Context, s *Session) (*book, error) {
	signer, verifier, err := s.logKey()
	if err != nil {
		return nil, err
	}
	log, err := tesseralog.Open(ctx, s.path("ledger"), signer)
	if err != nil {
		return nil, fmt.Errorf("ledger of this desk: %w", err)
	}
	seals, err := closed.OpenCache(s.path("ledger", "closed.map"), s.Config.Origin)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	b := &book{note: s.path("ledger", "cosigned.note")}
	c := writer.Config{Log: log, Map: seals, Key: signer, Verifier: verifier, Known: knownCosigners{s}, Enough: s.meetsReceipt}
	// What cannot be read is asked for again.
	c.Note, _ = os.ReadFile(b.note)
	for _, at := range s.Config.Cosigners {
		two, held := s.reach(at, verifier)
		c.Cosigners, b.held = append(c.Cosigners, two...), append(b.held, held...)
	}
	if b.writer, err = writer.Open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger of this desk: %w", err), closeAll(b.held), seals.Close(), log.Close())
	}
	return b, nil
}

// close keeps the newest cosigned checkpoint and gives everything back.
func (b *book) close() error {
	errs := []error{b.writer.Close(), b.keepNote(), closeAll(b.held)}
	return errors.Join(errs...)
}

func (b *book) keepNote() error {
	signed := b.writer.Latest()
	if old, err := os.ReadFile(b.note); signed == nil || err == nil && bytes.Equal(old, signed) {
		return nil
	}
	return files.WriteFile(b.note, signed, 0o600)
}

func closeAll(held []io.Closer) error {
	var all []error
	for _, h := range held {
		all = append(all, h.Close())
	}
	return errors.Join(all...)
}

// logKey opens the ledger's key.
func (s *Session) logKey() (note.Signer, note.Verifier, error) {
	raw, err := keyfile.OpenSecret(s.path("keys", "ledger.age"), secretLedger, s.vaultID)
	if err != nil {
		return nil, nil, err
	}
	var secret ledgerSecret
	if err := evidence.ParseCanonical(raw, &secret); err != nil {
		return nil, nil, fmt.Errorf("keys/ledger.age: %w", ErrHomeDamaged)
	}
	signer, errS := note.NewSigner(secret.Log)
	vkey, errK := trust.VKeyOf(secret.Log)
	if err := errors.Join(errS, errK); err != nil {
		return nil, nil, fmt.Errorf("keys/ledger.age: %w", ErrHomeDamaged)
	}
	verifier, err := vkey.Verifier()
	return signer, verifier, err
}

// knownCosigners verifies the cosigners of the list that is pinned at the moment.
type knownCosigners struct{ s *Session }

// Verifier implements [note.Verifiers].
func (k knownCosigners) Verifier(name string, hash uint32) (note.Verifier, error) {
	unknown := &note.UnknownVerifierError{Name: name, KeyHash: hash}
	if k.s.trusted == nil {
		return nil, unknown
	}
	all, err := k.s.trusted.list.CosignerVerifiers()
	if err != nil {
		return nil, err
	}
	return all.Verifier(name, hash)
}

// meetsReceipt reports whether a checkpoint of the own ledger has what the receipt
// policy asks. A desk that has pinned no list yet asks for nothing: it is being
// founded, and its verdicts will say who vouches.
func (s *Session) meetsReceipt(signed []byte) bool {
	return s.trusted == nil || s.trusted.meets(signed, s.Config.Origin, trust.Receipt)
}

// size is the number of leaves of the desk's own ledger.
func (s *Session) size(ctx context.Context) (uint64, error) {
	w, err := s.ledger(ctx)
	if err != nil {
		return 0, err
	}
	return w.Size(), nil
}

// append logs leaves in the desk's own ledger, in their order. Each is decided
// alone. After an error the same leaves are appended again, now or by the next
// process (rule P20).
func (s *Session) append(ctx context.Context, leaves []ledger.Leaf) ([]result, error) {
	w, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	var all []result
	for len(leaves) > 0 {
		n := min(len(leaves), writer.MaxLeaves)
		got, err := w.Submit(ctx, leaves[:n]...)
		if err != nil {
			return nil, err
		}
		for _, r := range got {
			all = append(all, result{index: r.Index, receipt: r.Receipt, pending: r.Pending, refused: r.Refused, retried: r.Retried})
		}
		leaves = leaves[n:]
	}
	return all, nil
}

// prover proves from the desk's own ledger, under a checkpoint that is cosigned now.
// It is good until the next append.
func (s *Session) prover(ctx context.Context) (pack.Prover, error) {
	w, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	shared, err := w.Shared(ctx)
	if err != nil {
		return nil, err
	}
	return pack.NewProver(ctx, shared.Log, shared.Map, shared.Note, nil)
}

package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

// book is the desk's own ledger, open for writing, and the cosigners of other
// states, on this machine or over the network.
type book struct {
	writer *writer.Writer
	held   []io.Closer // what the cosigners keep open
	note   string      // file of the newest checkpoint that met the receipt policy
}

// ledger opens the desk's own ledger at its first use.
func (s *Session) ledger(ctx context.Context) (*writer.Writer, error) {
	if s.stuck != nil {
		return nil, s.stuck
	}
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
	end, err := s.final()
	if err != nil {
		return nil, err
	}
	return openShelf(ctx, s, shelf{s.Config.Origin, s.path("ledger"), s.path("keys", "ledger.age"), end})
}

// shelf is where a ledger of the desk lies.
type shelf struct {
	origin evidence.Origin
	dir    string
	key    string             // file of the ledger's key
	end    *ledger.Checkpoint // where it ended; nil while it goes on
}

func openShelf(ctx context.Context, s *Session, at shelf) (*book, error) {
	signer, verifier, err := s.logKey(at.key)
	if err != nil {
		return nil, err
	}
	log, err := engine.Open(ctx, at.dir, signer)
	if err != nil {
		return nil, fmt.Errorf("ledger of this desk: %w", err)
	}
	seals, err := closed.OpenCache(filepath.Join(at.dir, "closed.map"), at.origin)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	b := &book{note: filepath.Join(at.dir, "cosigned.note")}
	c := writer.Config{Log: log, Map: seals, Key: signer, Verifier: verifier, Enough: s.meetsReceipt(at.origin), Final: at.end}
	if !s.restored() {
		// What cannot be read is asked for again.
		c.Note, _ = os.ReadFile(b.note)
	}
	c.Feeder, b.held = s.feeder(log, verifier, at.origin)
	if b.writer, err = writer.Open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger of this desk: %w", err), c.Feeder.Close(), closeAll(b.held), seals.Close(), log.Close())
	}
	if err := s.askRestored(ctx, b.writer); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// feeder asks the cosigners that custody.json names.
func (s *Session) feeder(log ledger.Reader, key note.Verifier, o evidence.Origin) (f *feeder.Feeder, held []io.Closer) {
	c := feeder.Config{Log: log, Origin: o, Verifier: key, Known: knownCosigners{s}, Enough: s.meetsReceipt(o), Liars: s.liars(o)}
	for _, at := range s.Config.Cosigners {
		two, more := s.reach(at, key, o)
		for _, k := range two {
			c.Peers = append(c.Peers, feeder.Peer{State: at, Cosigner: k})
		}
		held = append(held, more...)
	}
	return feeder.New(c), held
}

// liars is how many states the pinned list takes for liars at most.
func (s *Session) liars(o evidence.Origin) int {
	if s.trusted == nil {
		return 0
	}
	for _, p := range s.trusted.List.Policies {
		if p.Origin == string(o) && p.Kind == trust.Court {
			return p.F
		}
	}
	return 0
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

// logKey opens a ledger's key.
func (s *Session) logKey(path string) (note.Signer, note.Verifier, error) {
	raw, err := keyfile.OpenSecret(path, secretLedger, s.vaultID)
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
	all, err := k.s.trusted.List.CosignerVerifiers()
	if err != nil {
		return nil, err
	}
	return all.Verifier(name, hash)
}

// meetsReceipt reports whether a checkpoint of an own ledger has what the receipt
// policy asks. A desk that has pinned no list yet asks for nothing: it is being
// founded, and its verdicts will say who vouches.
func (s *Session) meetsReceipt(o evidence.Origin) func(signed []byte) bool {
	return func(signed []byte) bool { return s.trusted == nil || s.trusted.Meets(signed, o, trust.Receipt) }
}

// append logs leaves in the desk's own ledger, in their order.
func (s *Session) append(ctx context.Context, leaves []ledger.Leaf) ([]result, error) {
	if _, err := s.ledger(ctx); err != nil {
		return nil, err
	}
	return s.book.append(ctx, leaves)
}

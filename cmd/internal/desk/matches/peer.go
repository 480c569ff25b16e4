package matches

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/signing/keyfile"
)

// peerFormat names the file of a desk that is switched on.
const peerFormat = "custody/matching-peer/v1"

// Peer is a desk with which matching is switched on for one purpose.
type Peer struct {
	Key     evidence.KeyID   `json:"key"`
	With    string           `json:"with"` // its authority and state, by its card
	Purpose matching.Purpose `json:"purpose"`
	Limit   int              `json:"limit"` // identifiers that it may compare in one session
	card    *keyfile.Card
}

// peerFile is a peer in the home, in the order of canonical JSON.
type peerFile struct {
	Card    []byte           `json:"card"`
	Format  string           `json:"format"`
	Limit   int              `json:"limit"`
	Purpose matching.Purpose `json:"purpose"`
}

// NewPeer returns the peer that a card makes. limit is 1 to [matching.MaxIdentifiers].
// Errors: [ErrNoPeer], [ErrOwnCard], [matching.ErrSession], [matching.ErrCount].
func (d *Desk) NewPeer(card *keyfile.Card, purpose matching.Purpose, limit int) (*Peer, error) {
	with := card.State
	if card.Authority != card.State {
		with = card.Authority + ", " + card.State
	}
	p := &Peer{Key: evidence.KeyID(card.Key.ID()), With: with, Purpose: purpose, Limit: limit, card: card}
	_, err := age.ParseX25519Recipient(card.Vault)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoPeer, err)
	case card.Vault == d.Vault.Recipient().String():
		return nil, ErrOwnCard
	case limit < 1 || limit > matching.MaxIdentifiers:
		return nil, fmt.Errorf("a limit of %d: %w", limit, matching.ErrCount)
	}
	return p, (matching.Session{ID: evidence.Hash{1}, Purpose: purpose, Asking: d.Key, Answering: p.Key}).Check()
}

// On switches matching with a peer on; both sides have to.
func (d *Desk) On(p *Peer) error {
	card, err := p.card.Marshal()
	if err != nil {
		return err
	}
	b, err := evidence.Canonical(peerFile{Card: card, Format: peerFormat, Limit: p.Limit, Purpose: p.Purpose})
	if err != nil {
		return err
	}
	if err := errors.Join(folder(d.Dir), folder(filepath.Join(d.Dir, "on"))); err != nil {
		return err
	}
	return files.WriteFile(d.peerPath(p.Key, p.Purpose), b, 0o600)
}

// Off switches it off, and drops the sessions that are under way with the peer for the
// purpose, whichever officer of the desk they are of. One that cannot be read is reported
// and stops nothing. Error: [ErrOff].
func (d *Desk) Off(key evidence.KeyID, purpose matching.Purpose) error {
	path := d.peerPath(key, purpose)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return ErrOff
	}
	if !d.DryRun {
		if err := files.Remove(path); err != nil {
			return err
		}
	}
	names, err := d.sessionFiles()
	for _, name := range names {
		k, errRead := d.read(name)
		switch {
		case errRead != nil:
			err = errors.Join(err, errRead)
		case k.open() && k.other() == key && k.Session.Purpose == purpose:
			err = errors.Join(err, d.drop(k))
		}
	}
	return err
}

func (d *Desk) peerPath(key evidence.KeyID, purpose matching.Purpose) string {
	return filepath.Join(d.Dir, "on", fmt.Sprintf("%s-%s.json", purpose, key))
}

// Peers lists the desks that are switched on, by name and purpose.
func (d *Desk) Peers() (out []*Peer, err error) {
	names, err := filepath.Glob(filepath.Join(d.Dir, "on", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p, err := d.readPeer(name)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b *Peer) int { return strings.Compare(a.With, b.With) })
	return out, nil
}

// peer returns a desk that is switched on. Error: [ErrOff].
func (d *Desk) peer(key evidence.KeyID, purpose matching.Purpose) (*Peer, error) {
	p, err := d.readPeer(d.peerPath(key, purpose))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrOff
	}
	return p, err
}

func (d *Desk) readPeer(path string) (*Peer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f peerFile
	if err := evidence.ParseCanonical(b, &f); err != nil || f.Format != peerFormat {
		return nil, fmt.Errorf("%s: %w", path, ErrFile)
	}
	card, err := keyfile.ParseCard(f.Card)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrFile, err)
	}
	return d.NewPeer(card, f.Purpose, f.Limit)
}

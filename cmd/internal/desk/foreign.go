package desk

import (
	"fmt"
	"iter"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/verify/pack"
)

const secretDossier = "dossier"

// keepDossier keeps what another desk proved of its ledger, because only that
// ledger can prove it again: proofs and notes, without the events, whose bodies
// are in the vault and may have to be erased there.
func (s *Session) keepDossier(d *judged) error {
	b, err := marshalDossier(d.proofs())
	if err != nil {
		return err
	}
	to, err := s.recipients()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%016x.age", s.Now().UnixNano())
	return keyfile.CreateSecret(s.path("notes", name), secretDossier, b, to...)
}

// foreign returns what proves leaves of another state's ledger: the newest dossier
// kept that shows all of them. The anchors of its events are among its notes.
func (s *Session) foreign(o evidence.Origin, leaves []uint64) (*pack.Dossier, error) {
	for d, err := range s.kept() {
		if err != nil {
			return nil, err
		}
		if shows(d.Log(o), leaves) {
			return d, nil
		}
	}
	return nil, fmt.Errorf("no single handoff proves all its events; pack the items of each handoff by themselves: %w", pack.ErrNotProven)
}

// told returns the notes that came with leaves of another state's ledger. The ledger
// itself, read at its node, proves the leaves and knows nothing of the anchors of
// their events: those are what the other desk had seen, and came with its handoff.
func (s *Session) told(o evidence.Origin, leaves []uint64) (notes [][]byte, err error) {
	leaves = slices.Clone(leaves)
	for d, err := range s.kept() {
		if err != nil {
			return nil, err
		}
		line := d.Log(o)
		rest := slices.DeleteFunc(leaves, func(i uint64) bool { return shows(line, []uint64{i}) })
		if len(rest) < len(leaves) {
			notes = append(notes, d.Notes...)
		}
		if leaves = rest; len(leaves) == 0 {
			break
		}
	}
	return notes, nil
}

// kept are the dossiers of [Session.keepDossier], the newest first. An error is the last.
func (s *Session) kept() iter.Seq2[*pack.Dossier, error] {
	return func(yield func(*pack.Dossier, error) bool) {
		found, err := filepath.Glob(s.path("notes", "*.age"))
		if err != nil {
			yield(nil, err)
			return
		}
		slices.Sort(found)
		for _, path := range slices.Backward(found) {
			d, err := s.keptAt(path)
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

func (s *Session) keptAt(path string) (*pack.Dossier, error) {
	raw, err := keyfile.OpenSecret(path, secretDossier, s.vaultID)
	if err != nil {
		return nil, err
	}
	d, err := parseDossier(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return d, nil
}

func shows(line *pack.LogLine, leaves []uint64) bool {
	if line == nil {
		return false
	}
	for _, i := range leaves {
		if !slices.ContainsFunc(line.Inclusion, func(x pack.Inclusion) bool { return x.Index == i }) {
			return false
		}
	}
	return true
}

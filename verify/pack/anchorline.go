package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
)

// AnchorLine is one line of anchors.jsonl: what the states recorded of a ledger on
// their shared channel (spec/anchor.md, "In a package").
type AnchorLine struct {
	Agreement evidence.Hash `json:"agreement"` // SHA-256 of the agreement, which is among the agreements
	// Consistency is the proof (RFC 9162 §2.1.4) between the anchored tree and that of
	// the ledger's shared checkpoint, whichever is the larger; empty for trees of one
	// size, and for an alarm.
	Consistency Path            `json:"consistency"`
	Proof       json.RawMessage `json:"proof"` // the file, which [anchor.ParseProof] reads
}

// Anchor is an anchor proof, with the agreement under which it is checked: two files.
type Anchor struct {
	Agreement, Proof []byte
	// Versions are the agreement's other versions that the trust list names, without
	// which a reader does not know what they revoke; the agreement may be among them.
	Versions [][]byte

	tied Path     // the consistency that it was carried with
	from *Dossier // in which it was; nil for a new one
}

// decodeAnchors reads anchors.jsonl, which has lines or is not there.
func decodeAnchors(b []byte) ([]AnchorLine, error) {
	lines, err := decodeLines[AnchorLine](AnchorsName, b, MaxAnchors)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, formError(AnchorsName, 0, "empty")
	}
	for i := range lines {
		if _, err := anchor.ParseProof(lines[i].Proof); err != nil {
			return nil, formError(AnchorsName, i+1, "%v", err)
		}
	}
	return lines, ascending(AnchorsName, lines, compareAnchors)
}

func compareAnchors(a, b AnchorLine) int {
	x, y := NoteDigest(a.Proof), NoteDigest(b.Proof)
	return bytes.Compare(x[:], y[:])
}

// anchors returns the anchors that the dossier carries, for another one.
func (d *Dossier) anchors() (list []Anchor) {
	versions := slices.Collect(maps.Values(d.Agreements))
	for _, l := range d.Anchors {
		list = append(list, Anchor{d.Agreements[l.Agreement], l.Proof, versions, l.Consistency, d})
	}
	return list
}

// anchor puts those anchors into the dossier that are about one of its ledgers and can
// be tied to the ledger's shared checkpoint, with their agreements. Others would not
// count.
func (b *Builder) anchor(ctx context.Context, d *Dossier, provers []Prover) error {
	d.Agreements = make(map[evidence.Hash][]byte)
	taken := make(map[evidence.Hash]bool)
	for _, a := range b.Anchors {
		r, err := a.verify()
		if err != nil || taken[NoteDigest(a.Proof)] || d.Log(r.Origin) == nil {
			continue
		}
		tied, err := a.tie(ctx, r, d, provers)
		if errors.Is(err, ErrNotProven) {
			continue
		}
		if err != nil {
			return fmt.Errorf("anchor of %q in transaction %s: %w", r.Origin, r.ID, err)
		}
		taken[NoteDigest(a.Proof)] = true
		for _, text := range slices.Concat(a.Versions, [][]byte{a.Agreement}) {
			d.Agreements[NoteDigest(text)] = text
		}
		d.Anchors = append(d.Anchors, AnchorLine{NoteDigest(a.Agreement), tied, a.Proof})
	}
	return nil
}

// verify says what the anchor proves under its own agreement.
func (a *Anchor) verify() (*anchor.Result, error) {
	agreement, err := anchor.ParseAgreement(a.Agreement)
	if err != nil {
		return nil, err
	}
	p, err := anchor.ParseProof(a.Proof)
	if err != nil {
		return nil, err
	}
	return p.Verify(agreement)
}

// tie proves that the anchored tree and the shared checkpoint of its ledger are of one
// history, or returns [ErrNotProven].
func (a *Anchor) tie(ctx context.Context, r *anchor.Result, d *Dossier, provers []Prover) (Path, error) {
	if r.Kind == anchor.Alarm {
		return nil, nil
	}
	if a.from != nil {
		if was := a.from.Log(r.Origin); was != nil && was.Note == d.Log(r.Origin).Note {
			return a.tied, nil
		}
	}
	for _, p := range provers {
		if own, ok := p.(*logProver); ok && p.Origin() == r.Origin {
			return own.consistency(ctx, r.Tree)
		}
	}
	return nil, ErrNotProven
}

// consistency proves that a tree of the ledger and that of the shared checkpoint are of
// one history. Of two trees of one size there is nothing to prove, and whoever reads
// them sees whether they are one.
func (p *logProver) consistency(ctx context.Context, tree ledger.Checkpoint) (Path, error) {
	older, newer := tree, p.checkpoint
	if older.Size > newer.Size {
		older, newer = newer, older
	}
	if older.Size == newer.Size {
		return nil, nil
	}
	have, err := p.log.Size(ctx)
	if err != nil || have < newer.Size {
		return nil, errors.Join(err, fmt.Errorf("%d leaves of %q: %w", newer.Size, newer.Origin, ErrNotProven))
	}
	proof, err := newer.ProveConsistency(p.log.Hashes(ctx, newer.Size), older)
	if errors.Is(err, ledger.ErrProof) {
		err = fmt.Errorf("%w: %w", err, ErrNotProven)
	}
	return proof, err
}

package matches

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/signing/keyfile"
)

// keptFormat names what is kept of a session.
const keptFormat = "custody/matching/v1"

// kept is a session at this desk. Identifiers are in it while it is under way, and not
// any more once it is over.
type kept struct {
	Format  string           `json:"format"`
	Session matching.Session `json:"session"`
	Own     evidence.KeyID   `json:"own"` // which of the two sides is this desk's officer
	Step    Step             `json:"step"`
	Begun   time.Time        `json:"begun"`
	Held    []stored         `json:"held,omitempty"`
	State   []byte           `json:"state,omitempty"`
	Took    evidence.Hash    `json:"took"`           // SHA-256 of the message taken last
	Sent    []byte           `json:"sent,omitempty"` // the message that followed from it
	Hits    []Hit            `json:"hits,omitempty"`
}

// stored is an identifier in a session that is kept.
type stored struct {
	Kind      matching.Kind `json:"kind"`
	Value     string        `json:"value"`
	Reference string        `json:"reference"`
}

func inStore(held []Held) (out []stored) {
	for _, h := range held {
		out = append(out, stored{h.Kind, h.Value, h.Reference})
	}
	return out
}

func identifiers(held []Held) (out []matching.Identifier) {
	for _, h := range held {
		out = append(out, h.Identifier)
	}
	return out
}

func (k *kept) marshal() ([]byte, error) {
	k.Format = keptFormat
	return json.Marshal(k)
}

// end turns identifiers that both sides have into references, and forgets everything else.
func (k *kept) end(hits []matching.Identifier) {
	k.Hits = []Hit{}
	for _, id := range hits {
		h := Hit{Kind: id.Kind}
		for _, s := range k.Held {
			if s.Kind == id.Kind && s.Value == id.Value && !slices.Contains(h.References, s.Reference) {
				h.References = append(h.References, s.Reference)
			}
		}
		k.Hits = append(k.Hits, h)
	}
	k.Step, k.Held, k.State = Over, nil, nil
}

// other is the other side's key.
func (k *kept) other() evidence.KeyID {
	if k.Session.Asking == k.Own {
		return k.Session.Answering
	}
	return k.Session.Asking
}

func (k *kept) open() bool { return k.Step != Over && k.Step != Dropped }

func (k *kept) outcome(p *Peer) *Outcome {
	return &Outcome{Asking: k.Session.Asking == k.Own, Session: k.Session.ID, Peer: p.Key, With: p.With, Purpose: k.Session.Purpose, Step: k.Step, Begun: k.Begun, Sends: k.Sent != nil, Hits: append([]Hit{}, k.Hits...)}
}

// session reads what is kept. Error: [ErrUnknown].
func (d *Desk) session(id evidence.Hash) (*kept, error) {
	k, err := d.read(d.sessionPath(id))
	if errors.Is(err, fs.ErrNotExist) || err == nil && k.Session.ID != id {
		return nil, ErrUnknown
	}
	return k, err
}

func (d *Desk) read(path string) (*kept, error) {
	b, err := keyfile.OpenSecret(path, secretName, d.Vault)
	if err != nil {
		return nil, err
	}
	k := new(kept)
	if err := json.Unmarshal(b, k); err != nil || k.Format != keptFormat || k.Session.Check() != nil || k.Own != k.Session.Asking && k.Own != k.Session.Answering {
		return nil, fmt.Errorf("%s: %w", path, ErrFile)
	}
	return k, nil
}

func (d *Desk) sessionFiles() ([]string, error) { return filepath.Glob(filepath.Join(d.Dir, "*.age")) }

// Sessions returns all sessions of this desk, the newest first.
func (d *Desk) Sessions() ([]*Outcome, error) {
	names, err := d.sessionFiles()
	if err != nil {
		return nil, err
	}
	peers, err := d.Peers()
	if err != nil {
		return nil, err
	}
	var out []*Outcome
	for _, name := range names {
		k, err := d.read(name)
		if err != nil {
			return nil, err
		}
		p := &Peer{Key: k.other(), With: "the key " + evidence.Hash(k.other()).String()[:16]}
		if i := slices.IndexFunc(peers, func(x *Peer) bool { return x.Key == p.Key }); i >= 0 {
			p = peers[i]
		}
		out = append(out, k.outcome(p))
	}
	slices.SortFunc(out, func(a, b *Outcome) int {
		return cmp.Or(b.Begun.Compare(a.Begun), strings.Compare(a.Session.String(), b.Session.String()))
	})
	return out, nil
}

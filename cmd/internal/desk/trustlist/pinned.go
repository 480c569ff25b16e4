package trustlist

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// ErrNone reports a desk that has pinned no trust list.
var ErrNone = errors.New("no trust list is pinned here")

// ErrOlder reports a list that is not newer than the pinned one.
var ErrOlder = errors.New("the trust list is not newer than the pinned one")

// Pinned is the pinned trust list with the texts it names by digest.
type Pinned struct {
	List     *trust.List
	Note     []byte                  // the list, verbatim
	Policies map[trust.Digest][]byte // quorum policies at hand, by digest
	Certs    [][]byte                // authorities' certificates at hand, DER
	Earlier  [][]byte                // lists that were pinned before, verbatim: data for whoever has pinned one of them
}

// Read reads the folder trust; a folder without a list gives nil.
func Read(dir string) (*Pinned, error) {
	signed, err := os.ReadFile(filepath.Join(dir, "list.note"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := trust.Open(signed, nil)
	if err != nil {
		return nil, fmt.Errorf("pinned trust list: %w", err)
	}
	t := &Pinned{List: list, Note: signed, Policies: map[trust.Digest][]byte{}}
	if t.Certs, err = ReadAll(filepath.Join(dir, "cert-*.der")); err != nil {
		return nil, err
	}
	if t.Earlier, err = ReadAll(filepath.Join(dir, "list-*.note")); err != nil {
		return nil, err
	}
	texts, err := ReadAll(filepath.Join(dir, "policy-*.txt"))
	for _, text := range texts {
		t.Policies[trust.DigestOf(text)] = text
	}
	return t, err
}

// ReadAll returns the contents of the files that a pattern fits.
func ReadAll(pattern string) ([][]byte, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(found))
	for i, p := range found {
		if all[i], err = os.ReadFile(p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Final returns the checkpoint at which the list ends a log, and nil while it goes on.
func (t *Pinned) Final(o evidence.Origin) *ledger.Checkpoint {
	r, ok := t.List.Retirement(string(o))
	if !ok {
		return nil
	}
	return &ledger.Checkpoint{Origin: o, Size: r.Final.Size, Root: r.Final.Root}
}

// Names reports whether the list says who vouches for a ledger: without that nothing in
// it counts.
func (t *Pinned) Names(o evidence.Origin) bool { return names(t.List, o) }

func names(l *trust.List, o evidence.Origin) bool {
	_, err := l.F(string(o))
	return err == nil
}

// Begins returns the ledger that follows o by the list l, when no list before it has
// named that one; else "".
func (t *Pinned) Begins(l *trust.List, o evidence.Origin) evidence.Origin {
	if next := Following(l, o); names(l, next) && !names(t.List, next) {
		return next
	}
	return ""
}

// Following returns the ledger in which a seal that is open in o is closed: o itself, or
// the last of those that the list names after it (rule P13).
func (t *Pinned) Following(o evidence.Origin) evidence.Origin { return Following(t.List, o) }

// Following is [Pinned.Following] by any list.
func Following(l *trust.List, o evidence.Origin) evidence.Origin {
	for range l.Retired {
		if r, ok := l.Retirement(string(o)); ok && r.Successor != "" {
			o = evidence.Origin(r.Successor)
		}
	}
	return o
}

// Policy returns one of the two policies of a log, as the list pins it.
func (t *Pinned) Policy(o evidence.Origin, kind trust.PolicyKind) (*trust.Policy, error) {
	if t == nil {
		return nil, ErrNone
	}
	pin, err := t.List.Pinned(string(o), kind)
	if err != nil {
		return nil, err
	}
	return t.List.Policy(string(o), kind, t.Policies[pin.Digest])
}

// Meets reports whether a note has what the policy of its log asks, by the
// cosignatures of keys that the list lets count.
func (t *Pinned) Meets(signed []byte, o evidence.Origin, kind trust.PolicyKind) bool {
	p, err := t.Policy(o, kind)
	if err != nil {
		return false
	}
	good := t.Cosigners(signed, o)
	return p.Satisfied(func(k trust.VKey) bool { _, ok := good[k.String()]; return ok })
}

// Cosigners returns who has cosigned a note and counts, by key, with state and time.
func (t *Pinned) Cosigners(signed []byte, o evidence.Origin) map[string]trust.Signed {
	good := map[string]trust.Signed{}
	known, err := t.List.CosignerVerifiers()
	if err != nil {
		return good
	}
	cp, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return good
	}
	found, err := ledger.Cosignatures(signed, known)
	if err != nil {
		return good
	}
	for _, c := range found {
		at := trust.Cosignature{Origin: string(o), Size: cp.Size, Name: c.Name, Hash: c.Hash, Time: c.Time}
		for _, look := range []func(trust.Cosignature) (trust.Cosigner, *trust.Point, error){t.List.Witness, t.List.Auditor} {
			if who, _, err := look(at); err == nil {
				good[who.Key.String()] = trust.Signed{State: who.State, Time: c.Time}
			}
		}
	}
	return good
}

// ReceivedAt is the time T of a note: when its log had that size at the latest
// as far as honest states say (spec/trust.md, "Time of a checkpoint").
func (t *Pinned) ReceivedAt(signed []byte, o evidence.Origin) time.Time {
	if t == nil {
		return time.Time{}
	}
	f, err := t.List.F(string(o))
	if err != nil {
		return time.Time{}
	}
	var all []trust.Signed
	for _, s := range t.Cosigners(signed, o) {
		all = append(all, s)
	}
	lower, _, ok := trust.Bounds(all, f)
	if !ok {
		return time.Time{}
	}
	return lower
}

// Texts returns the pinned list, those before it and what they name, as a dossier
// carries them.
func (t *Pinned) Texts() (lists, policies, certs [][]byte) {
	if t == nil {
		return nil, nil, nil
	}
	for _, text := range t.Policies {
		policies = append(policies, text)
	}
	return append(slices.Clone(t.Earlier), t.Note), policies, t.Certs
}

// Root is the pinned list as the verifier takes it.
func (t *Pinned) Root() verify.Trust {
	if t == nil {
		return verify.Trust{Source: verify.SourceNone}
	}
	_, policies, certs := t.Texts()
	return verify.Trust{List: t.List, Source: verify.SourcePinned, Policies: policies, Certs: certs}
}

// Alone reports whether the pinned list names this state and no other.
func (t *Pinned) Alone(state string) bool {
	return len(t.List.States) == 1 && t.List.States[0].Code == state
}

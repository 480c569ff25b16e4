package desk

import (
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// AuditRoot is what an audit takes for granted: a trust list, or the ledger's key
// alone.
type AuditRoot struct {
	list *trusted
	key  *trust.VKey
	name string // of the list, for people
}

// RootByKey trusts one key of one ledger and nobody else. Text that is no verifier
// key is [trust.ErrVKey].
func RootByKey(vkey string) (AuditRoot, error) {
	k, err := trust.ParseVKey(vkey)
	return AuditRoot{key: &k}, err
}

// RootByList trusts the list in a file: a note, or a trust file with its policies.
func RootByList(path string) (AuditRoot, error) {
	f, err := ReadTrustFile(path)
	if err != nil {
		return AuditRoot{}, err
	}
	l, err := trust.Open(f.Note, nil)
	if err != nil {
		return AuditRoot{}, chainError(path, err)
	}
	t := &trusted{list: l, note: f.Note, policies: map[trust.Digest][]byte{}}
	for d, text := range f.Policies {
		t.policies[d] = text
	}
	return AuditRoot{list: t, name: path}, nil
}

// RootOfHome trusts the list that the home in dir has pinned; [ErrNoTrust] when it
// has none.
func RootOfHome(dir string) (AuditRoot, error) {
	t, err := readTrusted(filepath.Join(dir, "trust"))
	if err != nil {
		return AuditRoot{}, fmt.Errorf("%w: %v", ErrTrustNote, err)
	}
	if t == nil {
		return AuditRoot{}, ErrNoTrust
	}
	return AuditRoot{list: t, name: filepath.Join(dir, "trust", "list.note")}, nil
}

// logKeys returns the keys that count for a ledger.
func (r AuditRoot) logKeys(o evidence.Origin) ([]note.Verifier, error) {
	if r.key != nil {
		v, err := r.key.Verifier()
		return []note.Verifier{v}, err
	}
	var keys []note.Verifier
	for _, g := range r.list.list.Logs {
		if g.Origin != string(o) {
			continue
		}
		v, err := g.Key.Verifier()
		if err != nil {
			return nil, err
		}
		keys = append(keys, v)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("log %s: %w", o, trust.ErrUnlisted)
	}
	return keys, nil
}

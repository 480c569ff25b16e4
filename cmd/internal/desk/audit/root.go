package audit

import (
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// Root is what an audit takes for granted: a trust list, or the ledger's key
// alone.
type Root struct {
	list *trustlist.Pinned
	key  *trust.VKey
	name string // of the list, for people
}

// RootByKey trusts one key of one ledger and nobody else. Text that is no verifier
// key is [trust.ErrVKey].
func RootByKey(vkey string) (Root, error) {
	k, err := trust.ParseVKey(vkey)
	return Root{key: &k}, err
}

// RootByList trusts the list in a file: a note, or a trust file with its policies.
func RootByList(path string) (Root, error) {
	f, err := trustlist.ReadFile(path)
	if err != nil {
		return Root{}, err
	}
	l, err := trust.Open(f.Note, nil)
	if err != nil {
		return Root{}, trustlist.ChainError(path, err)
	}
	t := &trustlist.Pinned{List: l, Note: f.Note, Policies: map[trust.Digest][]byte{}}
	for d, text := range f.Policies {
		t.Policies[d] = text
	}
	return Root{list: t, name: path}, nil
}

// RootOfHome trusts the list that the home in dir has pinned; [trustlist.ErrNone] when it
// has none.
func RootOfHome(dir string) (Root, error) {
	t, err := trustlist.Read(filepath.Join(dir, "trust"))
	if err != nil {
		return Root{}, fmt.Errorf("%w: %v", trustlist.ErrNote, err)
	}
	if t == nil {
		return Root{}, trustlist.ErrNone
	}
	return Root{list: t, name: filepath.Join(dir, "trust", "list.note")}, nil
}

// logKeys returns the keys that count for a ledger.
func (r Root) logKeys(o evidence.Origin) ([]note.Verifier, error) {
	if r.key != nil {
		v, err := r.key.Verifier()
		return []note.Verifier{v}, err
	}
	var keys []note.Verifier
	for _, g := range r.list.List.Logs {
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

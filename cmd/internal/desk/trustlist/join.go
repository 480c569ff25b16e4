package trustlist

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/signing/trust"
)

// ErrApart reports files that are not copies of one list.
var ErrApart = errors.New("these are not signatures of one list")

// Join gathers in one file the signatures of copies of one list that states signed
// apart. They stand in the order of the states in the list, so that whoever joins the
// same copies gets the same bytes and digest. Signatures of strangers are dropped.
// Errors: [ErrApart], [ErrNote].
func Join(copies ...*File) (*File, error) {
	out := &File{}
	var l *trust.List
	all := &note.Note{}
	for _, f := range copies {
		draft, err := f.Draft()
		if err != nil {
			return nil, err
		}
		n, err := OpenDraft(f.Note, draft)
		if err != nil {
			return nil, err
		}
		if l == nil {
			l, all.Text = draft, n.Text
		}
		if n.Text != all.Text {
			return nil, fmt.Errorf("version %d and version %d: %w", l.Version, draft.Version, ErrApart)
		}
		all.Sigs = append(all.Sigs, n.Sigs...)
		out.gather(f)
	}
	if l == nil {
		return nil, ErrApart
	}
	all.Sigs = inOrder(l, all.Sigs)
	var err error
	out.Note, err = note.Sign(all)
	return out, err
}

// gather takes over the texts of a copy.
func (f *File) gather(other *File) {
	if other.Policies == nil {
		return // the list alone
	}
	if f.Policies == nil {
		f.Policies, f.Certs = map[trust.Digest][]byte{}, map[trust.Digest][]byte{}
	}
	maps.Copy(f.Policies, other.Policies)
	maps.Copy(f.Certs, other.Certs)
}

// inOrder sorts signatures as the list has its states, each once.
func inOrder(l *trust.List, sigs []note.Signature) []note.Signature {
	place := func(sig note.Signature) int {
		return slices.IndexFunc(l.States, func(s trust.State) bool { return s.Key.Name() == sig.Name && s.Key.Hash() == sig.Hash })
	}
	slices.SortFunc(sigs, func(a, b note.Signature) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), bytes.Compare([]byte(a.Base64), []byte(b.Base64)))
	})
	return slices.CompactFunc(sigs, func(a, b note.Signature) bool { return place(a) == place(b) })
}

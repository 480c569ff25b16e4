package trustlist

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"example.org/custody/signing/trust"
)

// Errors about one trust list after another. They name the cause in words only: a
// signature that is wrong is proof, everything else leaves the question open.
var (
	// ErrChain reports a list that does not follow the one before it.
	ErrChain = errors.New("the trust list does not follow")
	// ErrForged reports a signature by a listed state that does not verify.
	ErrForged = errors.New("the trust list is forged")
	// ErrConflict reports two lists of one version (rule P12).
	ErrConflict = errors.New("two trust lists of one version")
)

// ChainError says which of the errors above a trust list ended in.
func ChainError(name string, err error) error {
	kind := ErrChain
	if errors.Is(err, trust.ErrSignature) {
		kind = ErrForged
	}
	return fmt.Errorf("%s: %w: %v", name, kind, err)
}

// Walked is one list of a chain.
type Walked struct {
	File    string `json:"file"`
	Version int64  `json:"version"`
	SHA256  string `json:"sha256"`
}

// Chain is a walk from a trusted list to a newer one.
type Chain struct {
	From  Walked   `json:"from"`
	Lists []Walked `json:"lists"` // each follows the one before; without the first
	Last  *View    `json:"list"`
}

// Walk goes from a list that is trusted already through the lists in files, in
// order: each must follow the one before it. A file with the list the walk has
// reached is passed over. Errors: [ErrChain], [ErrForged],
// [ErrConflict], [ErrNote].
func Walk(from *trust.List, name string, files []string, now time.Time) (*Chain, error) {
	c := &Chain{From: walked(name, from), Lists: []Walked{}}
	at, policies := from, map[trust.Digest][]byte(nil)
	for _, file := range files {
		f, err := ReadFile(file)
		if err != nil {
			return nil, err
		}
		next, err := follow(at, f, file)
		if err != nil {
			return nil, err
		}
		if next != at {
			c.Lists = append(c.Lists, walked(file, next))
		}
		at, policies = next, f.Policies
	}
	c.Last = ViewOf(at, policies, now)
	return c, nil
}

func walked(name string, l *trust.List) Walked {
	return Walked{File: name, Version: l.Version, SHA256: l.Digest().Hex()}
}

// follow opens the list in f as the one after at, or as at itself.
func follow(at *trust.List, f *File, name string) (*trust.List, error) {
	if trust.DigestOf(f.Note) == at.Digest() {
		return at, nil
	}
	next, err := trust.Open(f.Note, nil)
	if err != nil {
		return nil, ChainError(name, err)
	}
	if next.Version == at.Version {
		return nil, conflict(name, at, next)
	}
	if next, err = trust.Open(f.Note, at); err != nil {
		return nil, ChainError(name, err)
	}
	if f.Policies == nil {
		return next, nil
	}
	return next, f.Complete(next, nil)
}

// conflict shows both lists of one version.
func conflict(name string, pinned, given *trust.List) error {
	what := "other content"
	if !trust.Conflict(pinned, given) {
		what = "the same content under other signatures"
	}
	return fmt.Errorf("%s: %w: version %d is sha256 %s here and sha256 %s there, with %s", name, ErrConflict, pinned.Version, pinned.Digest().Hex(), given.Digest().Hex(), what)
}

// First opens a list that somebody trusts, pinned in the home dir or, when file
// is named, given there; name says which. Errors: [ErrNone], [ErrNote].
func First(dir, file string) (l *trust.List, name string, err error) {
	if file == "" {
		t, err := OfHome(dir)
		if err != nil {
			return nil, "", err
		}
		if t.List == nil {
			return nil, "", ErrNone
		}
		return t.List, filepath.Join(dir, "trust", "list.note"), nil
	}
	f, err := ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	if l, err = trust.Open(f.Note, nil); err != nil {
		return nil, "", ChainError(file, err)
	}
	return l, file, nil
}

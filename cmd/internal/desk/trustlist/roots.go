package trustlist

import (
	"errors"
	"fmt"
	"path/filepath"

	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// ErrNote reports a trust list that cannot be used: not in its one form, or
// not signed by enough of its states.
var ErrNote = errors.New("the trust list cannot be used")

// Given reads a trust list that a person names, as the root of trust of
// one verdict (rule P10): a note, or a trust file with its policies and certificates.
// What a note lacks comes with the package; the list names it by digest.
func Given(path string) (verify.Trust, error) {
	f, err := ReadFile(path)
	if err != nil {
		return verify.Trust{}, err
	}
	list, err := trust.Open(f.Note, nil)
	if err != nil {
		return verify.Trust{}, fmt.Errorf("%s: %w: %w", path, ErrNote, err)
	}
	return verify.Trust{List: list, Source: verify.SourceGiven, Policies: f.policies(), Certs: f.certs()}, nil
}

// Whole reads a trust list that a desk is to pin, with everything that it names: a
// trust file, or a list that lies among the texts it names, as in the folder trust of
// a desk.
func Whole(path string) (*File, error) {
	f, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	list, err := trust.Open(f.Note, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrNote, err)
	}
	var beside *Pinned
	if f.Policies == nil {
		if beside, err = Read(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	return f, f.Complete(list, beside)
}

// OfHome returns the trust list that the home in dir has pinned. Where there
// is no home, or one without a list, the source is none: nothing can be decided.
// It needs no lock and no key.
func OfHome(dir string) (verify.Trust, error) {
	if dir == "" {
		return verify.Trust{Source: verify.SourceNone}, nil
	}
	t, err := Read(filepath.Join(dir, "trust"))
	if err != nil {
		return verify.Trust{}, fmt.Errorf("%w: %w", ErrNote, err)
	}
	return t.Root(), nil
}

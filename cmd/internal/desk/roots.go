package desk

import (
	"errors"
	"fmt"
	"path/filepath"

	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// ErrTrustNote reports a trust list that cannot be used: not in its one form, or
// not signed by enough of its states.
var ErrTrustNote = errors.New("the trust list cannot be used")

// GivenTrust reads a trust list that a person names, as the root of trust of
// one verdict (rule P10): a note, or a trust file with its policies and certificates.
// What a note lacks comes with the package; the list names it by digest.
func GivenTrust(path string) (verify.Trust, error) {
	f, err := ReadTrustFile(path)
	if err != nil {
		return verify.Trust{}, err
	}
	list, err := trust.Open(f.Note, nil)
	if err != nil {
		return verify.Trust{}, fmt.Errorf("%s: %w: %w", path, ErrTrustNote, err)
	}
	return verify.Trust{List: list, Source: verify.SourceGiven, Policies: f.policies(), Certs: f.certs()}, nil
}

// PinnedTrust returns the trust list that the home in dir has pinned. Where there
// is no home, or one without a list, the source is none: nothing can be decided.
// It needs no lock and no key.
func PinnedTrust(dir string) (verify.Trust, error) {
	if dir == "" {
		return verify.Trust{Source: verify.SourceNone}, nil
	}
	t, err := readTrusted(filepath.Join(dir, "trust"))
	if err != nil {
		return verify.Trust{}, fmt.Errorf("%w: %w", ErrTrustNote, err)
	}
	return t.root(), nil
}

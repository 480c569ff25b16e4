package desk

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

const (
	trustFormat = "custody/trust/v1"
	// maxTrustFile is room for a list and the policies of a hundred ledgers.
	maxTrustFile = 16 << 20
)

// TrustFile is a trust list with the texts that it names by digest, on its way from
// desk to desk (spec/trust.md, "Trust file").
type TrustFile struct {
	Note     []byte                  // the list, with the signatures gathered so far
	Policies map[trust.Digest][]byte // nil when the file is the list alone
	Certs    map[trust.Digest][]byte
}

// trustJSON has its members in the order of RFC 8785.
type trustJSON struct {
	Certificates [][]byte `json:"certificates"`
	Format       string   `json:"format"`
	List         string   `json:"list"`
	Policies     []string `json:"policies"`
}

// ReadTrustFile reads a trust file, or a list alone. It verifies no signature. What
// is neither is [ErrTrustNote].
func ReadTrustFile(path string) (*TrustFile, error) {
	b, err := readLimited(path, maxTrustFile)
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("%w: %v", ErrTrustNote, err)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(b, []byte("{")) {
		return &TrustFile{Note: b}, nil
	}
	f, err := ParseTrustFile(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// ParseTrustFile takes exactly what [TrustFile.Marshal] writes, and is
// [ErrTrustNote] otherwise.
func ParseTrustFile(b []byte) (*TrustFile, error) {
	var j trustJSON
	if err := evidence.ParseCanonical(b, &j); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrTrustNote, err)
	}
	if j.Format != trustFormat {
		return nil, fmt.Errorf("%w: format %.40q", ErrTrustNote, j.Format)
	}
	f := &TrustFile{Note: []byte(j.List), Policies: map[trust.Digest][]byte{}, Certs: map[trust.Digest][]byte{}}
	for _, der := range j.Certificates {
		f.Certs[trust.DigestOf(der)] = der
	}
	for _, text := range j.Policies {
		f.Policies[trust.DigestOf([]byte(text))] = []byte(text)
	}
	again, err := f.Marshal()
	if err != nil || !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: in another encoding", ErrTrustNote)
	}
	return f, f.needed()
}

// needed reports with [ErrTrustNote] texts that the list does not name.
func (f *TrustFile) needed() error {
	list, err := f.draft()
	if err != nil {
		return err
	}
	named := map[trust.Digest]bool{}
	for _, p := range list.Policies {
		named[p.Digest] = true
	}
	for _, a := range list.Authorities {
		named[a.Digest] = true
	}
	for _, texts := range []map[trust.Digest][]byte{f.Policies, f.Certs} {
		for d := range texts {
			if !named[d] {
				return fmt.Errorf("%w: it carries %s, which the list does not name", ErrTrustNote, d)
			}
		}
	}
	return nil
}

// draft reads the list without asking who signed it.
func (f *TrustFile) draft() (*trust.List, error) {
	text, _, ok := strings.Cut(string(f.Note), "\n\n")
	if !ok {
		return nil, fmt.Errorf("%w: it is not a signed note", ErrTrustNote)
	}
	list, err := trust.ParseText(text + "\n")
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrTrustNote, err)
	}
	return list, nil
}

// Marshal returns the file's bytes.
func (f *TrustFile) Marshal() ([]byte, error) {
	j := trustJSON{Certificates: [][]byte{}, Format: trustFormat, List: string(f.Note), Policies: []string{}}
	for _, d := range sorted(f.Certs) {
		j.Certificates = append(j.Certificates, f.Certs[d])
	}
	for _, d := range sorted(f.Policies) {
		j.Policies = append(j.Policies, string(f.Policies[d]))
	}
	return evidence.Canonical(j)
}

func sorted(texts map[trust.Digest][]byte) []trust.Digest {
	return slices.SortedFunc(maps.Keys(texts), func(a, b trust.Digest) int { return bytes.Compare(a[:], b[:]) })
}

// complete adds what the desk has of the texts that the list names, and checks
// that every one is there and every policy protects its ledger.
func (f *TrustFile) complete(list *trust.List, have *trusted) error {
	if f.Policies == nil {
		f.Policies, f.Certs = map[trust.Digest][]byte{}, map[trust.Digest][]byte{}
	}
	f.addFrom(list, have)
	for _, p := range list.Policies {
		text, ok := f.Policies[p.Digest]
		if !ok {
			return fmt.Errorf("%w: the %s policy of %s is not with it", ErrTrustNote, p.Kind, p.Origin)
		}
		if _, err := list.Policy(p.Origin, p.Kind, text); err != nil {
			return fmt.Errorf("%w: %v", ErrTrustNote, err)
		}
	}
	for _, a := range list.Authorities {
		if _, ok := f.Certs[a.Digest]; !ok {
			return fmt.Errorf("%w: the certificate of authority %s of %s is not with it", ErrTrustNote, a.Digest, a.State)
		}
	}
	return nil
}

// addFrom adds the desk's own copies.
func (f *TrustFile) addFrom(list *trust.List, have *trusted) {
	if have == nil {
		return
	}
	for _, p := range list.Policies {
		if text, ok := have.policies[p.Digest]; ok {
			f.Policies[p.Digest] = text
		}
	}
	for _, der := range have.certs {
		d := trust.DigestOf(der)
		if slices.ContainsFunc(list.Authorities, func(a trust.Authority) bool { return a.Digest == d }) {
			f.Certs[d] = der
		}
	}
}

func (f *TrustFile) certs() [][]byte {
	var all [][]byte
	for _, d := range sorted(f.Certs) {
		all = append(all, f.Certs[d])
	}
	return all
}

func (f *TrustFile) policies() [][]byte {
	var all [][]byte
	for _, d := range sorted(f.Policies) {
		all = append(all, f.Policies[d])
	}
	return all
}

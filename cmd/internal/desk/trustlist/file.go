package trustlist

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

const (
	fileFormat = "custody/trust/v1"
	// maxFile is room for a list and the policies of a hundred ledgers.
	maxFile = 16 << 20
)

// File is a trust list with the texts that it names by digest, on its way from
// desk to desk (spec/trust.md, "Trust file").
type File struct {
	Note     []byte                  // the list, with the signatures gathered so far
	Policies map[trust.Digest][]byte // nil when the file is the list alone
	Certs    map[trust.Digest][]byte
}

// fileJSON has its members in the order of RFC 8785.
type fileJSON struct {
	Certificates [][]byte `json:"certificates"`
	Format       string   `json:"format"`
	List         string   `json:"list"`
	Policies     []string `json:"policies"`
}

// ReadFile reads a trust file, or a list alone. It verifies no signature. What
// is neither is [ErrNote].
func ReadFile(path string) (*File, error) {
	b, err := input.Read(path, maxFile)
	if errors.Is(err, input.ErrTooLarge) {
		return nil, fmt.Errorf("%w: %v", ErrNote, err)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(b, []byte("{")) {
		return &File{Note: b}, nil
	}
	f, err := ParseFile(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// ParseFile takes exactly what [File.Marshal] writes, and is
// [ErrNote] otherwise.
func ParseFile(b []byte) (*File, error) {
	var j fileJSON
	if err := evidence.ParseCanonical(b, &j); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNote, err)
	}
	if j.Format != fileFormat {
		return nil, fmt.Errorf("%w: format %.40q", ErrNote, j.Format)
	}
	f := &File{Note: []byte(j.List), Policies: map[trust.Digest][]byte{}, Certs: map[trust.Digest][]byte{}}
	for _, der := range j.Certificates {
		f.Certs[trust.DigestOf(der)] = der
	}
	for _, text := range j.Policies {
		f.Policies[trust.DigestOf([]byte(text))] = []byte(text)
	}
	again, err := f.Marshal()
	if err != nil || !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: in another encoding", ErrNote)
	}
	return f, f.needed()
}

// needed reports with [ErrNote] texts that the list does not name.
func (f *File) needed() error {
	list, err := f.Draft()
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
				return fmt.Errorf("%w: it carries %s, which the list does not name", ErrNote, d)
			}
		}
	}
	return nil
}

// draft reads the list without asking who signed it.
func (f *File) Draft() (*trust.List, error) {
	text, _, ok := strings.Cut(string(f.Note), "\n\n")
	if !ok {
		return nil, fmt.Errorf("%w: it is not a signed note", ErrNote)
	}
	list, err := trust.ParseText(text + "\n")
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNote, err)
	}
	return list, nil
}

// Marshal returns the file's bytes.
func (f *File) Marshal() ([]byte, error) {
	j := fileJSON{Certificates: [][]byte{}, Format: fileFormat, List: string(f.Note), Policies: []string{}}
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
func (f *File) Complete(list *trust.List, have *Pinned) error {
	if f.Policies == nil {
		f.Policies, f.Certs = map[trust.Digest][]byte{}, map[trust.Digest][]byte{}
	}
	f.addFrom(list, have)
	for _, p := range list.Policies {
		text, ok := f.Policies[p.Digest]
		if !ok {
			return fmt.Errorf("%w: the %s policy of %s is not with it", ErrNote, p.Kind, p.Origin)
		}
		if _, err := list.Policy(p.Origin, p.Kind, text); err != nil {
			return fmt.Errorf("%w: %v", ErrNote, err)
		}
	}
	for _, a := range list.Authorities {
		if _, ok := f.Certs[a.Digest]; !ok {
			return fmt.Errorf("%w: the certificate of authority %s of %s is not with it", ErrNote, a.Digest, a.State)
		}
	}
	return nil
}

// addFrom adds the desk's own copies.
func (f *File) addFrom(list *trust.List, have *Pinned) {
	if have == nil {
		return
	}
	for _, p := range list.Policies {
		if text, ok := have.Policies[p.Digest]; ok {
			f.Policies[p.Digest] = text
		}
	}
	for _, der := range have.Certs {
		d := trust.DigestOf(der)
		if slices.ContainsFunc(list.Authorities, func(a trust.Authority) bool { return a.Digest == d }) {
			f.Certs[d] = der
		}
	}
}

func (f *File) certs() [][]byte {
	var all [][]byte
	for _, d := range sorted(f.Certs) {
		all = append(all, f.Certs[d])
	}
	return all
}

func (f *File) policies() [][]byte {
	var all [][]byte
	for _, d := range sorted(f.Policies) {
		all = append(all, f.Policies[d])
	}
	return all
}

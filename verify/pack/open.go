package pack

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
)

// Package is a package as read: its form is right, and nothing in it is proven
// but that each file outside payload/ has the digest the manifest gives it.
type Package struct {
	Dossier       *Dossier
	Manifest      evidence.Hash     // SHA-256 of the manifest's bytes
	ManifestBytes []byte            // what every signature file is over
	Envelope      *signing.Envelope // package.dsse, not verified
	Statement     *Statement        // what it signs
	CAdES         []byte            // signature001.p7s, not verified; nil when there is none
	Timestamp     []byte            // timestamp001.tst, not verified; nil when there is none
	Stamped       evidence.Hash     // SHA-256 of what Timestamp must be over
	Verdict       []byte            // record/verdict.json
	Report        []byte            // report/summary.html, nil when there is none
	Inventory     []byte            // record/inventory.csv
	Withheld      []byte            // record/withheld.csv

	container *asic.Reader
	archives  []Archive
}

// Open reads a package of size bytes, but for the evidence copies in it.
//
// A refusal is an [*asic.Error] for the container, or wraps [ErrForm] or
// [ErrLimit] for what is in it. Any other error is the medium's.
func Open(r io.ReaderAt, size int64) (*Package, error) {
	c, err := asic.Open(r, size, asic.Limits{})
	if err != nil {
		return nil, err
	}
	p := &Package{container: c, Manifest: NoteDigest(c.ManifestBytes()), ManifestBytes: c.ManifestBytes(), Stamped: NoteDigest(c.StampedBytes())}
	files, err := p.read()
	if err != nil {
		return nil, err
	}
	if err := p.openStatement(); err != nil {
		return nil, err
	}
	if err := p.readArchives(); err != nil {
		return nil, err
	}
	if p.Dossier, err = Decode(files); err != nil {
		return nil, err
	}
	return p, p.check()
}

// read reads every file outside payload/ and returns those of the dossier.
func (p *Package) read() (map[string][]byte, error) {
	dossier := make(map[string][]byte)
	others := map[string]*[]byte{
		ReadmeName: new([]byte), InventoryName: &p.Inventory, WithheldName: &p.Withheld,
		VerdictName: &p.Verdict, ReportName: &p.Report,
	}
	total := int64(0)
	for _, e := range p.container.Entries() {
		if strings.HasPrefix(e.Name, payloadPrefix) {
			continue
		}
		if total += e.Size; total > MaxRead {
			return nil, limitError(e.Name, "files outside payload/ have more than %d bytes together", MaxRead)
		}
		switch e.Name {
		case GraphName, InventoryJSONName, WithheldJSONName: // what they must be follows from the dossier; of many files they are large
			if err := p.container.CheckEntry(e.Name); err != nil {
				return nil, err
			}
			continue
		}
		b, err := p.container.ReadFile(e.Name, asic.PackageSize(e.Name))
		if err != nil {
			return nil, err
		}
		if into, ok := others[e.Name]; ok {
			*into = b
		} else if IsDossier(e.Name) {
			dossier[e.Name] = b
		} else {
			return nil, formError(e.Name, 0, "no file of a package")
		}
	}
	for _, name := range []string{ReadmeName, InventoryName, WithheldName, VerdictName} {
		if _, ok := p.container.Entry(name); !ok {
			return nil, formError(name, 0, "missing")
		}
	}
	return dossier, nil
}

func (p *Package) openStatement() (err error) {
	got := slices.DeleteFunc(p.container.Signatures(), func(n string) bool { return n == asic.TimestampManifest })
	for name, into := range map[string]*[]byte{asic.SignatureCAdES: &p.CAdES, asic.Timestamp: &p.Timestamp} {
		if !slices.Contains(got, name) {
			continue
		}
		if *into, err = p.container.ReadFile(name, asic.PackageSize(name)); err != nil {
			return err
		}
		got = slices.DeleteFunc(got, func(n string) bool { return n == name })
	}
	if !slices.Equal(got, []string{asic.SignatureDSSE}) {
		return formError("META-INF", 0, "there is no %s", asic.SignatureDSSE)
	}
	b, err := p.container.ReadFile(asic.SignatureDSSE, asic.PackageSize(asic.SignatureDSSE))
	if err != nil {
		return err
	}
	if p.Envelope, err = signing.Parse(b); err != nil {
		return &FileError{SignatureName, 0, fmt.Errorf("%w: %w", err, ErrForm)}
	}
	if p.Envelope.PayloadType != StatementType {
		return formError(SignatureName, 0, "payload type %q", p.Envelope.PayloadType)
	}
	if p.Statement, err = ParseStatement(p.Envelope.Payload); err != nil {
		return &FileError{SignatureName, 0, err}
	}
	return nil
}

// check finds what only shows once everything is read.
func (p *Package) check() error {
	named := map[string]bool{}
	for i, l := range p.Dossier.Items {
		for _, e := range l.Payload {
			if _, ok := p.container.Entry(e.Entry); !ok {
				return formError(ItemsName, i+1, "entry %.200q is not in the container", e.Entry)
			}
			named[e.Entry] = true
		}
	}
	for _, e := range p.container.Entries() {
		if strings.HasPrefix(e.Name, payloadPrefix) && !named[e.Name] {
			return formError(e.Name, 0, "no item names this copy")
		}
	}
	return nil
}

// Entry returns what the manifest says of a file of the package.
func (p *Package) Entry(name string) (asic.Entry, bool) { return p.container.Entry(name) }

// File returns a file outside payload/, checked against the manifest.
func (p *Package) File(name string) ([]byte, error) {
	return p.container.ReadFile(name, asic.PackageSize(name))
}

// Manifested returns the digest that the manifest states for every file.
func (p *Package) Manifested() map[string]evidence.Hash { return p.container.Manifest() }

// OpenEntry streams an entry; its CRC-32 is checked at the end, its digest is not.
func (p *Package) OpenEntry(name string) (io.Reader, int64, error) {
	r, err := p.container.Open(name)
	if err != nil {
		return nil, 0, err
	}
	return r, r.Size(), nil
}

// Bag opens an inner bag. Its headers are checked, its members when read.
func (p *Package) Bag(name string) (*asic.Bag, error) {
	s, err := p.container.Section(name)
	if err != nil {
		return nil, err
	}
	return asic.OpenBag(s, s.Size(), asic.Limits{})
}

// CheckEntry compares an entry's content with its CRC-32 and the manifest.
func (p *Package) CheckEntry(name string) error { return p.container.CheckEntry(name) }

// Refused reports whether err says that a package or dossier is not one, as
// opposed to a file that cannot be read.
func Refused(err error) bool {
	var c *asic.Error
	return errors.As(err, &c) || errors.Is(err, ErrForm) || errors.Is(err, ErrLimit)
}

package pack

import (
	"context"

	"example.org/custody/evidence/asic"
)

// Archive is one archive timestamp of a package (spec/container.md).
type Archive struct {
	asic.Archive
	TokenBytes []byte // the token, not verified
}

// readArchives reads the tokens of the archive timestamps.
func (p *Package) readArchives() error {
	for _, a := range p.container.Archives() {
		b, err := p.container.ReadFile(a.Token, asic.PackageSize(a.Token))
		if err != nil {
			return err
		}
		p.archives = append(p.archives, Archive{a, b})
	}
	return nil
}

// Archives returns the archive timestamps, the oldest first.
func (p *Package) Archives() []Archive { return p.archives }

// CheckArchives compares all that archive timestamps list, as
// [asic.Reader.CheckArchives] does.
func (p *Package) CheckArchives(ctx context.Context) ([]error, error) {
	return p.container.CheckArchives(ctx, func(int) {})
}

// RenewFile writes the package with one more archive timestamp, as
// [asic.Reader.RenewFile] does.
func (p *Package) RenewFile(ctx context.Context, path string, overwrite bool, stamp func(ctx context.Context, manifest []byte) ([]byte, error), report func(n int)) error {
	return p.container.RenewFile(ctx, path, overwrite, stamp, report)
}

// Entries returns what the manifest lists, in the order of the container.
func (p *Package) Entries() []asic.Entry { return p.container.Entries() }

// Size returns the bytes of all files, for a progress: without headers.
func (p *Package) Size() (n int64) {
	for _, e := range p.container.Entries() {
		n += e.Size
	}
	return n
}

package pack

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
)

// Source is one evidence copy to be enclosed.
type Source struct {
	Enclosed
	Size int64 // bytes, exactly
	// Open returns the content from its beginning, each time the same. Of several
	// sources it may be called at once.
	Open func() (io.ReadCloser, error)
}

// Contents holds what was recomputed of enclosed copies, by where they are
// (Entry and Member; File is left empty).
type Contents map[Enclosed]evidence.Digests

// Where returns the key of p in [Contents].
func (p Enclosed) Where() Enclosed { return Enclosed{Entry: p.Entry, Member: p.Member} }

// mediaTypes are those of our own files; evidence copies are named by their
// extension, or octet-stream.
var mediaTypes = map[string]string{
	".jsonl": "application/jsonl", ".jsonld": "application/ld+json", ".json": "application/json", ".csv": "text/csv", ".txt": "text/plain",
	".note": "text/plain", ".der": "application/pkix-cert", ".html": "text/html", ".zip": "application/zip",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".pdf": "application/pdf",
	".mp4": "video/mp4", ".wav": "audio/wav", ".xml": "application/xml",
}

// MediaType returns the media type that the manifest gives a file of that name.
// It does not ask the system's tables, which differ from machine to machine;
// packages are reproducible.
func MediaType(name string) string {
	return cmp.Or(mediaTypes[strings.ToLower(path.Ext(name))], "application/octet-stream")
}

// entries groups sources by entry, in the container's order.
func entries(sources []Source) ([][]Source, error) {
	sorted := slices.Clone(sources)
	slices.SortFunc(sorted, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Member, b.Member))
	})
	var groups [][]Source
	for i, s := range sorted {
		n := len(groups)
		if i > 0 && s.Entry == sorted[i-1].Entry {
			if s.Member == "" || sorted[i-1].Member == "" || s.Member == sorted[i-1].Member {
				return nil, fmt.Errorf("entry %q is given twice", s.Entry)
			}
			groups[n-1] = append(groups[n-1], s)
			continue
		}
		groups = append(groups, []Source{s})
	}
	return groups, nil
}

// payload writes the evidence copies of a package.
type payload struct {
	w     *asic.Writer
	in    Writing
	found Contents
}

// writePayload streams every copy into the container, each byte read once but for large
// members of a bag, and returns its digests: those of the content, whether or not it is encrypted.
func writePayload(ctx context.Context, w *asic.Writer, in Writing) (Contents, error) {
	groups, err := entries(in.Payload)
	if err != nil {
		return nil, err
	}
	p := &payload{w, in, make(Contents, len(in.Payload))}
	for _, g := range groups {
		if g[0].Member == "" {
			err = p.file(ctx, g[0])
		} else {
			err = p.bag(ctx, g)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g[0].Entry, err)
		}
	}
	return p.found, nil
}

func (p *payload) file(ctx context.Context, s Source) error {
	var d evidence.Digests
	dst, err := p.create(asic.Header{
		Name: s.Entry, MimeType: MediaType(s.Entry), Size: s.Size,
		Digest: func() evidence.Hash { return d.SHA256 },
	})
	if err != nil {
		return err
	}
	if d, err = digest(ctx, s, dst); err != nil {
		return err
	}
	p.found[s.Where()] = d
	return dst.Close()
}

func (p *payload) bag(ctx context.Context, members []Source) error {
	dst, err := p.create(asic.Header{Name: members[0].Entry, MimeType: MediaType(members[0].Entry), Size: asic.UnknownSize})
	if err != nil {
		return err
	}
	bag := asic.NewBagWriter(dst, asic.Limits{})
	w := &bagged{bag, p.found}
	if err := p.members(ctx, w, members); err != nil {
		return err
	}
	if err := bag.Close(); err != nil {
		return err
	}
	return dst.Close()
}

// members writes what is in a bag.
func (p *payload) members(ctx context.Context, w *bagged, members []Source) error {
	if !members[0].InBagIt() {
		return w.write(ctx, members)
	}
	item, err := p.in.Dossier.itemOf(members[0].Enclosed)
	if err != nil {
		return err
	}
	return w.writeBagIt(ctx, item, members)
}

// digest copies the source to dst and takes its digests on the way.
func digest(ctx context.Context, s Source, dst io.Writer) (evidence.Digests, error) {
	r, err := s.Open()
	if err != nil {
		return evidence.Digests{}, err
	}
	defer r.Close()
	d, err := evidence.DigestReader(contextReader{ctx, r}, evidence.WithSHA256, dst)
	if err == nil {
		err = s.announced(d.Size)
	}
	return d, err
}

// announced returns an error unless the source has as many bytes as it said.
func (s Source) announced(n int64) error {
	if n != s.Size {
		return fmt.Errorf("%d bytes where %d were announced", n, s.Size)
	}
	return nil
}

// contextReader stops reading once its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

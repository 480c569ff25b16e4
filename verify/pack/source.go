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
	// Open returns the content from its beginning. It is called once.
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
	".jsonl": "application/jsonl", ".json": "application/json", ".csv": "text/csv", ".txt": "text/plain",
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

// writePayload streams every copy into the container, each byte read once, and
// returns its digests.
func writePayload(ctx context.Context, w *asic.Writer, sources []Source) (Contents, error) {
	groups, err := entries(sources)
	if err != nil {
		return nil, err
	}
	found := make(Contents, len(sources))
	for _, g := range groups {
		if g[0].Member == "" {
			err = writeFile(ctx, w, g[0], found)
		} else {
			err = writeBag(ctx, w, g, found)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g[0].Entry, err)
		}
	}
	return found, nil
}

func writeFile(ctx context.Context, w *asic.Writer, s Source, found Contents) error {
	var d evidence.Digests
	dst, err := w.Create(asic.Header{
		Name: s.Entry, MimeType: MediaType(s.Entry), Size: s.Size,
		Digest: func() evidence.Hash { return d.SHA256 },
	})
	if err != nil {
		return err
	}
	if d, err = digest(ctx, s, dst); err != nil {
		return err
	}
	found[s.Where()] = d
	return dst.Close()
}

func writeBag(ctx context.Context, w *asic.Writer, members []Source, found Contents) error {
	dst, err := w.Create(asic.Header{Name: members[0].Entry, MimeType: MediaType(members[0].Entry), Size: asic.UnknownSize})
	if err != nil {
		return err
	}
	bag := asic.NewBagWriter(dst, asic.Limits{})
	for _, s := range members {
		var content sliceWriter
		d, err := digest(ctx, s, &content)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Member, err)
		}
		found[s.Where()] = d
		if err := bag.WriteFile(s.Member, content); err != nil {
			return err
		}
	}
	if err := bag.Close(); err != nil {
		return err
	}
	return dst.Close()
}

// digest copies the source to dst and takes its digests on the way.
func digest(ctx context.Context, s Source, dst io.Writer) (evidence.Digests, error) {
	r, err := s.Open()
	if err != nil {
		return evidence.Digests{}, err
	}
	defer r.Close()
	d, err := evidence.DigestReader(contextReader{ctx, r}, evidence.WithSHA256, dst)
	if err == nil && d.Size != s.Size {
		err = fmt.Errorf("%d bytes where %d were announced", d.Size, s.Size)
	}
	return d, err
}

// sliceWriter gathers one member of a bag; they are small.
type sliceWriter []byte

func (s *sliceWriter) Write(p []byte) (int, error) { *s = append(*s, p...); return len(p), nil }

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

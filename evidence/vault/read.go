package vault

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"example.org/custody/evidence"
)

// Errors about reading what is kept.
var (
	ErrNotKept = errors.New("the content is not kept here")
	ErrNoKey   = errors.New("no key for the object")
)

// Reader reads the content of one file. ReadAt may be called concurrently, Read
// not. Every byte was authenticated when it comes out of them; whether it is
// the content that was sealed, only the digests say: [Vault.Digest].
type Reader struct {
	content *io.SectionReader
	ahead   *bufio.Reader // for short Reads: a piece of an object is decrypted as a whole
	release func() error
}

// readAhead is how many bytes a Read decrypts at once, at most.
const readAhead = 256 << 10

// Read implements [io.Reader].
func (r *Reader) Read(p []byte) (int, error) {
	if r.ahead == nil {
		at, err := r.content.Seek(0, io.SeekCurrent)
		left := r.Size() - at
		if err != nil || int64(len(p)) >= min(readAhead, left) {
			return r.content.Read(p) // there is nothing to read ahead
		}
		r.ahead = bufio.NewReaderSize(r.content, int(min(readAhead, left)))
	}
	return r.ahead.Read(p)
}

// ReadAt implements [io.ReaderAt].
func (r *Reader) ReadAt(p []byte, off int64) (int, error) { return r.content.ReadAt(p, off) }

// Size returns the length of the content in bytes.
func (r *Reader) Size() int64 { return r.content.Size() }

// Close implements [io.Closer].
func (r *Reader) Close() error { return r.release() }

// Open returns the content of a file that [Vault.Ingest] or [Vault.Adopt] took
// in. It returns [ErrNotKept] for a value without content, [ErrErased],
// [ErrNoKey], or [ErrDamaged] when the object is not the one its key knows.
//
// A pack has no byte of an empty file: that one is read without the pack when all
// bytes of the pack are erased, and it with its key.
func (v *Vault) Open(ctx context.Context, f evidence.FileValue) (*Reader, error) {
	if f.Stored == nil || f.Digests == nil {
		return nil, fmt.Errorf("%s %s: %w", f.Kind, f.Path, ErrNotKept)
	}
	book, err := v.shelf.take(f.Stored.Object, func() (*book, error) { return v.openObject(ctx, f.Stored.Object) })
	if errors.Is(err, ErrNoKey) && f.Digests.Size == 0 && f.Stored.Offset != nil {
		return &Reader{content: io.NewSectionReader(strings.NewReader(""), 0, 0), release: func() error { return nil }}, nil
	}
	if err != nil {
		return nil, err
	}
	offset, err := book.place(f)
	if err != nil {
		return nil, errors.Join(err, v.shelf.give(book))
	}
	return &Reader{
		content: io.NewSectionReader(book.content, offset, f.Digests.Size),
		release: func() error { return v.shelf.give(book) },
	}, nil
}

// place returns where in the object's plaintext the file begins.
func (b *book) place(f evidence.FileValue) (int64, error) {
	size := f.Digests.Size
	if f.Stored.Offset == nil {
		if b.size != size {
			return 0, fmt.Errorf("object %s holds %d bytes, the record says %d: %w", b.name, b.size, size, ErrDamaged)
		}
		return 0, nil
	}
	offset, length := *f.Stored.Offset, *f.Stored.Length
	if length != size || offset < 0 || offset > b.size-length {
		return 0, fmt.Errorf("object %s: no place for bytes %d to %d in %d: %w", b.name, offset, offset+length, b.size, ErrDamaged)
	}
	if b.key.Erased.meets(span{length, offset}) {
		return 0, fmt.Errorf("%s: %w", f.Path, ErrErased)
	}
	return offset, nil
}

// Digest reads a file's content again, to the end, and returns the digests of
// what it read, the same ones that f states.
func (v *Vault) Digest(ctx context.Context, f evidence.FileValue, p Progress) (evidence.Digests, error) {
	r, err := v.Open(ctx, f)
	if err != nil {
		return evidence.Digests{}, err
	}
	defer r.Close()
	if p == nil {
		p = noProgress{}
	}
	return evidence.DigestReaderAt(&watchedAt{ctx, r, p}, r.Size(), f.Digests.Algorithms())
}

// watchedAt tells the progress what was read and ends with the context.
type watchedAt struct {
	ctx context.Context
	r   io.ReaderAt
	p   Progress
}

// ReadAt implements [io.ReaderAt].
func (w *watchedAt) ReadAt(p []byte, off int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.ReadAt(p, off)
	w.p.Add(int64(n))
	return n, err
}

// findKey is readKey with an error that says what a missing key means.
func (v *Vault) findKey(ctx context.Context, name evidence.ObjectName) (*key, error) {
	k, err := v.readKey(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("object %s: %w", name, ErrNoKey)
	}
	return k, err
}

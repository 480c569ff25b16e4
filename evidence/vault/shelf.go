package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// book is an object that is open for reading.
type book struct {
	name    evidence.ObjectName // as records know it
	key     *key
	content io.ReaderAt // plaintext
	size    int64       // of the plaintext
	object  store.Object
	readers int
	kept    bool // on the shelf, open without readers too
}

// openObject opens an object with its key. Its last piece is decrypted, so that
// an object that was cut is noticed at once.
func (v *Vault) openObject(ctx context.Context, name evidence.ObjectName) (*book, error) {
	k, err := v.findKey(ctx, name)
	if err != nil {
		return nil, err
	}
	o, err := v.store.Open(ctx, k.Object)
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", name, err)
	}
	if o.Size() != k.Size {
		return nil, errors.Join(fmt.Errorf("object %s has %d bytes instead of %d: %w", name, o.Size(), k.Size, ErrDamaged), o.Close())
	}
	content, size, err := age.DecryptReaderAt(o, o.Size(), k.identity)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("object %s: %w: %w", name, ErrDamaged, err), o.Close())
	}
	return &book{name: name, key: k, content: &blocks{content: content, size: size}, size: size, object: o}, nil
}

// shelf keeps the objects that were opened last, because the files of a few packs
// are read one after the other, in an order that may go from one to the next.
type shelf struct {
	mu    sync.Mutex
	books []*book // the one used last at the end
}

// shelved is how many objects stay open. Each takes some hundred kilobytes.
const shelved = 16

// take returns the object for one more reader.
func (s *shelf) take(name evidence.ObjectName, open func() (*book, error)) (*book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.books, func(b *book) bool { return b.name == name })
	if i < 0 {
		b, err := open()
		if err != nil {
			return nil, err
		}
		if len(s.books) == shelved {
			err = s.drop()
		}
		if err != nil {
			return nil, errors.Join(err, b.object.Close())
		}
		b.kept = true
		s.books, i = append(s.books, b), len(s.books)
	}
	b := s.books[i]
	s.books = append(slices.Delete(s.books, i, i+1), b)
	b.readers++
	return b, nil
}

// give takes back what take returned.
func (s *shelf) give(b *book) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.readers--; b.readers == 0 && !b.kept {
		return b.object.Close()
	}
	return nil
}

// drop takes the object from the shelf that was not used for the longest time.
func (s *shelf) drop() error {
	b := s.books[0]
	s.books = slices.Delete(s.books, 0, 1)
	if b.kept = false; b.readers == 0 {
		return b.object.Close()
	}
	return nil
}

// clear empties the shelf.
func (s *shelf) clear() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.books) > 0 {
		err = errors.Join(err, s.drop())
	}
	return err
}

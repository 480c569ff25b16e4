package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	return &book{name: name, key: k, content: content, size: size, object: o}, nil
}

// shelf keeps the object that was opened last, because the files of a pack are
// read one after the other.
type shelf struct {
	mu   sync.Mutex
	last *book
}

// take returns the object for one more reader.
func (s *shelf) take(name evidence.ObjectName, open func() (*book, error)) (*book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || s.last.name != name {
		b, err := open()
		if err != nil {
			return nil, err
		}
		if err := s.drop(); err != nil {
			return nil, errors.Join(err, b.object.Close())
		}
		b.kept, s.last = true, b
	}
	s.last.readers++
	return s.last, nil
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

// drop takes the last object from the shelf.
func (s *shelf) drop() error {
	b := s.last
	if s.last = nil; b == nil {
		return nil
	}
	if b.kept = false; b.readers == 0 {
		return b.object.Close()
	}
	return nil
}

// clear empties the shelf.
func (s *shelf) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop()
}

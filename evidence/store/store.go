// Package store keeps the encrypted bytes of evidence: objects that are written
// once, under a random name, and say nothing about what they hold.
//
// [Store] is what every engine offers and evidence/store/storetest checks;
// [Dir] is the engine in a local folder (spec/vault.md "Store"). Keys, records
// and everything else that must be erasable never enter a store: they are the
// business of evidence/vault.
package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"time"

	"example.org/custody/evidence"
)

// Store holds objects.
//
// Contract, checked by storetest for every engine:
//
//   - Put returns without error only when the whole object and its name are
//     durable: they would survive the loss of power.
//   - An object is never seen in part: until Put has everything, and after a Put
//     that failed or was interrupted, at any moment, nobody can open, stat or
//     list it under its name.
//   - An error from Put does not say that the object is not there: the answer
//     may have been lost. It is there whole or not at all. The caller deletes
//     the name, or uses a new one. [ErrExists] alone says that the bytes under
//     that name are not, or not known to be, those of this call.
//   - A name is written once. Of any number of Puts of one name, at the same
//     time or not, one succeeds at most and the others fail with ErrExists. A
//     name may be used again after Delete.
//   - Put reads from r only in one goroutine at a time and not after it has
//     returned. An error of r is returned, wrapped, and nothing is stored.
//   - Delete returns without error only when it is durable that the object is
//     gone. An engine that must keep it (object lock) returns [ErrRetained] and
//     the object stays as it was.
//   - List sees every object whose Put returned before List was called and
//     whose Delete was not called before List ended.
//   - What is missing gives an error that wraps [fs.ErrNotExist].
//   - All methods may be called concurrently. When ctx ends, they end soon, with
//     its error.
type Store interface {
	// Put stores what r delivers, to its end, as name.
	Put(ctx context.Context, name evidence.ObjectName, r io.Reader) (Info, error)
	// Open returns the object for reading any part of it.
	Open(ctx context.Context, name evidence.ObjectName) (Object, error)
	// Stat describes the object. SHA256 is zero: nothing is read.
	Stat(ctx context.Context, name evidence.ObjectName) (Info, error)
	// List yields every object in ascending order of the name, as Stat
	// describes it. It stops after the first error.
	List(ctx context.Context) iter.Seq2[Info, error]
	// Delete removes the object.
	Delete(ctx context.Context, name evidence.ObjectName) error
	// Close ends the use of the store. Every Put must have returned.
	Close() error
}

// Object is one object opened for reading; it never changes. ReadAt may be
// called concurrently.
type Object interface {
	io.ReaderAt
	io.Closer
	// Size returns the bytes as stored.
	Size() int64
}

// Info describes an object.
type Info struct {
	Name   evidence.ObjectName
	Size   int64         // bytes as stored
	SHA256 evidence.Hash // of the bytes as stored; only from Put
	Stored time.Time     // UTC, when the engine says it was put; zero from Put
}

// Retainer is a store that can keep an object even from its owner, as object lock
// does. All of it is about the object as a whole, and durable on return; what is
// missing gives an error that wraps [fs.ErrNotExist].
type Retainer interface {
	Store
	// Retain forbids that the object is deleted before until, to the second. It
	// never shortens.
	Retain(ctx context.Context, name evidence.ObjectName, until time.Time) error
	// Hold forbids, or with on false allows again, that the object is deleted at all.
	Hold(ctx context.Context, name evidence.ObjectName, on bool) error
	// Retention says what keeps the object.
	Retention(ctx context.Context, name evidence.ObjectName) (Retention, error)
}

// Retention is what keeps an object from being deleted.
type Retention struct {
	Until time.Time // UTC; zero: no date
	Held  bool      // until the hold is taken off, whatever the date
}

// ErrExists reports that the name is taken; it wraps [fs.ErrExist].
var ErrExists error = existsError{}

// ErrRetained reports that the object may not be deleted yet.
var ErrRetained = errors.New("object is under retention")

// ErrReadOnly reports a change to a store that was opened for reading.
var ErrReadOnly = errors.New("store is open for reading only")

type existsError struct{}

func (existsError) Error() string { return "object exists already" }
func (existsError) Unwrap() error { return fs.ErrExist }

// ReadAll reads an object that is known to be small: of more than limit bytes
// it returns an error.
func ReadAll(ctx context.Context, s Store, name evidence.ObjectName, limit int64) ([]byte, error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if o.Size() > limit {
		return nil, errors.New("object " + name.String() + " is larger than expected")
	}
	return io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
}

package vault

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

const journalFormat = "custody/ingest/v1"

// Errors about the sealing under way.
var (
	ErrUnfinished = errors.New("an earlier sealing is not finished")
	ErrNoSealing  = errors.New("no sealing is under way")
)

// journal is what a sealing leaves until it is finished (spec/vault.md
// "Sealing"): all names its objects can have, in one small file.
type journal struct {
	Format   string        `json:"format"`
	Names    int64         `json:"names"`    // how many names there are
	Register int64         `json:"register"` // length of the register, bytes
	Seed     evidence.Hash `json:"seed"`
}

// name returns the sealing's name number i.
func (j *journal) name(i int64) evidence.ObjectName {
	h := hmac.New(sha256.New, j.Seed[:])
	h.Write([]byte("custody/object/v1"))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return evidence.ObjectName(h.Sum(nil)[:len(evidence.ObjectName{})])
}

// begin makes the journal of a sealing of at most names objects.
func (v *Vault) begin(names int64) (*journal, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pending != nil {
		return nil, ErrUnfinished
	}
	size, err := v.registerSize()
	if err != nil {
		return nil, err
	}
	j := &journal{Format: journalFormat, Names: names, Register: size}
	rand.Read(j.Seed[:])
	b, err := evidence.Canonical(j)
	if err != nil {
		return nil, err
	}
	v.pending = j // from here on it may be there, whatever put says
	return j, v.put(journalFile, bytesOf(b))
}

func (v *Vault) readJournal() (*journal, error) {
	b, err := os.ReadFile(v.at(journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j, err := parseJournal(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", journalFile, ErrDamaged, err)
	}
	return j, nil
}

func parseJournal(b []byte) (*journal, error) {
	j := new(journal)
	if err := evidence.ParseCanonical(b, j); err != nil {
		return nil, err
	}
	if j.Format != journalFormat {
		return nil, fmt.Errorf("format %q", j.Format)
	}
	if j.Names < 0 || j.Register < 0 || j.Register%int64(len(mark{})) != 0 {
		return nil, errors.New("names or register")
	}
	return j, nil
}

// Unfinished returns the names that objects of an unfinished sealing can have,
// as a set; nil when there is no such sealing.
func (v *Vault) Unfinished() map[evidence.ObjectName]bool {
	j := v.underway()
	if j == nil {
		return nil
	}
	names := make(map[evidence.ObjectName]bool, j.Names)
	for i := range j.Names {
		names[j.name(i)] = true
	}
	return names
}

func (v *Vault) underway() *journal {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.pending
}

// Commit finishes the sealing under way: the event that names these values is
// kept. Nil stands for the values that this process has just taken in
// ([Vault.Ingest]). It may be repeated. It returns [ErrNoSealing] when there is
// nothing to finish.
func (v *Vault) Commit(ctx context.Context, values []evidence.FileValue) error {
	j := v.underway()
	if j == nil {
		return ErrNoSealing
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := v.addMarks(j.Register, v.marksOf(values)); err != nil {
		return err
	}
	return v.end()
}

// Abandon removes every object and key of the sealing under way, if there is
// one. It may be repeated.
func (v *Vault) Abandon(ctx context.Context) error {
	j := v.underway()
	if j == nil {
		return nil
	}
	if err := v.shelf.clear(); err != nil {
		return err
	}
	for i := range j.Names {
		if err := v.drop(ctx, j.name(i)); err != nil {
			return err
		}
	}
	return v.end()
}

// drop removes an object that nobody needs, and its key, if they are there. What
// the store must keep, nobody can open.
func (v *Vault) drop(ctx context.Context, name evidence.ObjectName) error {
	if err := v.destroy(keyName(name)); err != nil {
		return err
	}
	err := v.store.Delete(ctx, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrRetained) {
		return nil
	}
	return err
}

// end removes the journal.
func (v *Vault) end() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.destroy(journalFile); err != nil {
		return err
	}
	v.pending, v.taken = nil, nil
	return nil
}

// took remembers what the sealing under way took in.
func (v *Vault) took(marks []mark) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.taken = marks
}

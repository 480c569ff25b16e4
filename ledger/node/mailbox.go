package node

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/client/wire"
)

const (
	mostWaiting = 256 // handoff files for one key
	mostSent    = 64  // from one key, to all together: nobody fills the disk
	mostBetween = 16  // from one key to another: nobody keeps others from being heard
	keptFor     = 30 * 24 * time.Hour
	letterEnd   = ".json"
)

var errFull = errors.New("as many handoffs wait for that key as may")

// Mailbox keeps handoff files until their receivers fetch them. They are encrypted to
// the receiver; the node cannot read them.
type Mailbox struct {
	dir   string
	files durable.Files
	now   func() time.Time

	mu      sync.Mutex
	letters map[string]letter
}

// letter is what <id>.json says of the file <id>.
type letter struct {
	wire.Handoff
	To evidence.KeyID `json:"to"`
}

// OpenMailbox opens the mailbox in a folder that exists. A file without its line was
// never acknowledged and is removed.
func OpenMailbox(dir string, files durable.Files, now func() time.Time) (*Mailbox, error) {
	if _, err := files.RemoveTemps(dir); err != nil {
		return nil, err
	}
	m := &Mailbox{dir: dir, files: files, now: now, letters: map[string]letter{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var contents []string
	for _, e := range entries {
		id, isLine := strings.CutSuffix(e.Name(), letterEnd)
		if !isLine {
			contents = append(contents, id)
			continue
		}
		b, err := os.ReadFile(m.path(e.Name()))
		if err != nil {
			return nil, err
		}
		var l letter
		if err := evidence.ParseCanonical(b, &l); err != nil || l.ID != id {
			return nil, errors.Join(errors.New("mailbox: "+e.Name()), err)
		}
		m.letters[id] = l
	}
	for _, id := range contents {
		if _, ok := m.letters[id]; !ok {
			if err := files.Remove(m.path(id)); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func (m *Mailbox) path(name string) string { return filepath.Join(m.dir, name) }

// Put keeps a file for a key, durably.
func (m *Mailbox) Put(from, to evidence.KeyID, content []byte) (wire.Handoff, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	if m.full(from, to) {
		return wire.Handoff{}, errFull
	}
	var id [16]byte
	rand.Read(id[:])
	l := letter{wire.Handoff{At: evidence.Instant(m.now()), From: from, ID: hex.EncodeToString(id[:]), Size: int64(len(content))}, to}
	b, err := evidence.Canonical(l)
	if err != nil {
		return wire.Handoff{}, err
	}
	if err := m.files.WriteNew(m.path(l.ID), content, 0o600); err != nil {
		return wire.Handoff{}, err
	}
	if err := m.files.WriteNew(m.path(l.ID+letterEnd), b, 0o600); err != nil {
		return wire.Handoff{}, err
	}
	m.letters[l.ID] = l
	return l.Handoff, nil
}

func (m *Mailbox) full(from, to evidence.KeyID) bool {
	var waiting, sent, between int
	for _, l := range m.letters {
		if l.To == to {
			waiting++
		}
		if l.From == from {
			sent++
		}
		if l.To == to && l.From == from {
			between++
		}
	}
	return waiting >= mostWaiting || sent >= mostSent || between >= mostBetween
}

// Waiting lists what waits for a key, oldest first.
func (m *Mailbox) Waiting(to evidence.KeyID) []wire.Handoff {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	return m.waiting(to)
}

func (m *Mailbox) waiting(to evidence.KeyID) []wire.Handoff {
	all := []wire.Handoff{}
	for _, l := range m.letters {
		if l.To == to {
			all = append(all, l.Handoff)
		}
	}
	slices.SortFunc(all, func(a, b wire.Handoff) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return all
}

// Get returns a file that waits for a key; ok is false when there is none.
func (m *Mailbox) Get(id string, to evidence.KeyID) (content []byte, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.letters[id]
	if !ok || l.To != to {
		return nil, false, nil
	}
	content, err = os.ReadFile(m.path(id))
	return content, err == nil, err
}

// Remove takes a file away that was fetched.
func (m *Mailbox) Remove(id string, to evidence.KeyID) (ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, there := m.letters[id]; !there || l.To != to {
		return false, nil
	}
	return true, m.drop(id)
}

// drop removes the line first: without it the file is nobody's.
func (m *Mailbox) drop(id string) error {
	delete(m.letters, id)
	if err := m.files.Remove(m.path(id + letterEnd)); err != nil {
		return err
	}
	return m.files.Remove(m.path(id))
}

// expire removes what waited for too long. What cannot be removed now is tried again.
func (m *Mailbox) expire() {
	for id, l := range m.letters {
		if m.now().Sub(l.At) > keptFor {
			_ = m.drop(id)
		}
	}
}

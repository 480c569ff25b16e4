package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

const secretQueue = "queue"

// queued is the content of one file of the queue: the acts of one call, in the
// order in which they are to be logged, and what is erased once they are.
type queued struct {
	Bodies []json.RawMessage `json:"bodies"`
	Erase  *erasure          `json:"erase,omitempty"`
}

// enqueue makes signed entries durable before anything is submitted.
func (s *Session) enqueue(entries []*Entry, erase *erasure) (name string, err error) {
	b, err := marshalQueued(entries, erase)
	if err != nil {
		return "", err
	}
	to, err := s.recipients()
	if err != nil {
		return "", err
	}
	// The name sorts by time, so that acts are taken up in their order (rule P14).
	name = fmt.Sprintf("%016x-%s.age", s.Now().UnixNano(), entries[0].Event.Item.Short())
	return name, keyfile.CreateSecret(s.path("queue", name), secretQueue, b, to...)
}

// marshalQueued puts canonical bodies together into a canonical [queued]. It does
// not encode them a second time: one body may be tens of megabytes.
func marshalQueued(entries []*Entry, erase *erasure) ([]byte, error) {
	b := []byte(`{"bodies":[`)
	for i, e := range entries {
		raw, err := e.Body.marshal()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, raw...)
	}
	b = append(b, ']')
	if erase != nil {
		raw, err := evidence.Canonical(erase)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"erase":`...), raw...)
	}
	return append(b, '}'), nil
}

func (s *Session) dequeue(name string) error { return files.Remove(s.path("queue", name)) }

// openQueued returns the acts of one file of the queue.
func (s *Session) openQueued(path string) ([]*Entry, error) {
	_, entries, err := s.readQueued(path)
	return entries, err
}

func (s *Session) readQueued(path string) (*queued, []*Entry, error) {
	b, err := keyfile.OpenSecret(path, secretQueue, s.vaultID)
	if err != nil {
		return nil, nil, err
	}
	q := &queued{}
	if err := evidence.ParseCanonical(b, q); err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w", filepath.Base(path), ErrBody, err)
	}
	var entries []*Entry
	for _, raw := range q.Bodies {
		e, err := parseBody(raw)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	return q, entries, nil
}

// queuedFiles lists the queue, oldest first.
func (h *Home) queuedFiles() ([]string, error) {
	found, err := filepath.Glob(h.path("queue", "*.age"))
	slices.Sort(found)
	return found, err
}

// Waiting counts what is in the queue.
func (h *Home) Waiting() (queued, refused int) {
	count := func(pattern string) int {
		found, _ := filepath.Glob(pattern)
		return len(found)
	}
	return count(h.path("queue", "*.age")), count(h.path("queue", "refused", "*.age"))
}

// resume takes up what is queued, in order. What follows a refused act of the
// same item is refused with it.
func (s *Session) resume(ctx context.Context) error {
	found, err := s.queuedFiles()
	if err != nil {
		return err
	}
	for _, path := range found {
		q, entries, err := s.readQueued(path)
		if err != nil {
			return err
		}
		out, err := s.submit(ctx, entries)
		if err != nil {
			return err
		}
		if err := s.finish(ctx, filepath.Base(path), out, q.Erase); err != nil {
			return err
		}
		s.tell(out, entries)
	}
	return nil
}

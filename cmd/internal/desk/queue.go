package desk

import (
	"encoding/json"
	"fmt"
	"io"
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
	to, err := s.recipients()
	if err != nil {
		return "", err
	}
	// The name sorts by time, so that acts are taken up in their order (rule P14).
	name = fmt.Sprintf("%016x-%s.age", s.Now().UnixNano(), entries[0].Event.Item.Short())
	s.forgetQueue()
	return name, keyfile.CreateSecretFrom(s.path("queue", name), secretQueue, &queuing{entries, erase}, to...)
}

// queuing writes a [queued] body by body: one may be tens of megabytes.
type queuing struct {
	entries []*Entry
	erase   *erasure
}

// WriteTo implements [io.WriterTo] with canonical bytes.
func (q *queuing) WriteTo(w io.Writer) (n int64, err error) {
	out := &countingWriter{w: w}
	before := `{"bodies":[`
	for _, e := range q.entries {
		if _, err := io.WriteString(out, before); err != nil {
			return out.n, err
		}
		if _, err := e.Body.WriteTo(out); err != nil {
			return out.n, err
		}
		before = ","
	}
	tail := []byte("]")
	if q.erase != nil {
		raw, err := evidence.Canonical(q.erase)
		if err != nil {
			return out.n, err
		}
		tail = append([]byte(`],"erase":`), raw...)
	}
	_, err = out.Write(append(tail, '}'))
	return out.n, err
}

func (s *Session) dequeue(name string) error {
	s.forgetQueue()
	return files.Remove(s.path("queue", name))
}

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

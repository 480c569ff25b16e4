package nodehome

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/feeder"
)

// keepEvery is how often cosignatures that came since are made durable. What a crash
// takes of them, the cosigner gives again.
const keepEvery = 10 * time.Second

const notesFormat = "custody/cosigned-notes/v1"

// keptNotes is ledger/cosigned.json.
type keptNotes struct {
	Format string   `json:"format"`
	Notes  []string `json:"notes"`
}

func (n *Open) notePath() string  { return filepath.Join(n.home, "ledger", "cosigned.note") }
func (n *Open) notesPath() string { return filepath.Join(n.home, "ledger", "cosigned.json") }

// Keep makes the newest checkpoint with its cosignatures durable on a clock, and the
// newest that each cosigner signed, until ctx ends.
func (n *Open) Keep(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := n.keepNotes(); err != nil {
				failed(err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (n *Open) keepNotes() error {
	n.keeping.Lock()
	defer n.keeping.Unlock()
	all := feeder.Newest(slices.Concat(n.Feeder.Notes(), n.earlier), n.known)
	var err error
	if len(all) > 0 && !slices.EqualFunc(all, n.earlier, bytes.Equal) {
		if err = writeNotes(n.files, n.notesPath(), all); err == nil {
			n.earlier = all
		}
	}
	signed := n.writer.Latest()
	if old, failed := os.ReadFile(n.notePath()); signed == nil || failed == nil && bytes.Equal(old, signed) {
		return err
	}
	return errors.Join(err, n.files.WriteFile(n.notePath(), signed, 0o600))
}

func writeNotes(files durable.Files, path string, all [][]byte) error {
	k := keptNotes{Format: notesFormat}
	for _, signed := range all {
		k.Notes = append(k.Notes, string(signed))
	}
	b, err := evidence.Canonical(k)
	if err != nil {
		return err
	}
	return files.WriteFile(path, b, 0o600)
}

// kept returns the notes that an earlier session kept. A file that cannot be read is
// none: what is in it is gathered again.
func (n *Open) kept() (all [][]byte) {
	b, err := os.ReadFile(n.notesPath())
	if err != nil {
		return nil
	}
	var k keptNotes
	if evidence.ParseCanonical(b, &k) != nil || k.Format != notesFormat {
		return nil
	}
	for _, signed := range k.Notes {
		all = append(all, []byte(signed))
	}
	return feeder.Newest(all, n.known)
}

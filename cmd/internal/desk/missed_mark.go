package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// ErrMissed reports an item of which the node has events that this restored desk could not
// take in: what would be signed here would close a seal a second time.
var ErrMissed = errors.New("what was logged of the item after the backup that this desk was restored from could not be taken in")

// missedMark is in the ledger's folder and lists the items that [ErrMissed] is about, one
// on a line.
const missedMark = "missed"

// missed lists the items of which not all could be taken in after a restore.
func (h *Home) missed() ([]evidence.ItemID, error) {
	b, err := os.ReadFile(h.path("ledger", missedMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []evidence.ItemID
	for _, line := range strings.Fields(string(b)) {
		id, bad := evidence.ParseHash(line)
		if bad != nil {
			return nil, fmt.Errorf("ledger/%s: %w", missedMark, ErrHomeDamaged)
		}
		ids = append(ids, evidence.ItemID(id))
	}
	return ids, err
}

// markMissed writes down whether an item is one of [Home.missed].
func (h *Home) markMissed(id evidence.ItemID, yes bool) error {
	ids, err := h.missed()
	if err != nil || slices.Contains(ids, id) == yes {
		return err
	}
	if yes {
		ids = append(ids, id)
	} else {
		ids = slices.DeleteFunc(ids, func(have evidence.ItemID) bool { return have == id })
	}
	if len(ids) == 0 {
		return files.Remove(h.path("ledger", missedMark))
	}
	var text strings.Builder
	for _, id := range ids {
		fmt.Fprintln(&text, id)
	}
	return files.WriteFile(h.path("ledger", missedMark), []byte(text.String()), 0o600)
}

// misses reports with [ErrMissed] an item that nothing is done with here.
func (h *Home) misses(id evidence.ItemID) error {
	ids, err := h.missed()
	if err == nil && slices.Contains(ids, id) {
		err = ErrMissed
	}
	return err
}

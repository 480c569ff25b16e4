package verify

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// cite names a leaf: origin#index.
func cite(o evidence.Origin, index uint64) string {
	return string(o) + "#" + strconv.FormatUint(index, 10)
}

// citeEvent names an event: item/seq.
func citeEvent(item evidence.ItemID, seq uint64) string {
	return item.String() + "/" + strconv.FormatUint(seq, 10)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// stamp writes a time for people and machines; a zero time is "unknown".
func stamp(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// inclusionProof shows an inclusion proof that leads to another root.
func inclusionProof(c ledger.Checkpoint, index uint64, leaf evidence.Hash, path []evidence.Hash) Proof {
	hashes := make([]string, len(path))
	for i, h := range path {
		hashes[i] = h.String()
	}
	return Proof{
		"index": strconv.FormatUint(index, 10), "leaf_hash": leaf.String(), "path": strings.Join(hashes, " "),
		"root": c.Root.String(), "size": strconv.FormatUint(c.Size, 10),
	}
}

// signer names a key for a sentence: role, authority and the start of its id.
func signer(s evidence.Signer) string {
	return fmt.Sprintf("%s of %s (key %s)", s.Role, s.Authority, s.Key.String()[:12])
}

// count writes "1 file", "2 files".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// sortedKeys returns a map's keys in order, so that output never depends on a
// map's.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// joined writes ids for a proof.
func joined(ids []evidence.ItemID) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = id.String()
	}
	return strings.Join(s, " ")
}

package asic

import (
	"math"
	"strings"
)

// Limits bound what a reader accepts and a writer writes. The zero value means
// the limits of spec/package.md.
type Limits struct {
	// Entries is the largest number of entries, all counted; 0 means
	// [MaxEntries] for a container and [MaxMembers] for a bag.
	Entries int
	// Size returns the most bytes the entry of that name may have; nil means
	// [PackageSize] for a container and no limit for the members of a bag.
	Size func(name string) int64
}

// Limits of spec/package.md, "Limits".
const (
	MaxEntries = 1000      // entries of a container; EU validators stop at the same number
	MaxMembers = 1_000_000 // members of a bag

	maxSmall     = 16 << 20 // any entry but those of the next two lines
	maxLarge     = 64 << 20 // an entry with a line for each file: see isLarge
	maxSignature = 1 << 20  // a signature file, like any envelope (spec/event.md)
)

// isLarge reports whether the entry has something to say of every file.
func isLarge(name string) bool {
	switch name {
	case "record/events.jsonl", "record/verdict.json", "case/graph.jsonld",
		"record/inventory.csv", "record/inventory.json", "record/withheld.csv", "record/withheld.json":
		return true
	}
	return false
}

// PackageSize returns the size limit of spec/package.md for an entry: 64 MiB for
// what has something to say of every file, none below payload/ (contents are
// stored, so they are as long as the container at most), 1 MiB for signature
// files, 16 MiB otherwise.
func PackageSize(name string) int64 {
	switch {
	case strings.HasPrefix(name, "payload/"):
		return math.MaxInt64
	case isLarge(name):
		return maxLarge
	case signatureType(name) != "" && name != TimestampManifest, strings.HasPrefix(name, metaFolder) && strings.HasSuffix(name, ".tst"):
		return maxSignature
	}
	return maxSmall
}

func noLimit(string) int64 { return math.MaxInt64 }

// or returns l with its zero fields filled.
func (l Limits) or(entries int, size func(string) int64) Limits {
	if l.Entries == 0 {
		l.Entries = entries
	}
	if l.Size == nil {
		l.Size = size
	}
	return l
}

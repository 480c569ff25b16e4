package evidence

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// Limits of a record (spec/record.md).
const (
	MaxValue   = 1 << 20 // bytes of one canonical value
	MaxEntries = 1 << 20 // entries of one record
)

// ErrRecord reports entries that are not a record: a name that is not allowed,
// twice or out of order, a value that has no canonical form or is too long.
var ErrRecord = errors.New("not a record")

// RecordKey is the secret from which a record's salts come. It stays inside the
// authority that made the record (rule P15).
type RecordKey [32]byte

// Salt hides one value: who does not have it cannot try values against a hash.
type Salt Hash

// Entry is one leaf of a record before salting.
type Entry struct {
	Name  string          `json:"name"`  // 1 to 255 bytes of a–z 0–9 . _ - /
	Value json.RawMessage `json:"value"` // canonical JSON, at most [MaxValue] bytes
}

// RecordRoots is what an event signs of a record (spec/event.md, member record).
type RecordRoots struct {
	Count int64 `json:"count"` // leaves, 0 ≤ Count ≤ [MaxEntries]
	Root  Hash  `json:"root"`  // RFC 6962 tree hash with SHA-256
	Root3 Hash  `json:"root3"` // the same shape with SHA3-256 (rule P23)
}

// Record is an ordered list of named values under one [RecordKey], and the two
// roots over their salted leaves (spec/record.md). It does not change.
type Record struct {
	key     RecordKey
	entries []Entry
	roots   RecordRoots
}

// NewRecordKey returns a fresh key from crypto/rand.
func NewRecordKey() RecordKey {
	var k RecordKey
	rand.Read(k[:]) // never fails: crypto/rand ends the program instead
	return k
}

// Salt returns salt i: HMAC-SHA-256(k, "custody/salt/v1" ‖ i), where i is the
// entry's position from 0 in 8 bytes, big-endian (spec/record.md).
func (k RecordKey) Salt(i uint64) Salt { return saltFrom(hmac.New(sha256.New, k[:]), i) }

// String hides the key, so that it cannot end up in a log by accident.
func (k RecordKey) String() string { return "record key (hidden)" }

// saltFrom computes a salt with a keyed mac, which it resets first.
func saltFrom(mac hash.Hash, i uint64) Salt {
	mac.Reset()
	mac.Write([]byte("custody/salt/v1"))
	mac.Write(binary.BigEndian.AppendUint64(nil, i))
	return Salt(mac.Sum(nil))
}

// String returns 64 lower-case hexadecimal digits.
func (s Salt) String() string { return Hash(s).String() }

// MarshalText implements [encoding.TextMarshaler].
func (s Salt) MarshalText() ([]byte, error) { return Hash(s).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash].
func (s *Salt) UnmarshalText(b []byte) error { return (*Hash)(s).UnmarshalText(b) }

// NewRecord builds a record from fields by name, in any order, whose values are
// anything that [Canonical] can encode, and the files that become file/1,
// file/2, … in their order. It returns [ErrRecord] when a name or value is not
// allowed; a field may not use a file's name.
func NewRecord(key RecordKey, fields map[string]any, files ...FileValue) (*Record, error) {
	entries := make([]Entry, 0, len(fields)+len(files))
	add := func(name string, v any) error {
		value, err := Canonical(v)
		if err != nil {
			return fmt.Errorf("%q: %w: %w", name, ErrRecord, err)
		}
		entries = append(entries, Entry{name, value})
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fileNumber(name) > 0 {
			return nil, fmt.Errorf("%q: %w: a field has a file's name", name, ErrRecord)
		}
		if err := add(name, fields[name]); err != nil {
			return nil, err
		}
	}
	for i, v := range files {
		if err := add(FileName(i+1), v); err != nil {
			return nil, err
		}
	}
	return RecordOf(key, entries)
}

// RecordOf builds a record from entries that are in order already, as a vault
// keeps them. The record takes over the slice. It returns [ErrRecord] when the
// order, a name or a value is not that of spec/record.md.
func RecordOf(key RecordKey, entries []Entry) (*Record, error) {
	if len(entries) > MaxEntries {
		return nil, fmt.Errorf("%w: %d entries, limit %d", ErrRecord, len(entries), MaxEntries)
	}
	var order nameOrder
	for i, e := range entries {
		if err := order.next(i, e.Name); err != nil {
			return nil, err
		}
		if err := checkValue(e.Value); err != nil {
			return nil, fmt.Errorf("%q: %w", e.Name, err)
		}
	}
	r := &Record{key: key, entries: entries}
	r.roots = treeRoots(len(entries), func(lo, hi int, leaf, leaf3 []Hash) {
		mac := hmac.New(sha256.New, key[:])
		for i := lo; i < hi; i++ {
			h, h3 := valueHashes(saltFrom(mac, uint64(i)), entries[i].Value)
			leaf[i], leaf3[i] = leafHashes(entries[i].Name, h, h3)
		}
	})
	return r, nil
}

// Roots returns what the event has to sign.
func (r *Record) Roots() RecordRoots { return r.roots }

// Entries returns the entries in order. The caller must not change them.
func (r *Record) Entries() []Entry { return r.entries }

// checkValue refuses what cannot be a value of a record.
func checkValue(v json.RawMessage) error {
	if len(v) > MaxValue {
		return fmt.Errorf("%w: value of %d bytes, limit %d", ErrRecord, len(v), MaxValue)
	}
	if err := checkCanonical(v); err != nil {
		return fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return nil
}

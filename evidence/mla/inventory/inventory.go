package inventory

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.org/custody/evidence"
)

// ErrInventory reports what is no inventory.
var ErrInventory = errors.New("not an inventory")

// Limits of an inventory.
const (
	MostEntries = 5_000_000
	mostName    = 1024 // bytes
)

// Entry is one thing of a set.
type Entry struct {
	Name   string        `json:"name"`
	SHA256 evidence.Hash `json:"sha256"`
}

// Commitment is what a delivery commits to.
type Commitment struct {
	Count int    `json:"count"`
	Root  string `json:"root"` // sha256:<hex>
}

// Inventory is the entries of a set in order of their names, each once. It does
// not change.
type Inventory struct {
	entries []Entry
	tree    evidence.ContentTree
}

// New returns the inventory of entries in any order. Errors are [ErrInventory].
func New(entries []Entry) (*Inventory, error) {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return ordered(sorted)
}

// ordered takes entries that are in order.
func ordered(entries []Entry) (*Inventory, error) {
	if len(entries) > MostEntries {
		return nil, fmt.Errorf("%w: %d entries, at most %d", ErrInventory, len(entries), MostEntries)
	}
	inv := &Inventory{entries: entries}
	for i := range entries {
		e := &entries[i]
		if err := checkName(e.Name); err != nil {
			return nil, fmt.Errorf("%w: entry %d: %v", ErrInventory, i+1, err)
		}
		if i > 0 && entries[i-1].Name >= e.Name {
			return nil, fmt.Errorf("%w: entry %d, %q, stands there twice or out of order", ErrInventory, i+1, e.Name)
		}
		inv.tree.Append(e.leaf())
	}
	return inv, nil
}

func checkName(name string) error {
	switch {
	case name == "" || len(name) > mostName:
		return fmt.Errorf("a name of %d bytes, 1 to %d are allowed", len(name), mostName)
	case !utf8.ValidString(name) || !norm.NFC.IsNormalString(name):
		return fmt.Errorf("%q is not UTF-8 in NFC", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%q has a control character", name)
	}
	return nil
}

// leaf is the RFC 6962 leaf hash of the entry.
func (e *Entry) leaf() evidence.Hash {
	b := make([]byte, 0, 2+mostName+sha256.Size)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Name)))
	b = append(append(b, e.Name...), e.SHA256[:]...)
	return evidence.ChunkHash(b)
}

// ParseInventory reads the lines of sha256sum, in order of the names.
func ParseInventory(b []byte) (*Inventory, error) { return Read(bytes.NewReader(b)) }

// Read reads the lines of sha256sum, in order of the names. Errors of the content
// are [ErrInventory] and name the line.
func Read(r io.Reader) (*Inventory, error) {
	var entries []Entry
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return ordered(entries)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		e, ok := entryOf(line)
		if !ok || len(entries) == MostEntries {
			return nil, fmt.Errorf("%w: line %d is not <64 hex>, two spaces, a name, LF, or there are more than %d", ErrInventory, len(entries)+1, MostEntries)
		}
		entries = append(entries, e)
	}
}

func entryOf(line string) (e Entry, ok bool) {
	line, ended := strings.CutSuffix(line, "\n")
	digest, name, two := strings.Cut(line, "  ")
	if !ended || !two || len(digest) != 2*sha256.Size || strings.ToLower(digest) != digest {
		return Entry{}, false
	}
	if _, err := hex.Decode(e.SHA256[:], []byte(digest)); err != nil {
		return Entry{}, false
	}
	e.Name = name
	return e, true
}

// WriteTo writes the lines of sha256sum.
func (inv *Inventory) WriteTo(w io.Writer) (int64, error) {
	out, n := bufio.NewWriter(w), int64(0)
	for i := range inv.entries {
		written, err := fmt.Fprintf(out, "%s  %s\n", inv.entries[i].SHA256, inv.entries[i].Name)
		n += int64(written)
		if err != nil {
			return n, err
		}
	}
	return n, out.Flush()
}

// Entries returns the entries in order; they must not be changed.
func (inv *Inventory) Entries() []Entry { return inv.entries }

// Root returns the root over the entries.
func (inv *Inventory) Root() evidence.Hash { return inv.tree.Root() }

// Commitment returns what a delivery of the set commits to.
func (inv *Inventory) Commitment() Commitment {
	return Commitment{len(inv.entries), "sha256:" + inv.Root().String()}
}

// find returns where a name stands, or would stand.
func (inv *Inventory) find(name string) (int, bool) {
	return slices.BinarySearchFunc(inv.entries, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
}

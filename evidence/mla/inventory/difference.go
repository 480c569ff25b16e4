package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"example.org/custody/evidence"
)

// DifferenceFormat is the format of a [Difference].
const DifferenceFormat = "custody/difference/v1"

// ErrDifference reports a difference report that is none, or that does not lead
// from one inventory to the other.
var ErrDifference = errors.New("not the difference of these sets")

// Difference says in what the received set differs from the one sent.
type Difference struct {
	Added    []Entry    `json:"added"` // received, and not sent
	Changed  []Changed  `json:"changed"`
	Format   string     `json:"format"`
	Received Commitment `json:"received"`
	Removed  []Entry    `json:"removed"` // sent, and not received
	Sent     Commitment `json:"sent"`
}

// Changed is an entry of both sets with different content.
type Changed struct {
	Name     string        `json:"name"`
	Received evidence.Hash `json:"received"`
	Sent     evidence.Hash `json:"sent"`
}

// Compare returns the difference of two sets, in one pass over both.
func Compare(sent, received *Inventory) *Difference {
	d := &Difference{
		Format: DifferenceFormat, Sent: sent.Commitment(), Received: received.Commitment(),
		Added: []Entry{}, Removed: []Entry{}, Changed: []Changed{},
	}
	a, b := sent.entries, received.entries
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0].Name, b[0].Name); {
		case c < 0:
			d.Removed, a = append(d.Removed, a[0]), a[1:]
		case c > 0:
			d.Added, b = append(d.Added, b[0]), b[1:]
		default:
			if a[0].SHA256 != b[0].SHA256 {
				d.Changed = append(d.Changed, Changed{a[0].Name, b[0].SHA256, a[0].SHA256})
			}
			a, b = a[1:], b[1:]
		}
	}
	d.Removed, d.Added = append(d.Removed, a...), append(d.Added, b...)
	return d
}

// Same reports whether the sets are the same.
func (d *Difference) Same() bool { return d.Sent == d.Received }

// Marshal returns the report's one encoding.
func (d *Difference) Marshal() ([]byte, error) { return evidence.Canonical(d) }

// ParseDifference reads a report. Whether it is true is [Difference.CheckReceived]'s.
func ParseDifference(b []byte) (*Difference, error) {
	var d Difference
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrDifference, err)
	}
	if again, err := d.Marshal(); err != nil || !bytes.Equal(again, b) || d.Format != DifferenceFormat {
		return nil, fmt.Errorf("%w: not in canonical form, or of another format", ErrDifference)
	}
	if err := d.sound(); err != nil {
		return nil, err
	}
	return &d, nil
}

// sound refuses what [Compare] never writes: a list that is missing or not in
// order, a name in two lists, a change to the same, a commitment that is none.
func (d *Difference) sound() error {
	seen := map[string]bool{}
	rises := func(names []string) bool {
		for i, name := range names {
			if seen[name] || i > 0 && names[i-1] >= name {
				return false
			}
			seen[name] = true
		}
		return true
	}
	var added, removed, changed []string
	for _, e := range d.Added {
		added = append(added, e.Name)
	}
	for _, e := range d.Removed {
		removed = append(removed, e.Name)
	}
	for _, c := range d.Changed {
		if c.Sent == c.Received {
			return fmt.Errorf("%w: %q is called changed and is the same", ErrDifference, c.Name)
		}
		changed = append(changed, c.Name)
	}
	switch {
	case d.Added == nil || d.Removed == nil || d.Changed == nil:
		return fmt.Errorf("%w: a list is missing", ErrDifference)
	case !rises(added) || !rises(removed) || !rises(changed):
		return fmt.Errorf("%w: a list is not sorted by name, or a name stands in two", ErrDifference)
	case !d.Sent.sound() || !d.Received.sound():
		return fmt.Errorf("%w: a count or a root is none", ErrDifference)
	}
	return nil
}

// rootForm is a root as a commitment has it.
var rootForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (c Commitment) sound() bool { return c.Count >= 0 && rootForm.MatchString(c.Root) }

// CheckReceived proves the report with the received set alone: undone on it, the
// root that was sent comes out. So nothing that differs is missing from it.
func (d *Difference) CheckReceived(received *Inventory) error {
	if err := d.sound(); err != nil {
		return err
	}
	if d.Received != received.Commitment() {
		return fmt.Errorf("%w: it is of another received set", ErrDifference)
	}
	back := &Difference{Added: d.Removed, Removed: d.Added}
	for _, c := range d.Changed {
		back.Changed = append(back.Changed, Changed{c.Name, c.Sent, c.Received})
	}
	return back.leads(received, d.Sent)
}

// CheckSent proves the report with the set that was sent alone.
func (d *Difference) CheckSent(sent *Inventory) error {
	if err := d.sound(); err != nil {
		return err
	}
	if d.Sent != sent.Commitment() {
		return fmt.Errorf("%w: it is of another sent set", ErrDifference)
	}
	return d.leads(sent, d.Received)
}

// leads applies the difference to a set and compares what comes out.
func (d *Difference) leads(from *Inventory, want Commitment) error {
	removed, changed := map[string]evidence.Hash{}, map[string]Changed{}
	for _, e := range d.Removed {
		removed[e.Name] = e.SHA256
	}
	for _, c := range d.Changed {
		changed[c.Name] = c
	}
	done := 0
	entries := make([]Entry, 0, len(from.entries)+len(d.Added))
	for _, e := range from.entries {
		if digest, ok := removed[e.Name]; ok && digest == e.SHA256 {
			done++
			continue
		}
		if c, ok := changed[e.Name]; ok && c.Sent == e.SHA256 {
			done++
			e.SHA256 = c.Received
		}
		entries = append(entries, e)
	}
	if done != len(d.Removed)+len(d.Changed) {
		return fmt.Errorf("%w: it has %d entries removed or changed, of which the set has %d so", ErrDifference, len(d.Removed)+len(d.Changed), done)
	}
	out, err := New(append(entries, d.Added...))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrDifference, err)
	}
	if out.Commitment() != want {
		return fmt.Errorf("%w: it leads to %d entries and the root %s", ErrDifference, out.Commitment().Count, out.Commitment().Root)
	}
	return nil
}

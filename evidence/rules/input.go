package rules

import (
	"time"

	"example.org/custody/evidence"
)

// Fact is something that may be known.
type Fact uint8

// What may be known of a fact. The zero value is the careful one.
const (
	FactUnknown Fact = iota
	FactTrue
	FactFalse
)

// Input is what is known of one item.
type Input struct {
	// Links is the item's events in order, as proven as the caller can; the first
	// is the one that sealed it, and its View the record that the fields stand in.
	Links []evidence.Link
	// Timeline is the fold of Links; nil when there is none.
	Timeline *evidence.Timeline
	// Rooted: there is no parent, or the parent's derive names this item.
	Rooted Fact
	// ParentHeld: who signed the collection was custodian of the parent then.
	ParentHeld Fact
	// Tokens are the times of RFC 3161 tokens on the collection; nil: none shown.
	Tokens []time.Time
	// FilesPending: the files of the item have not been read yet.
	FilesPending bool
	// Now is the moment for which it is judged; zero: none.
	Now time.Time
}

// first returns the first event and its record, nil where they are not shown.
func (in *Input) first() (*evidence.Event, *evidence.View) {
	if len(in.Links) == 0 {
		return nil, nil
	}
	return in.Links[0].Event, in.Links[0].View
}

// recordIndex finds entries of a view by name, which [evidence.View.Lookup] does
// by reading them all.
type recordIndex struct {
	shown  map[string][]byte // canonical JSON
	held   map[string]bool   // value held back, name shown
	hidden bool              // a name is held back too, or nothing is known
}

func indexOf(v *evidence.View) *recordIndex {
	x := &recordIndex{shown: map[string][]byte{}, held: map[string]bool{}, hidden: v == nil}
	if v == nil {
		return x
	}
	for i := range v.Entries {
		switch e := &v.Entries[i]; e.Form {
		case evidence.Shown:
			x.shown[e.Name] = e.Value
		case evidence.ValueWithheld:
			x.held[e.Name] = true
		default:
			x.hidden = true
		}
	}
	return x
}

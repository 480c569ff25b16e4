package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrView reports a view that cannot be one of any record: a name, value, reason
// or order that spec/record.md does not allow.
var ErrView = errors.New("not a view of a record")

// ErrViewRoots reports a view that is not of the record the event signed: the
// count or a root differs.
var ErrViewRoots = errors.New("view does not match the signed record")

// Form says how much of an entry a reader sees.
type Form uint8

// The three forms of spec/record.md, "View".
const (
	Shown         Form = iota // name, salt and value
	ValueWithheld             // the name, and hashes that stand for the value
	NameWithheld              // only hashes that stand for name and value
)

// Withheld says who holds a value back and why.
type Withheld struct {
	Authority string     `json:"authority"` // who decided; a text as in an event
	Code      ReasonCode `json:"code"`
	Review    string     `json:"review"` // the day it is looked at again, YYYY-MM-DD
}

// ReasonCode is why a value is held back; the list is closed.
type ReasonCode string

// The reason codes of spec/record.md, "View".
const (
	ReasonProtectedPerson ReasonCode = "protected-person"
	ReasonVictimPrivacy   ReasonCode = "victim-privacy"
	ReasonThirdParty      ReasonCode = "third-party"
	ReasonInvestigation   ReasonCode = "ongoing-investigation"
	ReasonPrivilege       ReasonCode = "legal-privilege"
	ReasonStateSecret     ReasonCode = "state-secret"
	ReasonMethod          ReasonCode = "method"
	ReasonScope           ReasonCode = "out-of-scope"
	ReasonCourtOrder      ReasonCode = "court-order"
)

// ReasonCodes returns the closed list, in the order of the specification.
func ReasonCodes() []ReasonCode {
	return []ReasonCode{
		ReasonProtectedPerson, ReasonVictimPrivacy, ReasonThirdParty, ReasonInvestigation,
		ReasonPrivilege, ReasonStateSecret, ReasonMethod, ReasonScope, ReasonCourtOrder,
	}
}

// Withholding is a decision to hold one entry back.
type Withholding struct {
	Withheld
	Name bool // hold the name back too, which needs a reason of its own (rule P5)
}

// ViewEntry is one entry as a reader sees it. Which members count depends on Form.
type ViewEntry struct {
	Form     Form
	Name     string          // "" when NameWithheld
	Salt     Salt            // Shown only
	Value    json.RawMessage // Shown only: canonical JSON
	Hash     Hash            // ValueWithheld: SHA-256(salt ‖ value); NameWithheld: SHA-256(0x00 ‖ leaf)
	Hash3    Hash            // the same with SHA3-256
	Withheld Withheld        // unless Shown
}

// View is a record as one reader sees it: an entry for every leaf, in order,
// some of them held back. Nothing in it is proven before [View.Verify].
//
// Its JSON form is the array of spec/record.md, "View", and parses as strictly
// as [ParseView].
type View struct {
	Entries []ViewEntry
}

// View returns the record with the entries held back for which withhold returns
// a decision; it shows all when withhold is nil.
func (r *Record) View(withhold func(ViewEntry) *Withholding) *View {
	return ViewOf(r.key, r.entries).Withhold(withhold)
}

// ViewOf shows all entries of a record under key. They must be those of a record
// ([RecordOf], [ParseEntries]), whose roots it does not compute.
func ViewOf(key RecordKey, entries []Entry) *View {
	mac := hmac.New(sha256.New, key[:])
	v := &View{Entries: make([]ViewEntry, len(entries))}
	for i, e := range entries {
		v.Entries[i] = ViewEntry{Name: e.Name, Salt: saltFrom(mac, uint64(i)), Value: e.Value}
	}
	return v
}

// Withhold returns the view with more entries held back: those for which
// withhold, asked about each that is not name-withheld already, returns a
// decision. The view itself stays as it is, and the roots are the same; when
// withhold is nil it is returned.
func (v *View) Withhold(withhold func(ViewEntry) *Withholding) *View {
	if withhold == nil {
		return v
	}
	entries := slices.Clone(v.Entries)
	for i, e := range entries {
		if e.Form == NameWithheld {
			continue
		}
		w := withhold(e)
		if w == nil {
			continue
		}
		h, h3 := e.valueHashes()
		entries[i] = ViewEntry{Form: ValueWithheld, Name: e.Name, Hash: h, Hash3: h3, Withheld: w.Withheld}
		if w.Name {
			h, h3 = leafHashes(e.Name, h, h3)
			entries[i] = ViewEntry{Form: NameWithheld, Hash: h, Hash3: h3, Withheld: w.Withheld}
		}
	}
	return &View{Entries: entries}
}

// valueHashes returns the value hashes of an entry whose name is shown.
func (e *ViewEntry) valueHashes() (h, h3 Hash) {
	if e.Form == Shown {
		return valueHashes(e.Salt, e.Value)
	}
	return e.Hash, e.Hash3
}

// leafHashes returns the tree's leaf hashes.
func (e *ViewEntry) leafHashes() (h, h3 Hash) {
	if e.Form == NameWithheld {
		return e.Hash, e.Hash3
	}
	h, h3 = e.valueHashes()
	return leafHashes(e.Name, h, h3)
}

// Roots recomputes both roots from what the view holds.
func (v *View) Roots() RecordRoots {
	return treeRoots(len(v.Entries), func(lo, hi int, leaf, leaf3 []Hash) {
		for i := lo; i < hi; i++ {
			leaf[i], leaf3[i] = v.Entries[i].leafHashes()
		}
	})
}

// Verify checks the view's shape and that it is of the record with the signed
// count and roots. After it every shown value is proven and every held-back one
// is counted. It returns [ErrView] or [ErrViewRoots].
func (v *View) Verify(signed RecordRoots) error {
	if err := v.Validate(); err != nil {
		return err
	}
	if n := int64(len(v.Entries)); n != signed.Count {
		return fmt.Errorf("%w: %d entries, %d signed", ErrViewRoots, n, signed.Count)
	}
	got := v.Roots()
	if got.Root != signed.Root {
		return fmt.Errorf("%w: root is %s, signed is %s", ErrViewRoots, got.Root, signed.Root)
	}
	if got.Root3 != signed.Root3 {
		return fmt.Errorf("%w: second root is %s, signed is %s", ErrViewRoots, got.Root3, signed.Root3)
	}
	return nil
}

// Validate checks names, their order, values and reasons, or returns [ErrView].
func (v *View) Validate() error {
	for i := range v.Entries {
		if e := &v.Entries[i]; e.Form == Shown {
			if err := checkValue(e.Value); err != nil {
				return fmt.Errorf("%w: entry %d: %w", ErrView, i, err)
			}
		}
	}
	return v.validate()
}

// validate is Validate for values that are known to be canonical.
func (v *View) validate() error {
	if len(v.Entries) > MaxEntries {
		return fmt.Errorf("%w: %d entries, limit %d", ErrView, len(v.Entries), MaxEntries)
	}
	var order nameOrder
	for i := range v.Entries {
		e := &v.Entries[i]
		if e.Form != NameWithheld {
			if err := order.next(i, e.Name); err != nil {
				return fmt.Errorf("%w: entry %d: %w", ErrView, i, err)
			}
		}
		if err := e.validate(); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrView, i, err)
		}
	}
	return nil
}

func (e *ViewEntry) validate() error {
	switch e.Form {
	case Shown:
		if len(e.Value) > MaxValue {
			return fmt.Errorf("%w: value of %d bytes, limit %d", ErrRecord, len(e.Value), MaxValue)
		}
		return nil
	case ValueWithheld, NameWithheld:
		return e.Withheld.validate()
	}
	return fmt.Errorf("form %d", e.Form)
}

func (w Withheld) validate() error {
	if err := checkText(w.Authority); err != nil {
		return fmt.Errorf("withheld authority: %w", err)
	}
	if !slices.Contains(ReasonCodes(), w.Code) {
		return fmt.Errorf("withheld code %.40q is not in the list", w.Code)
	}
	if _, err := time.Parse(time.DateOnly, w.Review); err != nil {
		return fmt.Errorf("withheld review %.40q is not a day", w.Review)
	}
	return nil
}

// Record returns the record behind a view that shows everything, given its key;
// so the key and a full view are enough to keep. It returns [ErrView] when an
// entry is held back or a salt is not the key's.
func (v *View) Record(key RecordKey) (*Record, error) {
	mac := hmac.New(sha256.New, key[:])
	entries := make([]Entry, len(v.Entries))
	for i, e := range v.Entries {
		if e.Form != Shown {
			return nil, fmt.Errorf("%w: entry %d is held back", ErrView, i)
		}
		if e.Salt != saltFrom(mac, uint64(i)) {
			return nil, fmt.Errorf("%w: entry %d has a salt of another key", ErrView, i)
		}
		entries[i] = Entry{e.Name, e.Value}
	}
	return RecordOf(key, entries)
}

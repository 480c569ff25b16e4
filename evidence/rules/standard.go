package rules

import (
	"fmt"
	"strconv"

	"example.org/custody/evidence"
)

// Names of the formats of spec/standards.md.
const (
	Format       = "custody/standard/v1"
	TextFormat   = "custody/standard-text/v1"
	ResultFormat = "custody/standard-result/v1"
)

// MaxStandard is the most bytes of a pack, or of a translation.
const MaxStandard = 1 << 20

// Standard is one rule pack as its file says (spec/standards.md, "Pack").
type Standard struct {
	About        string     `json:"about"`
	Fields       []Field    `json:"fields"`
	Format       string     `json:"format"`
	ID           string     `json:"id"`
	InForce      Window     `json:"in-force"`
	Includes     []Included `json:"includes"`
	Language     string     `json:"language"`
	Reviewed     *Reviewed  `json:"reviewed,omitempty"` // nil: nobody has read it
	Rules        []Rule     `json:"rules"`
	Title        string     `json:"title"`
	Translations []string   `json:"translations"`
	Version      int        `json:"version"`

	digest evidence.Hash
	place  *places // of the file it was read from
}

// Window is the days on which a pack is in force, in UTC, both included.
type Window struct {
	From string `json:"from"`         // 2026-11-26
	To   string `json:"to,omitempty"` // "": until another version says so
}

// Included is a pack that belongs to another, pinned by digest.
type Included struct {
	SHA256   evidence.Hash `json:"sha256"`
	Standard Name          `json:"standard"`
}

// Reviewed says who read a text, and on which day.
type Reviewed struct {
	By   string `json:"by"`
	Date string `json:"date"`
}

// Name is "<id>/<version>" of a pack.
type Name string

// Type is what the value of a field is; the list is closed.
type Type string

// The types of spec/standards.md, "Field".
const (
	Text      Type = "text"
	Code      Type = "code"
	Reference Type = "reference"
	Integer   Type = "integer"
	Boolean   Type = "boolean"
	Moment    Type = "time"
	Country   Type = "country"
	Digest    Type = "digest"
	File      Type = "file"
	Group     Type = "group"
)

// Personal says where personal data of a field goes; the list is closed.
type Personal string

// The answers of spec/standards.md, "Field".
const (
	PersonalNone   Personal = "none"   // nothing in it may identify a person
	PersonalRecord Personal = "record" // it may; a salted leaf of the record
	PersonalApart  Personal = "apart"  // the value stays out; the field is a reference to it
)

// Field is one thing that a pack asks for.
type Field struct {
	Fields   []Field  `json:"fields,omitempty"` // of a group
	Help     string   `json:"help"`
	Label    string   `json:"label"`
	List     bool     `json:"list,omitempty"`
	Most     int      `json:"most,omitempty"` // members of a list, else characters; 0: see [Field.Limit]
	Name     string   `json:"name"`           // of the record's entry
	Personal Personal `json:"personal,omitempty"`
	Required bool     `json:"required,omitempty"`
	Type     Type     `json:"type"`
	Values   []Value  `json:"values,omitempty"` // of a code
}

// Value is one code that a field may have.
type Value struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Severity weighs the failure of a rule; the list is closed.
type Severity string

// The severities of spec/standards.md, "Rule".
const (
	Block       Severity = "block"
	Error       Severity = "error"
	Warning     Severity = "warning"
	Information Severity = "information"
)

// Act is where a blocking rule refuses; the list is closed.
type Act string

// The acts of spec/standards.md, "Rule".
const (
	AtSeal     Act = "seal"
	AtDisclose Act = "disclose"
	AtPack     Act = "pack"
)

// Rule is one sentence that holds or does not.
type Rule struct {
	At       []Act    `json:"at,omitempty"` // of a blocking rule; none: seal
	Holds    string   `json:"holds"`        // CEL, bool
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Source   []Source `json:"source"`
	Text     string   `json:"text"`
	When     string   `json:"when,omitempty"` // CEL, bool; "": always
}

// Source is where a rule comes from.
type Source struct {
	Section  string `json:"section,omitempty"`
	Standard string `json:"standard"`
}

// String returns the source as it is cited.
func (s Source) String() string {
	if s.Section == "" {
		return s.Standard
	}
	return s.Standard + ", " + s.Section
}

// Name returns the pack's name, "<id>/<version>".
func (s *Standard) Name() Name { return Name(s.ID + "/" + strconv.Itoa(s.Version)) }

// Digest returns the SHA-256 of the bytes it was read from.
func (s *Standard) Digest() evidence.Hash { return s.digest }

// FileName returns the name of the pack's file, "<id>-<version>.json".
func (s *Standard) FileName() string { return fmt.Sprintf("%s-%d.json", s.ID, s.Version) }

// BlocksAt reports whether a failure of the rule refuses the act.
func (r *Rule) BlocksAt(a Act) bool {
	if r.Severity != Block {
		return false
	}
	for _, at := range r.At {
		if at == a {
			return true
		}
	}
	return len(r.At) == 0 && a == AtSeal
}

// Guarded reports whether a value of the field must not identify a person.
func (f *Field) Guarded() bool { return f.Personal != PersonalRecord }

// Ident returns the field's name in expressions.
func (f *Field) Ident() string { return ident(f.Name) }

func ident(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c == '.' || c == '-' {
			b[i] = '_'
		}
	}
	return string(b)
}

// Defaults of [Field].Most.
const (
	mostText      = 2000
	mostReference = 128
	mostListed    = 500 // characters of a text in a list
	mostMembers   = 50
)

// Limit returns how many members the field may have, 1 unless it is a list, and
// how many characters each text of it.
func (f *Field) Limit() (members, characters int) {
	members, characters = 1, mostText
	if f.Type == Reference {
		characters = mostReference
	}
	switch {
	case f.List:
		members = mostMembers
		if f.Most > 0 {
			members = f.Most
		}
		characters = min(characters, mostListed)
	case f.Most > 0:
		characters = f.Most
	}
	return members, characters
}

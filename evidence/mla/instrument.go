package mla

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/clock"
	"example.org/custody/evidence/rules"
)

// InstrumentFormat is the format of spec/request.md, "Instrument".
const InstrumentFormat = "custody/instrument/v1"

// Instrument is the law that a request rests on, as its file says.
type Instrument struct {
	About        string          `json:"about"`
	Channels     []Channel       `json:"channels"`
	Deadlines    []Deadline      `json:"deadlines"`
	Declarations []Declaration   `json:"declarations"`
	Format       string          `json:"format"`
	Forms        []Form          `json:"forms"`
	Grounds      []Ground        `json:"grounds"`
	ID           string          `json:"id"`
	InForce      rules.Window    `json:"in-force"`
	Language     string          `json:"language"` // of the words of this file
	LanguageRule string          `json:"language-rule"`
	Law          string          `json:"law"`
	Listed       Listed          `json:"listed"`
	Measures     []Measure       `json:"measures"`
	Parties      []Party         `json:"parties"`
	Protocols    []Protocol      `json:"protocols"`
	Rank         int             `json:"rank"` // 1 to 99; the lowest that applies is proposed
	Reviewed     *rules.Reviewed `json:"reviewed,omitempty"`
	Status       Standing        `json:"status"`
	Title        string          `json:"title"`
	Use          UseRule         `json:"use"`
	Version      int             `json:"version"`

	digest evidence.Hash
}

// Name returns "<id>/<version>".
func (i *Instrument) Name() string { return i.ID + "/" + strconv.Itoa(i.Version) }

// Digest returns the SHA-256 of the bytes it was read from: what a request pins.
func (i *Instrument) Digest() evidence.Hash { return i.digest }

// Standing says whether the law was in force when somebody last looked.
type Standing struct {
	InForce bool   `json:"in-force"`
	Note    string `json:"note,omitempty"`
	Read    string `json:"read"` // the day
}

// Listed says what follows for a state that is not among the parties.
type Listed string

// The values of [Instrument].Listed.
const (
	ListedAll  Listed = "all"   // it is no party
	ListedSome Listed = "some"  // whether it is a party is not known here
	ListedNone Listed = "model" // the instrument binds nobody and is open to all
)

// Party is a state that is bound, from one day to another, both included.
type Party struct {
	From  string `json:"from,omitempty"` // "": from the day the instrument is in force
	State string `json:"state"`          // alpha-2
	To    string `json:"to,omitempty"`   // "": until another version says so
}

// Declaration is what a party has declared, or what is known of it that the
// instrument's rules ask about.
type Declaration struct {
	Kind   string   `json:"kind"` // official-language, language, channel
	State  string   `json:"state"`
	Values []string `json:"values"`
}

// Channel is a way on which a request may travel.
type Channel struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Protocol is an addition to the instrument that binds its own parties.
type Protocol struct {
	From   string   `json:"from,omitempty"`
	ID     string   `json:"id"`
	Status Standing `json:"status"`
	Text   string   `json:"text"`
	Title  string   `json:"title"`
}

// Form is a form of the instrument: a standard, pinned by digest, whose fields
// stand in sections.
type Form struct {
	Form     rules.Name    `json:"form"`
	ID       string        `json:"id"`
	Machine  string        `json:"machine,omitempty"` // what it begins; "": it belongs to a step of another
	SHA256   evidence.Hash `json:"sha256"`
	Sections []Section     `json:"sections"`
	Step     State         `json:"step"` // the state that it is signed for
	Title    string        `json:"title"`
	// Validation says when the law wants another authority to validate it; nil: never.
	Validation *FieldIs `json:"validation,omitempty"`
}

// Section is a section of a form.
type Section struct {
	Fields []string `json:"fields"`
	ID     string   `json:"id"`
	Only   Side     `json:"only,omitempty"` // the one side, beside the issuing one, that may see it
	Title  string   `json:"title"`
}

// Deadline is one clock of the instrument.
type Deadline struct {
	Ends      []State        `json:"ends"` // states that stop it for good
	Extension *ExtensionRule `json:"extension,omitempty"`
	Form      string         `json:"form,omitempty"`     // "": every form
	ID        string         `json:"id"`                 //
	Measures  []Measure      `json:"measures,omitempty"` // none: every measure
	Note      string         `json:"note,omitempty"`
	Pauses    []State        `json:"pauses,omitempty"` // it does not run in these
	Period    clock.Period   `json:"period"`
	Restarts  []State        `json:"restarts,omitempty"` // it runs anew from these
	Source    string         `json:"source"`
	Start     []State        `json:"start"` // runs from the last of these that was reached
	Title     string         `json:"title"`
	When      *FieldIs       `json:"when,omitempty"`
	Who       Side           `json:"who"` // must act
}

// ExtensionRule says how a deadline may be made longer.
type ExtensionRule struct {
	Most  *clock.Period `json:"most,omitempty"` // nil: no length is fixed
	Text  string        `json:"text"`
	Times int           `json:"times"` // how often by Most
}

// FieldIs holds when a field of the form has one of some values.
type FieldIs struct {
	Field  string   `json:"field"`
	Values []string `json:"values"`
}

// Ground is a ground for refusal.
type Ground struct {
	Consult bool      `json:"consult,omitempty"` // the issuing authority is consulted before
	Except  []Measure `json:"except,omitempty"`  // measures that it cannot be raised against
	ID      string    `json:"id"`
	Note    string    `json:"note,omitempty"`
	Source  string    `json:"source"`
	Text    string    `json:"text"`
}

// UseRule is the instrument's rule on how what it brings may be used; the limits of
// a request begin with it.
type UseRule struct {
	Confidential bool        `json:"confidential"`
	Exceptions   []Exception `json:"exceptions"`
	Onward       Decision    `json:"onward"`    // to another state
	OtherUse     Decision    `json:"other-use"` // in other proceedings, or for another purpose
	Purposes     []string    `json:"purposes"`  // "stated": those of the request
	Source       string      `json:"source"`
	Text         string      `json:"text"`
}

// Exception is a use that is allowed beside the purposes.
type Exception struct {
	Kind   ExceptionKind `json:"kind"`
	Notice bool          `json:"notice"` // the state that gave the evidence is told before
	Text   string        `json:"text"`
}

// Measure is a kind of assistance; the list is closed.
type Measure string

// Measures returns the closed list of spec/request.md, "Instrument".
func Measures() []Measure {
	return []Measure{
		"evidence-held", "database-information", "hearing", "identify-user", "subscriber-data", "traffic-data",
		"content-data", "preservation", "temporary-transfer", "video-hearing", "telephone-hearing", "bank-accounts",
		"bank-transactions", "real-time", "covert", "interception", "interception-notice", "provisional-measure",
		"search-seizure", "examination", "service",
	}
}

// FormFor returns the form of an id, or nil.
func (i *Instrument) FormFor(id string) *Form {
	for n := range i.Forms {
		if i.Forms[n].ID == id {
			return &i.Forms[n]
		}
	}
	return nil
}

// Beginning returns the form of an id with which a request begins, or the only
// one when the id is "". Otherwise it returns [ErrUnknown].
func (i *Instrument) Beginning(id string) (*Form, error) {
	var ids []string
	for n := range i.Forms {
		f := &i.Forms[n]
		if f.Machine == "" {
			continue
		}
		if f.ID == id {
			return f, nil
		}
		ids = append(ids, f.ID)
	}
	switch {
	case id == "" && len(ids) == 1:
		return i.FormFor(ids[0]), nil
	case len(ids) == 0:
		return nil, fmt.Errorf("%s has no form with which a request begins: %w", i.Name(), ErrUnknown)
	}
	return nil, fmt.Errorf("form %q: %w; a request under %s begins with %s", id, ErrUnknown, i.Name(), strings.Join(ids, " or "))
}

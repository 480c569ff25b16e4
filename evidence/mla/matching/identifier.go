package matching

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"example.org/custody/evidence"
)

// Kind says what an identifier identifies by.
type Kind string

// The kinds (spec/matching.md, "Identifiers").
const (
	Person   Kind = "person"
	Document Kind = "document"
	Phone    Kind = "phone"
	Account  Kind = "account"
)

// Identifier is a kind and a value in its one form. It is personal data: it goes into no
// log, message or error.
type Identifier struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// maxValue is the longest value in bytes.
const maxValue = 1024

// Forms of values.
var (
	personForm   = regexp.MustCompile(`^[\pL\pN]+(<[\pL\pN]+)*<<[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	documentForm = regexp.MustCompile(`^[A-Z]{2,3}<[\pL\pN]+$`)
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)
	accountForm  = regexp.MustCompile(`^[\pL\pN]+$`)
	stateForm    = regexp.MustCompile(`^[A-Z]{2,3}$`)
)

// NewPerson returns the identifier of a person: all names, in any order, and the date of
// birth as 2006-01-02. Error: [ErrIdentifier].
func NewPerson(names, birth string) (Identifier, error) {
	var all []string
	for _, word := range strings.FieldsFunc(names, betweenNames) {
		if word = plain(word); word != "" {
			all = append(all, word)
		}
	}
	if _, err := time.Parse(time.DateOnly, birth); len(all) == 0 || err != nil {
		return Identifier{}, fmt.Errorf("a person needs names and a date of birth as 2006-01-02: %w", ErrIdentifier)
	}
	slices.Sort(all)
	return Identifier{Person, strings.Join(all, "<") + "<<" + birth}.checked()
}

// betweenNames reports what separates names: space, dashes of all kinds, comma, the filler
// of machine-readable zones.
func betweenNames(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == ',' || r == '<'
}

// NewDocument returns the identifier of a travel or identity document: the issuing state,
// two or three letters, and its number. Error: [ErrIdentifier].
func NewDocument(state, number string) (Identifier, error) {
	state, number = strings.ToUpper(plain(state)), strings.ToUpper(plain(number))
	if !stateForm.MatchString(state) || number == "" {
		return Identifier{}, fmt.Errorf("a document needs its issuing state and its number: %w", ErrIdentifier)
	}
	return Identifier{Document, state + "<" + number}.checked()
}

// NewPhone returns the identifier of a telephone number in international form, with + or
// 00 before it; "(0)" and what people put between digits are dropped. Anything else, as an
// extension, is [ErrIdentifier].
func NewPhone(number string) (Identifier, error) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("()./", r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(norm.NFKD.String(number), "(0)", ""))
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		digits = "+" + rest
	}
	return Identifier{Phone, digits}.checked()
}

// NewAccount returns the identifier of an account or a wallet. Error: [ErrIdentifier].
func NewAccount(number string) (Identifier, error) {
	return Identifier{Account, plain(number)}.checked()
}

// Check reports [ErrIdentifier] unless the value has the form of its kind. The error does
// not repeat the value.
func (i Identifier) Check() error {
	form := map[Kind]*regexp.Regexp{Person: personForm, Document: documentForm, Phone: phoneForm, Account: accountForm}[i.Kind]
	if form == nil || len(i.Value) > maxValue || !form.MatchString(i.Value) {
		return fmt.Errorf("kind %.20q: %w", i.Kind, ErrIdentifier)
	}
	return nil
}

func (i Identifier) checked() (Identifier, error) {
	if err := i.Check(); err != nil {
		return Identifier{}, err
	}
	return i, nil
}

// String hides the value: an identifier must not reach a log by accident.
func (i Identifier) String() string { return string(i.Kind) + " (hidden)" }

// GoString hides the value as well.
func (i Identifier) GoString() string { return i.String() }

// input returns what the pseudo-random function takes.
func (i Identifier) input(p Purpose) []byte {
	return []byte(strings.Join([]string{"custody/match/v1", string(p), string(i.Kind), i.Value}, "\x00"))
}

// plain drops case, marks, and all but letters and digits. Folding comes between two
// decompositions: it may bring marks. Lower case comes after it: Cherokee folds to upper.
func plain(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(strings.ToLower(cases.Fold().String(norm.NFKD.String(s))))))
}

// Purpose says why two authorities compare.
type Purpose string

// The purposes.
const (
	// ParallelProceedings: both may proceed against the same person.
	ParallelProceedings Purpose = "parallel-proceedings"
	// RepeatInterview: a victim or a witness was heard already.
	RepeatInterview Purpose = "repeat-interview"
)

// Session is one comparison of two authorities, each named by its key's id.
type Session struct {
	ID        evidence.Hash  `json:"session"` // random
	Purpose   Purpose        `json:"purpose"`
	Asking    evidence.KeyID `json:"asking"`
	Answering evidence.KeyID `json:"answering"`
}

// Check reports [ErrSession].
func (s Session) Check() error {
	if s.Purpose != ParallelProceedings && s.Purpose != RepeatInterview || s.Asking == s.Answering || s.ID == (evidence.Hash{}) {
		return ErrSession
	}
	return nil
}

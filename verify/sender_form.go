package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/verify/pack"
)

// leastObject is how many bytes an object of a verdict takes at least, taking all
// of one together: a finding has five members, a question its way by hand.
const leastObject = 32

// countable reports whether the sender's verdict has as many members as one about
// these items can have, and is looked at before it is decoded: millions of empty
// objects would take a thousand times the memory of the file. It returns nil, or
// why the verdict is not the sender's about these items.
func countable(p *pack.Package, mine []ItemVerdict) *result {
	b := p.Verdict
	if n := bytes.Count(b, []byte("{")); n*leastObject > len(b)+4096 {
		r := undecided("%d objects in %d bytes are no verdict", n, len(b))
		return &r
	}
	var listed struct {
		Items []object `json:"items"`
	}
	var form struct {
		Items []itemForm `json:"items"`
	}
	if err := json.Unmarshal(b, &listed); err != nil {
		r := undecided("it is not in its one encoding: %v", err)
		return &r
	}
	if len(listed.Items) != len(mine) {
		return differs("the number of items", fmt.Sprint(len(listed.Items)), fmt.Sprint(len(mine)))
	}
	if err := json.Unmarshal(b, &form); err != nil {
		r := undecided("it has not the form of a verdict: %v", err)
		return &r
	}
	return nil
}

// itemForm, questionForm and object have the form of what a verdict lists, and keep
// nothing of it. encoding/json goes on after a member of another kind, and makes
// one of each that it cannot read; these end it.
type (
	itemForm     struct{}
	questionForm struct{}
	object       struct{}
)

var (
	errNoObject  = errors.New("a list has something that is no object")
	errQuestions = fmt.Errorf("it does not answer %d questions about every item", questions)
	errCourt     = errors.New("it has a reader's choice")
)

// UnmarshalJSON implements [json.Unmarshaler].
func (*object) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return errNoObject
	}
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (*questionForm) UnmarshalJSON(b []byte) error {
	var q struct {
		Facts    []object `json:"facts"`
		Findings []object `json:"findings"`
	}
	return errors.Join(new(object).UnmarshalJSON(b), json.Unmarshal(b, &q))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (*itemForm) UnmarshalJSON(b []byte) error {
	var i struct {
		Court     json.RawMessage `json:"court"`
		Questions []questionForm  `json:"questions"`
		Timeline  []object        `json:"timeline"`
	}
	err := errors.Join(new(object).UnmarshalJSON(b), json.Unmarshal(b, &i))
	switch {
	case err != nil:
		return err
	case len(i.Questions) != questions:
		return errQuestions
	case i.Court != nil:
		return errCourt
	}
	return nil
}

// questions is how many the design has.
const questions = 10

// differs says that the sender's verdict is another than the one computed again.
func differs(what, sender, computed string) *result {
	r := fails(Proof{"what": what, "sender": sender, "computed": computed}, "the sender's verdict differs in %s from what is computed again", what)
	return &r
}

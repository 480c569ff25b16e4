package standard

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
)

// Field is the entry of a collect's record that names the pack by digest
// (spec/standards.md, "Sealing").
const Field = "standard"

// Stated is the value of [Field].
type Stated struct {
	SHA256   evidence.Hash `json:"sha256"`
	Standard rules.Name    `json:"standard"`
}

// Asked is what a judgement is about.
type Asked struct {
	Library *rules.Library // where packs are looked for
	Pins    []trust.Pin    // the standards of the reader's list; nil: no list
	Input   *rules.Input
}

// Answer is what became of one question about the pack itself.
type Answer struct {
	Status rules.Status
	Detail string
}

// Judgement is what the standard that an item names says of it.
type Judgement struct {
	Name    rules.Name
	Adopted Answer // the reader's list names the pack by the digest that was sealed
	InForce Answer // the collection lies in the days on which the pack is in force
	Fields  Answer // what it asks for is there, and of its type
	Lines   []Line
	Result  *rules.Result // nil when no pack could be evaluated
	Pack    *rules.Pack   // nil likewise
}

// Line is what became of one rule, with its words.
type Line struct {
	rules.RuleResult
	Rule *rules.Rule
	From rules.Name // the pack that it stands in
}

// Judge decides what the pack that the item's first event names says of the
// item. It returns nil when the event is not known, or names none.
func Judge(a Asked) (*Judgement, error) {
	if len(a.Input.Links) == 0 || a.Input.Links[0].Event == nil || a.Input.Links[0].Event.Standard == "" {
		return nil, nil
	}
	first := a.Input.Links[0]
	j := &Judgement{Name: rules.Name(first.Event.Standard)}
	digest := j.adopt(&a, first.View)
	if digest == nil {
		return j, nil
	}
	pack, err := a.Library.Pack(*digest)
	if err != nil {
		j.Adopted = Answer{rules.Undecided, fmt.Sprintf("%s of sha256:%s cannot be evaluated here: %v", j.Name, digest, err)}
		return j, nil
	}
	return j, j.evaluate(pack, a.Input, first.Event)
}

// Under evaluates any pack over an item, whichever the item names: a court's own.
func Under(pack *rules.Pack, in *rules.Input) (*Judgement, error) {
	j := &Judgement{Name: pack.Name(), Adopted: Answer{rules.Holds, "chosen by the reader"}}
	var first *evidence.Event
	if len(in.Links) > 0 {
		first = in.Links[0].Event
	}
	return j, j.evaluate(pack, in, first)
}

// adopt finds the digest of the pack that counts, or says why none does.
func (j *Judgement) adopt(a *Asked, view *evidence.View) *evidence.Hash {
	stated, presence, err := evidence.Value[Stated](view, Field)
	var pinned []evidence.Hash
	for _, p := range a.Pins {
		if p.Name == string(j.Name) {
			pinned = append(pinned, evidence.Hash(p.Digest))
		}
	}
	switch {
	case err != nil || presence == evidence.Present && stated.Standard != j.Name:
		j.Adopted = Answer{rules.Fails, "the record names another standard than the event, or in a form that cannot be read"}
		return nil
	case len(pinned) == 0:
		j.Adopted = Answer{rules.Undecided, fmt.Sprintf("the trust list names no standard %s", j.Name)}
		return nil
	case presence != evidence.Present:
		j.Adopted = Answer{rules.Holds, fmt.Sprintf("%s sha256:%s, as the trust list names it; which bytes were meant when sealing is not shown", j.Name, pinned[0])}
		return &pinned[0]
	}
	for i := range pinned {
		if pinned[i] == stated.SHA256 {
			j.Adopted = Answer{rules.Holds, fmt.Sprintf("%s sha256:%s, as sealed and as the trust list names it", j.Name, stated.SHA256)}
			return &pinned[i]
		}
	}
	j.Adopted = Answer{rules.Undecided, fmt.Sprintf("%s was sealed as sha256:%s, and the trust list names another of that name", j.Name, stated.SHA256)}
	return nil
}

func (j *Judgement) evaluate(pack *rules.Pack, in *rules.Input, first *evidence.Event) error {
	r, err := pack.Evaluate(in)
	if err != nil {
		return err
	}
	j.Pack, j.Result = pack, r
	j.InForce, j.Fields = inForce(pack.Standard, first), fields(r.Fields)
	for _, one := range r.Results {
		rule, from := pack.Rule(one.Rule)
		j.Lines = append(j.Lines, Line{one, rule, from.Name()})
	}
	return nil
}

// inForce asks whether the end of the collection, in reference time, lies in the
// days on which the pack is in force.
func inForce(s *rules.Standard, e *evidence.Event) Answer {
	if e == nil {
		return Answer{rules.Undecided, "when it was gathered is not shown"}
	}
	_, at := e.Occurred.Reference()
	on := at.UTC().Format(time.DateOnly)
	out := on < s.InForce.From || s.InForce.To != "" && on > s.InForce.To
	switch from, to := s.InForce.From, s.InForce.To; {
	case out && to == "":
		return Answer{rules.Fails, fmt.Sprintf("it was gathered on %s, and %s is in force from %s", on, s.Name(), from)}
	case out:
		return Answer{rules.Fails, fmt.Sprintf("it was gathered on %s, and %s is in force from %s to %s", on, s.Name(), from, to)}
	case to == "":
		return Answer{rules.Holds, fmt.Sprintf("gathered on %s; in force from %s", on, from)}
	default:
		return Answer{rules.Holds, fmt.Sprintf("gathered on %s; in force from %s to %s", on, from, to)}
	}
}

// fields sums up what is wrong with the fields that the pack asks for.
func fields(problems []rules.Why) Answer {
	a := Answer{rules.Holds, "every field that it asks for is there, and what is shown is of its type"}
	for _, p := range problems {
		switch {
		case p.Cause != rules.Withheld:
			return Answer{rules.Fails, fmt.Sprintf("the field %s is %s", p.What, p.Cause)}
		case a.Status == rules.Holds:
			a = Answer{rules.Undecided, fmt.Sprintf("whether the field %s is there is held back", p.What)}
		}
	}
	return a
}

// Pins are the standards that a trust list names.
type Pins = []trust.Pin

// Adopted says whether a trust list names a pack: "yes", "no", or "other" when it
// names another of that name.
func Adopted(pins Pins, s *rules.Standard) string {
	answer := "no"
	for _, p := range pins {
		switch {
		case p.Name != string(s.Name()):
		case evidence.Hash(p.Digest) == s.Digest():
			return "yes"
		default:
			answer = "other"
		}
	}
	return answer
}

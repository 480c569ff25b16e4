package mla

import (
	"maps"
	"slices"
)

// State is where a request stands; the list is closed, spec/request.md, "Steps".
type State string

// Draft is the state of every request that nothing was done with.
const Draft State = "draft"

// Machine is the states of one kind of request and the arrows between them.
type Machine struct {
	Name   string
	arrows []Arrow
	ends   []State // nothing follows these
}

// Arrow is one way from a state to another.
type Arrow struct {
	From State
	To   State
	By   []Side // whoever of them may take it
	Back bool   // only back to the state from which From was entered
	Once bool   // To is entered once in a request's life
}

// Note is an act beside the states: it may be done in every state that is not an
// end and leads nowhere.
type Note string

// The notes of spec/request.md, "Steps".
const (
	NoteSupplement      Note = "supplement"             // another request belongs to this one
	NoteConfidentiality Note = "confidentiality-lifted" //
	NoteExtended        Note = "clock-extended"         // a deadline was made longer
	NotePaused          Note = "clock-paused"           //
	NoteResumed         Note = "clock-resumed"          //
	NoteRestarted       Note = "clock-restarted"        // it runs anew
)

// Notes returns the closed list.
func Notes() []Note {
	return []Note{NoteSupplement, NoteConfidentiality, NoteExtended, NotePaused, NoteResumed, NoteRestarted}
}

// Withdrawn is the end that the issuing side may choose from every state that is none.
const Withdrawn State = "withdrawn"

var (
	issuing   = []Side{Issuing}
	executing = []Side{Executing}
	provider  = []Side{Provider}
	enforcing = []Side{Enforcing}
)

// fan returns arrows from one state to several.
func fan(from State, by []Side, to ...State) (all []Arrow) {
	for _, t := range to {
		all = append(all, Arrow{From: from, To: t, By: by})
	}
	return all
}

// drafting is how each request begins: complete, validated where the law wants
// it, signed, sent.
var drafting = slices.Concat(
	fan(Draft, issuing, "ready"),
	fan("ready", issuing, "validated", "signed"),
	fan("validated", issuing, "signed"),
	fan("signed", issuing, "sent"),
)

// disclosure is the machine of requests within one state.
const disclosure = "disclosure"

var machines = map[string]*Machine{
	"request":            {Name: "request", arrows: requestArrows, ends: []State{"refused", "closed", Withdrawn}},
	"notice":             {Name: "notice", arrows: noticeArrows, ends: []State{"objected", "not-objected", Withdrawn}},
	"production-order":   {Name: "production-order", arrows: productionArrows, ends: []State{"refused", "lifted", "sanction", "closed", Withdrawn}},
	"preservation-order": {Name: "preservation-order", arrows: preservationArrows, ends: []State{"linked", "expired", "released", Withdrawn}},
	disclosure:           {Name: disclosure, arrows: disclosureArrows, ends: []State{"refused", "closed", Withdrawn}},
}

// requestArrows: an order or a letter from one authority to another.
var requestArrows = slices.Concat(
	drafting,
	fan("sent", executing, "delivered"),
	fan("delivered", executing, "acknowledged"),
	fan("acknowledged", executing, "incomplete", "forwarded", "consultation", "recognised", "refused", "postponed"),
	fan("forwarded", executing, "incomplete", "consultation", "recognised", "refused", "postponed"),
	fan("incomplete", issuing, "supplemented"),
	fan("supplemented", executing, "acknowledged"),
	back("consultation", []Side{Issuing, Executing}, "acknowledged", "forwarded"),
	back("postponed", executing, "acknowledged", "forwarded"),
	fan("recognised", executing, "executing"),
	fan("executing", executing, "partial-delivery", "sealed-abroad"),
	fan("partial-delivery", executing, "partial-delivery", "sealed-abroad"),
	fan("sealed-abroad", executing, "remedy-pending", "transferred"),
	fan("remedy-pending", executing, "transferred"),
	fan("transferred", issuing, "received-verified", "received-mismatch"),
	fan("received-mismatch", executing, "transferred"),
	fan("received-mismatch", issuing, "in-use"),
	fan("received-verified", issuing, "in-use"),
	fan("in-use", issuing, "use-reported"),
	fan("use-reported", issuing, "return-due", "closed"),
	fan("return-due", issuing, "returned"),
	fan("returned", issuing, "closed"),
)

// noticeArrows: an interception is notified, and objected to or not.
var noticeArrows = slices.Concat(
	drafting,
	fan("sent", executing, "delivered"),
	fan("delivered", executing, "objected", "not-objected"),
)

// productionArrows: an order to a provider to produce data.
var productionArrows = slices.Concat(
	fan(Draft, issuing, "ready"),
	fan("ready", issuing, "validated", "issued-unvalidated"),
	fan("validated", issuing, "sent"),
	fan("issued-unvalidated", issuing, "sent"),
	fan("sent", provider, "received"),
	fan("received", provider, "preserved"),
	fan("preserved", provider, "form-3", "produced", "objection-third-country"),
	fan("preserved", issuing, "notified", "overdue"),
	fan("form-3", issuing, "clarified"),
	fan("clarified", provider, "preserved"),
	fan("notified", enforcing, "no-ground", "ground-raised"),
	fan("no-ground", provider, "produced"),
	fan("ground-raised", enforcing, "refused", "partial", "conditions"),
	fan("partial", provider, "produced"),
	fan("conditions", provider, "produced"),
	fan("produced", issuing, "received-verified", "received-mismatch"),
	fan("received-mismatch", provider, "produced"),
	fan("received-mismatch", issuing, "closed"),
	fan("received-verified", enforcing, "late-objection"),
	fan("received-verified", issuing, "closed"),
	fan("late-objection", issuing, "restricted", "deleted"),
	fan("restricted", issuing, "closed"),
	fan("deleted", issuing, "closed"),
	fan("objection-third-country", issuing, "court-review"),
	fan("court-review", issuing, "upheld", "lifted"),
	fan("upheld", provider, "produced"),
	fan("overdue", issuing, "enforcement"),
	fan("enforcement", provider, "produced"),
	fan("enforcement", enforcing, "sanction"),
)

// preservationArrows: an order to a provider to keep data.
var preservationArrows = slices.Concat(
	fan(Draft, issuing, "ready"),
	fan("ready", issuing, "validated", "issued-unvalidated"),
	fan("validated", issuing, "sent"),
	fan("issued-unvalidated", issuing, "sent"),
	fan("sent", provider, "preserved"),
	[]Arrow{{From: "preserved", To: "extended", By: issuing, Once: true}},
	fan("preserved", issuing, "held", "released"),
	fan("preserved", provider, "expired"),
	fan("extended", issuing, "held", "released"),
	fan("extended", provider, "expired"),
	fan("held", issuing, "linked", "released"),
)

// disclosureArrows: the defence asks to see the materials of the case; the authority
// that holds them grants it in full or in part, or refuses.
var disclosureArrows = slices.Concat(
	fan(Draft, issuing, "ready"),
	fan("ready", issuing, "signed"),
	fan("signed", issuing, "sent"),
	fan("sent", executing, "delivered"),
	fan("delivered", executing, "recognised", "refused"),
	fan("recognised", executing, "produced"),
	fan("produced", issuing, "received-verified", "received-mismatch"),
	fan("received-mismatch", executing, "produced"),
	fan("received-mismatch", issuing, "closed"),
	fan("received-verified", issuing, "closed"),
)

// back returns arrows that lead back to where a state was entered from.
func back(from State, by []Side, to ...State) []Arrow {
	all := fan(from, by, to...)
	for i := range all {
		all[i].Back = true
	}
	return all
}

// MachineOf returns a machine by name, or nil.
func MachineOf(name string) *Machine { return machines[name] }

// MachineNames returns the names of all machines, sorted.
func MachineNames() []string { return slices.Sorted(maps.Keys(machines)) }

// States returns every state of the machine, sorted.
func (m *Machine) States() []State {
	all := map[State]bool{Withdrawn: true}
	for _, a := range m.arrows {
		all[a.From], all[a.To] = true, true
	}
	return slices.Sorted(maps.Keys(all))
}

// End reports whether nothing follows a state.
func (m *Machine) End(s State) bool { return slices.Contains(m.ends, s) }

// Arrow returns the arrow between two states, that of a withdrawal included.
func (m *Machine) Arrow(from, to State) (Arrow, bool) {
	if to == Withdrawn && !m.End(from) && slices.Contains(m.States(), from) {
		return Arrow{From: from, To: to, By: issuing}, true
	}
	for _, a := range m.arrows {
		if a.From == from && a.To == to {
			return a, true
		}
	}
	return Arrow{}, false
}

// Next returns the states that arrows lead to from a state, sorted.
func (m *Machine) Next(from State) (next []State) {
	for _, s := range m.States() {
		if _, ok := m.Arrow(from, s); ok {
			next = append(next, s)
		}
	}
	return next
}

func knownState(s State) bool {
	for _, m := range machines {
		if slices.Contains(m.States(), s) {
			return true
		}
	}
	return false
}

package caseuco

import (
	"fmt"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// act is one event on its way into the graph.
type act struct {
	*graph
	event  *evidence.Event
	line   pack.EventLine
	at     ref
	facets []ref
}

// write writes the action, who did it, what came of it.
func (a *act) write() {
	e := a.event
	from, to := e.Occurred.Reference()
	n := node{
		"@id": a.at.id(), "@type": "case-investigation:InvestigativeAction", "uco-core:name": string(e.Action), "uco-action:actionStatus": "Success",
		"uco-action:startTime": dateTime(from), "uco-action:endTime": dateTime(to), "uco-action:performer": a.identity(e.Signer()),
	}
	if others := a.participants(); len(others) > 0 {
		n["uco-action:participant"] = others
	}
	objects, results := []ref{itemID(e.Item)}, []ref{}
	if e.Parent != nil {
		objects, results = []ref{a.item(e.Parent.Item)}, append(results, itemID(e.Item))
	}
	for _, c := range e.Opens.Children {
		results = append(results, a.item(c.Item))
	}
	if e.Action == evidence.Collect {
		results = append(results, a.provenance())
	}
	n["uco-action:object"] = objects
	if len(results) > 0 {
		n["uco-action:result"] = results
	}
	if before, ok := a.last[e.Item]; ok {
		n["case-investigation:wasInformedBy"] = before
	}
	if place, ok := a.shown("place"); ok {
		n["uco-action:location"] = a.place(place)
	}
	a.ledger()
	a.handoff()
	n["uco-core:hasFacet"] = a.facets
	a.add(n)
}

// shown returns what the record shows under a name.
func (a *act) shown(name string) (string, bool) {
	value, found := a.line.Record.Lookup(name)
	if found != evidence.Present {
		return "", false
	}
	return text(value), true
}

// identity returns who signed, by pseudonym: role, state and key. Names stand in
// records and certificates, and are not looked for there.
func (a *act) identity(s evidence.Signer) ref {
	r := idOf("identity", s.Key)
	if !a.keys[s.Key] {
		a.keys[s.Key] = true
		a.add(node{"@id": r.id(), "@type": "uco-identity:Identity", "uco-core:name": fmt.Sprintf("%s of %s, key %s", s.Role, s.Authority, s.Key)})
	}
	return r
}

// participants returns the other signers and the other side of the act.
func (a *act) participants() (all []ref) {
	for _, s := range a.event.Signers[min(1, len(a.event.Signers)):] {
		all = append(all, a.identity(s))
	}
	c := a.event.Counterparty
	if c == nil {
		return all
	}
	if c.Kind == evidence.PartyKey {
		r := idOf("identity", c.Key)
		if !a.keys[c.Key] {
			a.keys[c.Key] = true
			a.add(node{"@id": r.id(), "@type": "uco-identity:Identity", "uco-core:name": fmt.Sprintf("key %s of %s", c.Key, c.State)})
		}
		return append(all, r)
	}
	r := idOf("party", a.event.Item, a.event.Seq)
	a.add(node{"@id": r.id(), "@type": "uco-identity:Identity", "uco-core:name": fmt.Sprintf("%s %s %s", c.Kind, c.State, c.Ref)})
	return append(all, r)
}

func (a *act) place(name string) ref {
	r := idOf("location", name)
	if !a.places[name] {
		a.places[name] = true
		a.add(node{"@id": r.id(), "@type": "uco-location:Location", "uco-core:name": name})
	}
	return r
}

// ledger says where the act's leaf stands and which seals it closes and opens.
func (a *act) ledger() {
	e := a.event
	r := idOf("ledger", e.Item, e.Seq)
	n := node{
		"@id": r.id(), "@type": "custody:LedgerFacet", "custody:origin": string(e.Origin), "custody:leafIndex": integer(int64(a.line.Index)),
		"custody:seq": integer(e.Seq), "custody:closesSeal": hexBinary(evidence.Hash(e.Closes)), "custody:recordRoot": hexBinary(e.Record.Root),
		"custody:withheld": integer(int64(a.line.Record.Withheld())),
	}
	if e.Opens.Next != nil {
		n["custody:opensSeal"] = hexBinary(evidence.Hash(e.Opens.Next.Seal))
	}
	if a.line.Receipt != nil {
		n["custody:receiptNote"] = hexBinary(a.line.Receipt.Note)
	}
	a.add(n)
	a.facets = append(a.facets, r)
}

// handoff says what CASE has no words for: by when an answer is due, and the numbers of
// the physical seals before and after.
func (a *act) handoff() {
	n := node{"@type": "custody:HandoffFacet"}
	if !a.event.Due.IsZero() {
		n["custody:due"] = dateTime(a.event.Due)
	}
	for _, name := range []string{"physical-seal", "physical-seal.before", "physical-seal.after", "carrier", "tracking"} {
		if said, ok := a.shown(name); ok {
			n["custody:"+camel(name)] = said
		}
	}
	if len(n) == 1 {
		return
	}
	r := idOf("handoff", a.event.Item, a.event.Seq)
	n["@id"] = r.id()
	a.add(n)
	a.facets = append(a.facets, r)
}

// camel returns a record's name as a property: physical-seal.before as
// physicalSealBefore.
func camel(name string) string {
	parts := strings.FieldsFunc(name, func(c rune) bool { return c == '-' || c == '.' })
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
	}
	return strings.Join(parts, "")
}

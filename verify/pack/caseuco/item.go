package caseuco

import (
	"encoding/json"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

func itemID(id evidence.ItemID) ref { return idOf("item", id) }

// item returns the name of the thing that was taken into custody, and writes it where
// it is first named. Of a parent or child that the dossier says nothing else about, its
// id is all there is: an act that names it still needs a thing to be about.
func (g *graph) item(id evidence.ItemID) ref {
	r := itemID(id)
	if !g.items[id] {
		g.items[id] = true
		g.add(node{"@id": r.id(), "@type": "uco-observable:ObservableObject", "uco-core:name": "item " + id.String()})
	}
	return r
}

// erased writes the place of an event that was erased: its leaf is all that is left.
func (g *graph) erased(line pack.EventLine) {
	x := line.Erased
	at := idOf("action", x.Item, int64(x.Seq))
	facet := idOf("ledger", x.Item, int64(x.Seq))
	g.add(node{"@id": facet.id(), "@type": "custody:ErasedFacet", "custody:seq": integer(int64(x.Seq)), "custody:leafIndex": integer(int64(line.Index)), "custody:leafHash": hexBinary(x.Leaf.Hash())})
	n := node{"@id": at.id(), "@type": "case-investigation:InvestigativeAction", "uco-core:name": "erased", "uco-action:object": []ref{itemID(x.Item)}, "uco-core:hasFacet": []ref{facet}}
	if before, ok := g.last[x.Item]; ok {
		n["case-investigation:wasInformedBy"] = before
	}
	g.add(n)
	g.last[x.Item] = at
	g.contents = append(g.contents, at)
}

// provenance writes the record of what was collected: exhibit number, files, use limits.
func (a *act) provenance() ref {
	r := idOf("provenance", a.event.Item)
	n := node{"@id": r.id(), "@type": "case-investigation:ProvenanceRecord", "uco-core:object": a.files(itemID(a.event.Item))}
	for name, property := range map[string]string{"exhibit": "case-investigation:exhibitNumber", "description": "uco-core:description"} {
		if said, ok := a.shown(name); ok {
			n[property] = said
		}
	}
	if said, ok := a.shown("case"); ok {
		a.cases = append(a.cases, said)
	}
	a.authority()
	if limits, ok := a.shown("use-limits"); ok {
		n["uco-core:objectMarking"] = a.marking(limits)
	}
	a.add(n)
	a.contents = append(a.contents, r)
	return r
}

// marking writes use limits as a statement.
func (a *act) marking(limits string) ref {
	r, s := idOf("marking", a.event.Item), idOf("statement", a.event.Item)
	a.add(node{"@id": s.id(), "@type": "uco-marking:StatementMarking", "uco-marking:definitionType": "statement", "uco-marking:statement": limits})
	a.add(node{"@id": r.id(), "@type": "uco-marking:MarkingDefinition", "uco-marking:definitionType": "statement", "uco-marking:definition": []ref{s}})
	return r
}

// authority writes the legal authority that the record names.
func (a *act) authority() {
	value, found := a.line.Record.Lookup("authority")
	if found != evidence.Present {
		return
	}
	r := idOf("authorization", a.event.Item)
	n := node{"@id": r.id(), "@type": "case-investigation:Authorization"}
	var said struct {
		Kind      string `json:"kind"`
		Reference string `json:"reference"`
		From      string `json:"from"`
		To        string `json:"to"`
	}
	if json.Unmarshal(value, &said) != nil {
		said.Reference = text(value)
	}
	for property, s := range map[string]string{"case-investigation:authorizationType": said.Kind, "case-investigation:authorizationIdentifier": said.Reference} {
		if s != "" {
			n[property] = s
		}
	}
	for property, s := range map[string]string{"uco-core:startTime": said.From, "uco-core:endTime": said.To} {
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			n[property] = dateTime(at)
		}
	}
	a.add(n)
	a.permits = append(a.permits, r)
}

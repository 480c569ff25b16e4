package caseuco_test

import (
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// deriving is a world in which a thing was derived from another.
func deriving() (w *verifytest.World, parent, child *verifytest.Item) {
	w = verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	parent = ann.Collect(verifytest.Record{Files: files, Fields: full})
	return w, parent, derived(ann, parent)
}

// derived makes a thing from a parent, of the parent's second file alone.
func derived(by *verifytest.Officer, parent *verifytest.Item) *verifytest.Item {
	rec, child := by.State.Draft(verifytest.Record{Files: files[1:]})
	derive := parent.Act(evidence.Derive, []*verifytest.Officer{by}, verifytest.Record{}, func(e *evidence.Event) {
		e.Opens.Children = []evidence.Child{{Item: child, Origin: by.State.Log.Origin}}
	})
	return by.CollectDraft(rec, func(e *evidence.Event) {
		e.Parent = &evidence.Parent{Item: parent.ID, Kind: evidence.Redacted, Leaf: derive.Leaf.Hash()}
	})
}

// childNotEnclosed is a dossier about a thing from which another was derived.
func childNotEnclosed() *pack.Dossier {
	w, parent, _ := deriving()
	return verifytest.Clone(w.Dossier(parent))
}

// parentNotEnclosed is a dossier about a thing that was derived from another.
func parentNotEnclosed() *pack.Dossier {
	w, _, child := deriving()
	return verifytest.Clone(w.Dossier(child))
}

// family is a dossier about things of which each came from another: with the other, and
// without.
func family() *pack.Dossier {
	w, parent, child := deriving()
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	derived(ann, parent) // not enclosed
	grandchild := derived(ann, child)
	return verifytest.Clone(w.Dossier(parent, grandchild))
}

// everything is a dossier about two things, with whatever an act can say: two signers, a
// carrier, a due time, a court that has no key, an erased act, entries that are held back.
func everything() *pack.Dossier {
	w := verifytest.New(verifytest.Config{})
	ann, eve := w.State("AA").Enrol(evidence.RoleCollector), w.State("AA").Enrol(evidence.RoleCollector)
	bob, judge := w.State("BB").Enrol(evidence.RoleCustodian), w.State("BB").Enrol(evidence.RoleCourt)
	item := ann.CollectWith([]*verifytest.Officer{eve}, verifytest.Record{Files: files, Fields: full})
	item.Events[0].Hide(func(e evidence.ViewEntry) *evidence.Withholding {
		if e.Name != "description" && e.Name != "file/1" {
			return nil
		}
		return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "Court", Code: evidence.ReasonScope, Review: "2027-01-01"}}
	})
	offerTo(item, ann, bob)
	item.Accept(bob)
	gone := item.Act(evidence.Examine, []*verifytest.Officer{bob}, verifytest.Record{})
	item.Act(evidence.Dispose, []*verifytest.Officer{bob, judge}, verifytest.Record{}, func(e *evidence.Event) {
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 1"}}
	})
	gone.Erased = true
	item.Act(evidence.Disclose, []*verifytest.Officer{bob}, verifytest.Record{}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyCourt, State: "BB", Ref: "chamber 3"}
	})
	return verifytest.Clone(w.Dossier(item, eve.Collect(verifytest.Record{Fields: map[string]any{"place": "Exhibit store A"}})))
}

// offerTo offers a thing through a carrier, in bags that were sealed again.
func offerTo(item *verifytest.Item, from, to *verifytest.Officer) {
	said := map[string]any{"carrier": "Carrier, van 7", "tracking": "T-4711", "physical-seal.before": []any{"S-1", "S-2"}, "physical-seal.after": []any{"S-3"}}
	item.Act(evidence.Offer, []*verifytest.Officer{from}, verifytest.Record{Fields: said}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: to.ID, State: evidence.StateCode(to.State.Code)}
		e.Due = evidence.Instant(e.Recorded.Add(48 * time.Hour))
	})
}

package report

import (
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// dossierView is what a report repeats of a dossier: only what the verdict has
// proven.
type dossierView struct {
	items map[evidence.ItemID][]actView
	lines map[evidence.ItemID]*pack.ItemLine
}

// actView is one event of an item.
type actView struct {
	seq    uint64
	line   *pack.EventLine
	event  *evidence.Event // nil when erased, or when the envelope does not hold
	record *evidence.View  // nil when the record is not proven
}

// viewDossier reads the items' events. An event counts when its envelope holds
// in the verdict, its record when that holds too.
func viewDossier(d *pack.Dossier, v *verify.Verdict) *dossierView {
	view := &dossierView{items: map[evidence.ItemID][]actView{}, lines: map[evidence.ItemID]*pack.ItemLine{}}
	for i := range d.Items {
		view.lines[d.Items[i].Item] = &d.Items[i]
	}
	proven := provenSubjects(v)
	for i := range d.Events {
		e := &d.Events[i]
		item, seq, err := e.Place()
		if err != nil || view.lines[item] == nil {
			continue
		}
		a := actView{seq: seq, line: e}
		subject := item.String() + "/" + strconv.FormatUint(seq, 10)
		if e.Erased == nil && proven[[2]string{formCheck, subject}] {
			a.event = eventOf(e)
		}
		if a.event != nil && proven[[2]string{recordCheck, subject}] {
			a.record = e.Record
		}
		view.items[item] = append(view.items[item], a)
	}
	return view
}

func eventOf(e *pack.EventLine) *evidence.Event {
	env, err := signing.Parse(e.Envelope)
	if err != nil {
		return nil
	}
	event, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return nil
	}
	return event
}

// provenSubjects returns check and subject of every finding that holds, and of
// none that another one with the same name contradicts.
func provenSubjects(v *verify.Verdict) map[[2]string]bool {
	proven := map[[2]string]bool{}
	for _, i := range v.Items {
		for _, q := range i.Questions {
			for _, f := range q.Findings {
				key := [2]string{f.Check, f.Subject}
				before, seen := proven[key]
				proven[key] = f.Status == verify.Holds && (before || !seen)
			}
		}
	}
	return proven
}

// first returns the event that sealed an item, or nil.
func (d *dossierView) first(item evidence.ItemID) *actView {
	acts := d.items[item]
	if len(acts) == 0 || acts[0].seq != 0 {
		return nil
	}
	return &acts[0]
}

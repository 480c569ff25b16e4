package verify_test

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/inventory"
	"example.org/custody/spec"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// requestCases are about question 8: the request under which an item came, and its
// use limits (spec/request.md).
func requestCases() []testCase {
	return []testCase{
		{"x-request-holds", holding, "An item came under a request that was signed, recognised, answered in time; what was delivered was received.", func() outcome {
			return answeredRequest(nil).out().holds(8, "request.steps", "the request was recognised at").shows(8, "holds", "request.steps", "was signed by custodian of DE").
				shows(8, "holds", "request.clock", "the deadline acknowledge was kept by both readings").shows(8, "holds", "request.inventory", "what was received is what was delivered").
				shows(8, "holds", "request.inventory", "the files shown are all that was delivered, 1 in number")
		}},
		{"x-request-one-sided", holding, "Each step of the request is signed by one side alone: the recognition is an act of who signed it, and the deadline was kept whatever either says of its times.", func() outcome {
			s := answeredAfter(0, nil, alone)
			return s.out().holds(8, "request.inventory", "what was received is what was delivered").
				shows(8, "holds", "request.steps", "the request was recognised at").shows(8, "holds", "request.clock", "the deadline acknowledge was kept by both readings")
		}},
		{"x-request-one-sided-slow", holding, "One side alone says when the request came to it, ten days after it was sent, and that it was acknowledged that day: that it was in time is its word.", func() outcome {
			s := answeredAs(answering{way: day(10)})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.clock", "alone: the deadline acknowledge was kept")
		}},
		{"x-use-accepted-elsewhere", holding, "An offer named a receiver of the own state; an officer of another state took the item over, and the limits do not allow that.", func() outcome {
			s := answeredRequest(nil)
			eva := s.w.State("AT").Enrol(evidence.RoleCustodian)
			s.item.Offer(s.ann, eva, func(e *evidence.Event) { e.Counterparty.State = "DE" })
			s.item.Accept(eva)
			return s.out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for AT was allowed")
		}},
		{"x-use-returned", holding, "The item was returned to an authority of another state, and nobody decided whether that was allowed.", func() outcome {
			s := answeredRequest(nil)
			s.item.Act(evidence.Return, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
				e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyAuthority, State: "AT"}
			})
			return s.out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for AT was allowed")
		}},
		{"x-request-form-held-back", holding, "The request's form is held back: who signed it, and when it was answered, is shown all the same, and not whether it was complete.", func() outcome {
			s := answeredRequest(nil)
			for _, e := range s.request.Events {
				e.Hide(hideForm)
			}
			return s.out().holds(8, "request.steps", "was recognised at").shows(8, "holds", "request.clock", "acknowledge").
				shows(8, "undecided", "request.steps", "its form is held back")
		}},
		{"x-request-not-shown", holding, "The request that the item names is not in the file: nothing is said of it.", func() outcome {
			s := answeredRequest(nil)
			o := s.stage.out()
			return o.holds(1, "record.root", "").shows(8, "undecided", "request.steps", "is not in this file")
		}},
		{"x-request-none", holding, "What the item names as its request is another item.", func() outcome {
			s := answeredRequest(nil)
			other := s.ann.Collect(oneFile)
			s.item.Act(evidence.Examine, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{mla.FieldRequest: other.ID}})
			return s.out(other).holds(1, "record.root", "").shows(8, "fails", "request.steps", "what is named as the request is none")
		}},
		{"x-request-unsigned", holding, "The request was never signed, and a program wrote its answer all the same: the steps do not count.", func() outcome {
			return answeredRequest(func(s *mla.State) { skip(s, "signed") }).out().holds(1, "record.root", "").
				shows(8, "fails", "request.steps", "was not signed before").shows(8, "undecided", "request.steps", "does not count")
		}},
		{"x-request-late", holding, "The request was acknowledged weeks after it was due by every reading.", func() outcome {
			return answeredAfter(30*24*time.Hour, nil, together).out().holds(1, "record.root", "").shows(8, "fails", "request.clock", "the deadline acknowledge was missed by both readings")
		}},
		{"x-request-late-by-proof", holding, "The acknowledgement is said to be of the day after delivery, by an envelope made forty days later: that it was in time is its signers' word.", func() outcome {
			s := answeredAs(answering{late: day(40), claims: func(e *evidence.Event, due time.Time) { occurred(e, due.Add(day(1))) }, sides: together})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.clock", "the deadline acknowledge was kept rests on the word of who acted").but(verify.ExitUndecided)
		}},
		{"x-request-late-by-receipt", holding, "Act and envelope of the acknowledgement are said to be of the day after delivery; the ledger had it forty days later.", func() outcome {
			s := answeredAs(answering{late: day(40), claims: func(e *evidence.Event, due time.Time) {
				occurred(e, due.Add(day(1)))
				e.Recorded = evidence.Instant(due.Add(day(1)))
			}, sides: together})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.clock", "the deadline acknowledge was kept rests on the word of who acted")
		}},
		{"x-request-named-by-asker", holding, "The state that asked seals something of its own, and says that it came under its request: nobody of the other state signed that.", func() outcome {
			s := answeredRequest(nil)
			s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{mla.FieldRequest: s.request.ID}, Files: []verifytest.File{{Path: "b.txt", Content: []byte("b")}}})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.steps", "no event of the item is signed by an officer of FR")
		}},
		{"x-request-delivered-as-files", holding, "The state that asked seals the files that came under its request: they are what the other side committed to.", func() outcome {
			s := answeredRequest(nil)
			s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{mla.FieldRequest: s.request.ID}, Files: oneFile.Files})
			return s.out().holds(8, "request.inventory", "the files shown are all that was delivered, 1 in number")
		}},
		{"x-request-other-files", holding, "As many files are shown as were delivered, and another is among them.", func() outcome {
			s := answeredRequest(nil, verifytest.File{Path: "b.txt", Content: []byte("b")})
			return s.out().holds(1, "record.root", "").shows(8, "fails", "request.inventory", "as many as were delivered, 1, and are others")
		}},
		{"x-use-allowed", holding, "The item was shown for what it was given for; another use was asked for, and then agreed to.", func() outcome {
			s := answeredRequest(nil)
			s.used("K", mla.Allow)
			s.used("L", mla.Ask)
			s.item.Act(evidence.Step, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{mla.FieldConsent: mla.Agreed{
				Document: evidence.Hash{1}, Giver: "FR", Proceeding: "L", Purpose: "prosecution", Reference: "letter", State: "DE"}}})
			s.used("L", mla.Allow)
			return s.out().holds(8, "limits.kept", "what was allowed here").shows(8, "not applicable", "limits.kept", "a use for DE was asked for and refused: ask")
		}},
		{"x-use-before-expiry", holding, "The item was shown an hour before its limit ended, and its ledger had that the same minute.", func() outcome {
			return expiring(2*time.Hour, 0, false).out().holds(8, "limits.kept", "what was allowed here")
		}},
		{"x-use-expired-by-anchor", holding, "The item was shown after its limit had ended; the desk's clock was set back, and the checkpoint on which the event rests proves the time.", func() outcome {
			return expiring(time.Hour, 2*time.Hour, true).out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "the use limits before it say deny").but(verify.ExitUndecided)
		}},
		{"x-use-expired-by-receipt", holding, "The item was shown before its limit ended, by the desk's own clock alone: the ledger had it after.", func() outcome {
			return expiring(time.Hour, 2*time.Hour, false).out().holds(1, "record.root", "").shows(8, "undecided", "limits.kept", "nothing proves that it was before its use limits, or a consent, ended")
		}},
		{"x-use-made-for-another-case", holding, "What was made from the item is for another proceeding, and nobody decided whether that was allowed.", func() outcome {
			s := answeredRequest(nil)
			child := s.derived(verifytest.Record{Fields: map[string]any{"case": "L", mla.FieldLimits: s.limits}, Files: oneFile.Files})
			return s.out(child).holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for DE was allowed, and the use limits before it say ask")
		}},
		{"x-use-made-for-its-case", holding, "What was made from the item states the proceeding that the item was given for, and the item states none.", func() outcome {
			s := answeredRequest(nil)
			child := s.derived(verifytest.Record{Fields: map[string]any{"case": "K", mla.FieldLimits: s.limits}, Files: oneFile.Files})
			return s.out(child).holds(1, "record.root", "").shows(8, "undecided", "limits.kept", "whether what was made here is for another proceeding is not shown")
		}},
		{"x-use-made-for-held-back", holding, "For which proceeding it is what was made from the item, is held back.", func() outcome {
			s := answeredRequest(nil)
			child := s.derived(verifytest.Record{Fields: map[string]any{"case": "L", mla.FieldLimits: s.limits}, Files: oneFile.Files})
			child.Events[0].Hide(hide("case", false))
			return s.out(child).holds(1, "record.root", "").shows(8, "undecided", "limits.kept", "whether what was made here is for another proceeding is not shown")
		}},
		{"x-use-not-allowed", holding, "A use is recorded as allowed, and the state that gave the item was not asked.", func() outcome {
			s := answeredRequest(nil)
			s.used("L", mla.Allow)
			return s.out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for DE was allowed, and the use limits before it say ask")
		}},
		{"x-use-denied-and-done", holding, "The item was shown to another state although the use was denied; that the denial is recorded does not help.", func() outcome {
			s := answeredRequest(nil)
			denied := mla.Decided{Act: evidence.Disclose, Ask: []string{}, At: evidence.Instant(s.w.Now), Decision: mla.Deny, Handling: []string{},
				Proceeding: "K", Purpose: "prosecution", Reasons: []mla.Reason{}, State: "AT"}
			s.item.Act(evidence.Disclose, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{mla.FieldUse: denied}}, func(e *evidence.Event) {
				e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyAuthority, State: "AT"}
			})
			return s.out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for AT was allowed")
		}},
		{"x-request-step-held-back", holding, "The last step of the request is held back: it does not count, and that is said.", func() outcome {
			s := answeredRequest(nil)
			s.step(s.ann, mla.Issuing, "in-use", nil)
			s.request.Last().Hide(hide(mla.StepEntry+"to", false))
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.steps", "held back or erased")
		}},
		{"x-request-withdrawn", holding, "The request was recognised and withdrawn afterwards: nothing says that it still carries what came under it.", func() outcome {
			s := answeredRequest(nil)
			s.step(s.ann, mla.Issuing, mla.Withdrawn, map[string]any{"reason": "the suspect has died"})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.steps", "it stands at withdrawn")
		}},
		{"x-request-named-by-stranger", holding, "An officer of a third state names the request: it is not one of theirs.", func() outcome {
			s := answeredRequest(nil)
			other := s.w.State("AT").Enrol(evidence.RoleCustodian)
			s.item = other.Collect(verifytest.Record{Fields: map[string]any{mla.FieldRequest: s.request.ID}, Files: oneFile.Files})
			return s.out().holds(1, "record.root", "").shows(8, "undecided", "request.steps", "was named by an officer of AT")
		}},
		{"x-use-not-decided", holding, "The item was shown to another state, and nobody decided whether that was allowed.", func() outcome {
			s := answeredRequest(nil)
			s.item.Act(evidence.Disclose, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
				e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyAuthority, State: "AT"}
			})
			return s.out().holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use for AT was allowed")
		}},
		{"x-limits-inherited", holding, "What was made from the item has its use limits.", func() outcome {
			s := answeredRequest(nil)
			child := s.derived(verifytest.Record{Fields: map[string]any{mla.FieldLimits: s.limits}, Files: oneFile.Files})
			return s.out(child).holds(1, "record.root", "").shows(8, "holds", "limits.kept", "every use limit of what it was made from")
		}},
		{"x-limits-lost", holding, "What was made from the item has lost a use limit.", func() outcome {
			s := answeredRequest(nil)
			child := s.derived(oneFile)
			return s.out(child).holds(1, "record.root", "").shows(8, "fails", "limits.kept", "a use limit of what it was made from is missing: eio/1 K")
		}},
	}
}

// answered is a stage with a request of DE that FR answered.
type answered struct {
	*stage
	request *verifytest.Item
	jean    *verifytest.Officer
	limits  []mla.Limit
	sides   sides
	claims  func(e *evidence.Event, delivered time.Time) // the times that the acknowledgement states; nil: the true ones

	delivered time.Time
}

// answering is how a request of DE is answered.
type answering struct {
	way    time.Duration // from when it was sent to delivery
	late   time.Duration // from delivery to acknowledgement
	claims func(e *evidence.Event, delivered time.Time)
	change func(*mla.State) // may leave out a step
	sides  sides
	files  []verifytest.File // of the item, instead of the one delivered
	limit  func(*mla.Limit, time.Time)
}

// occurred lets an event say that its act was over at a moment.
func occurred(e *evidence.Event, at time.Time) {
	e.Occurred.From, e.Occurred.To = evidence.Instant(at.Add(-time.Minute)), evidence.Instant(at)
}

// expiring has an item whose limit ends after a time, shown so much later by a desk whose
// clock says that it is earlier; known lets a checkpoint of just before be at hand.
func expiring(ends, passed time.Duration, known bool) *answered {
	s := answeredAs(answering{sides: together, limit: func(l *mla.Limit, now time.Time) { l.Expires = evidence.Instant(now.Add(ends)) }})
	claimed := evidence.Instant(s.w.Now.Add(time.Minute))
	s.w.Tick(passed)
	if known {
		s.jean.Collect(oneFile) // anchors are of other states' ledgers
	}
	use := mla.Decided{Act: evidence.Disclose, Ask: []string{}, At: claimed, Decision: mla.Allow, Handling: []string{}, Proceeding: "K", Purpose: "prosecution", Reasons: []mla.Reason{}, State: "DE"}
	s.item.Act(evidence.Disclose, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{mla.FieldUse: use}}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyCourt, State: "DE"}
		if passed > 0 {
			occurred(e, claimed)
			e.Recorded = claimed
		}
	})
	return s
}

// sides is who signs a step that both sides have to sign.
type sides bool

const (
	together sides = true
	alone    sides = false
)

func (s *answered) out(also ...*verifytest.Item) outcome {
	return s.stage.out(append(also, s.request)...)
}

// skip has a state left out, and everything that follows written past the guards.
func skip(s *mla.State, which mla.State) {
	if *s == which {
		*s = ""
	}
}

func hideForm(e evidence.ViewEntry) *evidence.Withholding {
	if !strings.HasPrefix(e.Name, mla.FormEntry) {
		return nil
	}
	return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "DE", Code: evidence.ReasonProtectedPerson, Review: "2027-01-01"}}
}

func answeredRequest(change func(*mla.State), files ...verifytest.File) *answered {
	return answeredAfter(0, change, together, files...)
}

// answeredAfter is a request answered so late, with steps left out, by these sides, with
// these files.
func answeredAfter(late time.Duration, change func(*mla.State), sides sides, files ...verifytest.File) *answered {
	return answeredAs(answering{late: late, change: change, sides: sides, files: files})
}

// answeredAs has an item in the hands of DE that FR delivered under its request.
func answeredAs(in answering) *answered {
	w := verifytest.New(verifytest.Config{States: []string{"AT", "DE", "FR"}, MaxAge: 365 * 24 * time.Hour})
	s := &answered{stage: &stage{w: w, ann: w.State("DE").Enrol(evidence.RoleCustodian)}, jean: w.State("FR").Enrol(evidence.RoleCustodian), sides: in.sides, claims: in.claims}
	files := in.files
	if len(files) == 0 {
		files = oneFile.Files
	}
	s.draft()
	if in.limit != nil {
		in.limit(&s.limits[0], w.Now)
	}
	inv, err := inventory.New([]inventory.Entry{{Name: "a.txt", SHA256: evidence.DigestBytes([]byte("a"), evidence.WithSHA256).SHA256}})
	if err != nil {
		panic(err)
	}
	root := "sha256:" + inv.Root().String()
	take := func(by *verifytest.Officer, side mla.Side, to mla.State, facts map[string]any) {
		if in.change != nil {
			in.change(&to)
		}
		if to != "" {
			s.step(by, side, to, facts)
		}
	}
	take(s.ann, mla.Issuing, "ready", nil)
	take(s.ann, mla.Issuing, "signed", nil)
	take(s.ann, mla.Issuing, "sent", map[string]any{"channel": "direct"})
	s.request.Offer(s.ann, s.jean)
	s.request.Accept(s.jean)
	w.Tick(in.way)
	take(s.jean, mla.Executing, "delivered", nil)
	s.delivered = w.Now
	w.Tick(in.late)
	take(s.jean, mla.Executing, "acknowledged", nil)
	take(s.jean, mla.Executing, "recognised", map[string]any{"recognition": "full", "decision": root})
	take(s.jean, mla.Executing, "executing", nil)
	take(s.jean, mla.Executing, "sealed-abroad", map[string]any{"inventory-count": 1, "inventory-root": root})
	take(s.jean, mla.Executing, "transferred", map[string]any{"conditions": "none"})
	s.give(files)
	s.request.Offer(s.jean, s.ann)
	s.request.Accept(s.ann)
	take(s.ann, mla.Issuing, "received-verified", map[string]any{"received-count": 1, "received-root": root})
	return s
}

// draft seals the request, its form complete.
func (s *answered) draft() {
	i, err := mla.Builtin().Instrument("eio")
	if err != nil {
		panic(err)
	}
	b, err := spec.Vectors.ReadFile("vectors/form-eio-annex-a.txtar")
	if err != nil {
		panic(err)
	}
	var form map[string]any
	if err := json.Unmarshal(txtar.Parse(b).Files[0].Data, &form); err != nil {
		panic(err)
	}
	fields := map[string]any{
		mla.RequestEntry + "instrument": i.Name(), mla.RequestEntry + "sha256": i.Digest().String(), mla.RequestEntry + "form": "annex-a",
		mla.RequestEntry + "from": "DE", mla.RequestEntry + "to": "FR", mla.RequestEntry + "measures": []string{"search-seizure"},
	}
	for name, v := range form {
		fields[mla.FormEntry+name] = v
	}
	s.request = s.ann.Collect(verifytest.Record{Fields: fields})
	law := mla.Request{Instrument: i, From: "DE", To: "FR"}
	s.limits = []mla.Limit{law.Limit("K", "prosecution")}
}

// step takes one step of the request.
func (s *answered) step(by *verifytest.Officer, side mla.Side, to mla.State, facts map[string]any) {
	fields, signers := map[string]any{mla.StepEntry + "to": to, mla.StepEntry + "by": side}, []*verifytest.Officer{by}
	if early := slices.Contains([]mla.State{"ready", "signed", "sent", mla.Withdrawn}, to); s.sides == together && !early {
		signers = append(signers, map[bool]*verifytest.Officer{true: s.jean, false: s.ann}[by == s.ann])
	} else {
		fields[mla.StepEntry+"one-sided"] = "by post"
	}
	for name, v := range facts {
		fields[mla.StepEntry+name] = v
	}
	s.request.Act(evidence.Step, signers, verifytest.Record{Fields: fields}, func(e *evidence.Event) {
		if to == "acknowledged" && s.claims != nil {
			s.claims(e, s.delivered)
		}
	})
}

// give hands an item with these files from FR to DE, under the request.
func (s *answered) give(files []verifytest.File) {
	s.item = s.jean.Collect(verifytest.Record{Files: files})
	s.item.Act(evidence.Offer, []*verifytest.Officer{s.jean}, verifytest.Record{Fields: map[string]any{mla.FieldRequest: s.request.ID, mla.FieldLimits: s.limits}},
		func(e *evidence.Event) {
			e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: s.ann.ID, State: "DE"}
			e.Due = evidence.Instant(s.w.Now.Add(48 * time.Hour))
		})
	s.item.Accept(s.ann)
}

// used records a use for a proceeding in DE: a disclosure, or a step that refuses it.
func (s *answered) used(proceeding string, d mla.Decision) {
	s.decided(evidence.Disclose, proceeding, d)
}

// decided is [answered.used] of another act.
func (s *answered) decided(act evidence.Action, proceeding string, d mla.Decision) {
	use := mla.Decided{Act: act, Ask: []string{}, At: evidence.Instant(s.w.Now), Decision: d, Handling: []string{}, Proceeding: proceeding, Purpose: "prosecution", Reasons: []mla.Reason{}, State: "DE"}
	action, edit := evidence.Disclose, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyCourt, State: "DE"}
	}
	if d != mla.Allow {
		action, edit = evidence.Step, func(*evidence.Event) {}
	}
	s.item.Act(action, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{mla.FieldUse: use}}, edit)
}

// derived makes an item from the one that was delivered.
func (s *answered) derived(r verifytest.Record) *verifytest.Item {
	rec, id := s.ann.State.Draft(r)
	derive := s.item.Act(evidence.Derive, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
		e.Opens.Children = []evidence.Child{{Item: id, Origin: s.ann.State.Log.Origin}}
	})
	return s.ann.CollectDraft(rec, func(e *evidence.Event) {
		e.Parent = &evidence.Parent{Item: s.item.ID, Kind: evidence.Copied, Leaf: derive.Leaf.Hash()}
	})
}

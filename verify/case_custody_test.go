package verify_test

import (
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/verifytest"
)

// custodyCases are about who held the item, and about acts out of turn (P14,
// P25, spec/event.md "Roles and acts").
func custodyCases() []testCase {
	by := func(o ...*verifytest.Officer) []*verifytest.Officer { return o }
	return []testCase{
		{"p14-accepted", holding, "Custody passes with the accept, which the named receiver signs.", func() outcome {
			return handed().out().holds(3, "custody.structure", "as custody allows").shows(2, "holds", "act.allowed", "accept by the examiner of BB")
		}},
		{"p14-open-offer", holding, "An offer that waits for its answer: the giver still answers.", func() outcome {
			return offered().out().holds(3, "custody.structure", "as custody allows")
		}},
		{"p14-withdrawn-by-both", holding, "The offer was withdrawn before its time, signed by the receiver too.", func() outcome {
			s := offered()
			s.item.Act(evidence.Withdraw, by(s.ann, s.bob), verifytest.Record{})
			return s.out().holds(2, "act.allowed", "withdraw by")
		}},
		{"p14-declined", holding, "The receiver declined, and the giver goes on.", func() outcome {
			s := offered()
			s.item.Act(evidence.Decline, by(s.bob), verifytest.Record{})
			s.examine(s.ann)
			return s.out().holds(3, "custody.structure", "as custody allows")
		}},
		{"p14-withdrawn-alone", breaking, "The giver withdrew before the answer was due, without the receiver.", func() outcome {
			s := offered()
			s.item.Act(evidence.Withdraw, by(s.ann), verifytest.Record{})
			return s.out().fails(2, "act.allowed", "before the offer is due the receiver must sign as well")
		}},
		{"p14-withdrawn-alone-postdated", breaking, "The giver withdrew alone and wrote a time after the answer was due; the ledger had it before.", func() outcome {
			s := offered()
			due := s.item.Last().Event.Due
			s.item.Act(evidence.Withdraw, by(s.ann), verifytest.Record{}, func(e *evidence.Event) {
				e.Recorded, e.Occurred.From, e.Occurred.To = due.Add(time.Second), due, due
			})
			o := s.out()
			event(o.d, s.item, 2).Receipt = nil
			return o.fails(3, "custody.structure", "without the receiver's signature")
		}},
		{"p14-accepted-by-another", breaking, "Someone accepted whom the offer does not name.", func() outcome {
			s := offered()
			s.item.Accept(s.w.State("BB").Enrol(evidence.RoleExaminer))
			return s.out().fails(2, "act.allowed", "the offer names")
		}},
		{"p14-accepted-into-a-third-state", breaking, "The receiver opens the next seal in a ledger that is not its own state's.", func() outcome {
			s := newStage(verifytest.Config{States: []string{"AA", "BB", "CC"}})
			s.w.State("CC").Enrol(evidence.RoleCustodian)
			s.item = s.ann.Collect(oneFile)
			s.item.Offer(s.ann, s.bob)
			s.item.Accept(s.bob, func(e *evidence.Event) { e.Opens.Next.Origin = "log.CC.example/1" })
			return s.out().fails(2, "act.allowed", "in a ledger of CC, and the receiver is of BB")
		}},
		{"p14-withdrawn-alone-by-the-clock", breaking, "The giver withdrew alone and early, by a clock that it says was ahead.", func() outcome {
			s := offered()
			due := s.item.Last().Event.Due
			s.item.Act(evidence.Withdraw, by(s.ann), verifytest.Record{}, func(e *evidence.Event) {
				ahead := due.Sub(e.Recorded) + time.Second
				e.Recorded, e.Occurred.From, e.Occurred.To = e.Recorded.Add(ahead), e.Occurred.From.Add(ahead), e.Occurred.To.Add(ahead)
				e.Occurred.OffsetMS = ahead.Milliseconds()
			})
			return s.out().fails(2, "act.allowed", "before the offer is due the receiver must sign as well")
		}},
		{"p14-withdrawn-alone-by-another-clock", breaking, "The giver withdrew alone and early, and says that the clock of the act, not of the envelope, was three days slow.", func() outcome {
			s := offered()
			s.item.Act(evidence.Withdraw, by(s.ann), verifytest.Record{}, func(e *evidence.Event) {
				e.Occurred.Clock, e.Occurred.OffsetMS = evidence.ClockOperator, -day(3).Milliseconds()
			})
			return s.out().fails(2, "act.allowed", "before the offer is due the receiver must sign as well")
		}},
		{"x-step-by-both-sides", holding, "A step of a request by the custodian that names the other side, and one by the other side; custody stays.", func() outcome {
			s := collected()
			s.item.Act(evidence.Step, by(s.ann), verifytest.Record{}, naming(s.bob))
			s.item.Act(evidence.Step, by(s.bob), verifytest.Record{})
			return s.out().shows(2, "holds", "act.allowed", "step by the examiner of BB").holds(3, "custody.structure", "as custody allows")
		}},
		{"x-step-by-a-stranger", breaking, "A step of a request by an enrolled officer who is neither the custodian nor the side that was named.", func() outcome {
			s := collected()
			s.item.Act(evidence.Step, by(s.ann), verifytest.Record{}, naming(s.bob))
			s.item.Act(evidence.Step, by(s.w.State("BB").Enrol(evidence.RoleProsecutor)), verifytest.Record{})
			return s.out().fails(2, "act.allowed", "the other side")
		}},
		{"x-step-by-nobody-named", breaking, "A step of a request by an officer of another state before any step named one.", func() outcome {
			s := collected()
			s.item.Act(evidence.Step, by(s.bob), verifytest.Record{})
			return s.out().fails(2, "act.allowed", "the other side nobody known")
		}},
		{"p14-accepted-before-collected", breaking, "The accept says that it began three years before the item was collected: a gap; the giver answers until it was made.", func() outcome {
			s := offered()
			s.item.Accept(s.bob, func(e *evidence.Event) { e.Occurred.From = e.Occurred.From.AddDate(-3, 0, 0) })
			return s.out().undecided(3, "custody.gap", "GAP-OVERLAP")
		}},
		{"p14-accepted-long-unlogged", breaking, "The accept came into its ledger nine days after it says it was made: a gap.", func() outcome {
			s := offered()
			s.item.Accept(s.bob, func(e *evidence.Event) {
				e.Recorded = e.Recorded.Add(-day(9))
				e.Occurred.From, e.Occurred.To = e.Occurred.From.Add(-day(9)), e.Occurred.To.Add(-day(9))
				e.Anchors = []evidence.Hash{}
			})
			return s.out().undecided(3, "custody.gap", "came into its ledger")
		}},
		{"x-collected-since-years", holding, "The collection says that it began five years ago: custody begins when it was over, and nothing is said of before.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) { e.Occurred.From = e.Occurred.From.AddDate(-5, 0, 0) })
			return s.out().holds(3, "custody.structure", "as custody allows")
		}},
		{"x-collected-years-ago", breaking, "The sealer says that he collected it five years ago, and sealed it now: a gap until then.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) {
				e.Occurred.From, e.Occurred.To = e.Occurred.From.AddDate(-5, 0, 0), e.Occurred.To.AddDate(-5, 0, 0)
			})
			return s.out().undecided(3, "custody.gap", "GAP-LATE")
		}},
		{"x-sealed-years-ago", breaking, "Item and envelope are five years old by the sealer's word, and no anchor says otherwise; the ledger had it now: a gap until then.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) {
				e.Occurred.From, e.Occurred.To, e.Recorded = e.Occurred.From.AddDate(-5, 0, 0), e.Occurred.To.AddDate(-5, 0, 0), e.Recorded.AddDate(-5, 0, 0)
				e.Anchors = []evidence.Hash{}
			})
			return s.out().undecided(3, "custody.gap", "came into its ledger")
		}},
		{"p14-accepted-without-offer", breaking, "An accept that no offer came before.", func() outcome {
			s := collected()
			s.item.Accept(s.bob)
			return s.out().fails(2, "act.allowed", "must be offered")
		}},
		{"p14-unanswered", breaking, "The offer was not answered when it was due: disputed, a gap.", func() outcome {
			s := newStage(verifytest.Config{MaxAge: 240 * time.Hour})
			s.item = s.ann.Collect(oneFile)
			s.item.Offer(s.ann, s.bob)
			return s.out().at(day(3)).undecided(3, "custody.gap", "GAP-ONESIDED")
		}},
		{"p14-giver-goes-on", breaking, "The giver examined the item while it was offered.", func() outcome {
			s := offered()
			s.examine(s.ann)
			return s.out().fails(2, "act.allowed", "the item is offered and must be held")
		}},
		{"p14-giver-after-accept", breaking, "The giver examined the item after it was accepted.", func() outcome {
			s := accepted()
			s.examine(s.ann)
			return s.out().fails(2, "act.allowed", "the custodian is")
		}},

		{"p25-never-claimed", holding, "What no package can show is said in every verdict.", func() outcome {
			return handed().out().holds(4, "seal.unbroken", "").shows(10, "not applicable", "not.proven", "these limits hold for every package")
		}},
		{"p25-one-sided", breaking, "The receiver sealed the item itself, naming an offer that its ledger never closed: a gap, never custody.", func() outcome {
			s := offered()
			offer := s.item.Last().Leaf.Hash()
			s.item = s.bob.Collect(oneFile, func(e *evidence.Event) { e.Offer = offer })
			return s.out().undecided(3, "custody.gap", "GAP-ONESIDED")
		}},

		{"x-hold-and-return", breaking, "The item was returned while under a hold.", func() outcome {
			s := collected()
			s.item.Act(evidence.Hold, by(s.ann), verifytest.Record{})
			s.item.End(evidence.Return, by(s.ann))
			return s.out().fails(2, "act.allowed", "under a hold")
		}},
		{"x-released", holding, "A hold, a release, and then the return.", func() outcome {
			s := collected()
			pam := s.w.State("AA").Enrol(evidence.RoleProsecutor)
			s.item.Act(evidence.Hold, by(pam), verifytest.Record{})
			s.item.Act(evidence.Release, by(pam), verifytest.Record{})
			s.item.End(evidence.Return, by(s.ann))
			return s.out().holds(3, "custody.structure", "as custody allows")
		}},
		{"x-released-own", holding, "The custodian released the custodian's own hold; the court's stays.", func() outcome {
			s := collected()
			judge := s.w.State("AA").Enrol(evidence.RoleCourt)
			s.item.Act(evidence.Hold, by(judge), verifytest.Record{})
			s.item.Act(evidence.Hold, by(s.ann), verifytest.Record{})
			s.item.Act(evidence.Release, by(s.ann), verifytest.Record{})
			return s.out().holds(2, "act.allowed", "")
		}},
		{"x-released-by-custodian", breaking, "The custodian released the hold that a prosecutor had put on.", func() outcome {
			s := collected()
			pam := s.w.State("AA").Enrol(evidence.RoleProsecutor)
			s.item.Act(evidence.Hold, by(pam), verifytest.Record{})
			s.item.Act(evidence.Release, by(s.ann), verifytest.Record{})
			s.item.End(evidence.Return, by(s.ann))
			return s.out().fails(2, "act.allowed", "every hold on the item is by a prosecutor or a court")
		}},
		{"x-released-by-custodian-who-signed-too", breaking, "The custodian released the hold that custodian and prosecutor had put on together.", func() outcome {
			s := collected()
			pam := s.w.State("AA").Enrol(evidence.RoleProsecutor)
			s.item.Act(evidence.Hold, by(s.ann, pam), verifytest.Record{})
			s.item.Act(evidence.Release, by(s.ann), verifytest.Record{})
			return s.out().fails(2, "act.allowed", "every hold on the item is by a prosecutor or a court")
		}},
		{"x-released-by-custodian-after-own", breaking, "After the release of the custodian's own hold the prosecutor's still forbids the return.", func() outcome {
			s := collected()
			pam := s.w.State("AA").Enrol(evidence.RoleProsecutor)
			s.item.Act(evidence.Hold, by(pam), verifytest.Record{})
			s.item.Act(evidence.Hold, by(s.ann), verifytest.Record{})
			s.item.Act(evidence.Release, by(s.ann), verifytest.Record{})
			s.item.End(evidence.Return, by(s.ann))
			return s.out().fails(2, "act.allowed", "under a hold")
		}},
		{"x-not-the-custodian", breaking, "Someone examined the item who did not hold it.", func() outcome {
			s := collected()
			s.examine(s.bob)
			return s.out().fails(2, "act.allowed", "the custodian is")
		}},
		{"x-role-may-not-collect", breaking, "A prosecutor's key sealed evidence.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.w.State("AA").Enrol(evidence.RoleProsecutor).Collect(oneFile)
			return s.out().fails(2, "act.allowed", `role "prosecutor"`)
		}},
		{"x-two-events-swapped", breaking, "Two events have changed their places in the ledger.", func() outcome {
			s := collected()
			s.examine(s.ann)
			s.item.Act(evidence.Correct, by(s.ann), verifytest.Record{})
			o := s.out()
			a, b := event(o.d, s.item, 1), event(o.d, s.item, 2)
			a.Index, b.Index = b.Index, a.Index
			return o.fails(4, "leaf.included", s.item.ID.String()+"/1")
		}},
		{"x-two-events-renumbered", breaking, "Two events were signed again under each other's numbers; the ledger has neither.", func() outcome {
			s := collected()
			first, second := s.examine(s.ann), s.item.Act(evidence.Correct, by(s.ann), verifytest.Record{})
			forged := *s.item
			forged.Rewind(1)
			a := s.resigned(&forged, second, 1, s.item.Events[0].Leaf.Hash())
			forged.Rewind(2)
			b := s.resigned(&forged, first, 2, a.Leaf.Hash())
			o := s.out()
			event(o.d, s.item, 1).Envelope, event(o.d, s.item, 2).Envelope = a.Envelope, b.Envelope
			return o.fails(4, "leaf.included", s.item.ID.String()+"/1")
		}},
		{"x-event-inserted", breaking, "An event is shown that was never put into the ledger.", func() outcome {
			s := collected()
			first := s.examine(s.ann)
			o := s.out()
			extra := s.resigned(s.item, first, 2, first.Leaf.Hash())
			line := *event(o.d, s.item, 1)
			line.Envelope, line.SealKey = extra.Envelope, extra.SealKey
			o.d.Events = append(o.d.Events, line)
			return o.fails(4, "leaf.included", s.item.ID.String()+"/2")
		}},
		{"x-previous", breaking, "The event names another event as the one before it than the ledger has.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Previous[0] ^= 1 })
			return s.out().fails(3, "chain.previous", "names another event")
		}},
		{"x-number", breaking, "The event leaves a number out.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Seq = 2 })
			return s.out().fails(3, "chain.seq", "event 1 is not shown")
		}},
		{"x-after-the-end", breaking, "An event after the item's return, closing a seal that nobody opened.", func() outcome {
			s := collected()
			s.item.Act(evidence.Return, by(s.ann), verifytest.Record{})
			s.examine(s.ann, func(e *evidence.Event) { e.Origin, e.Opens.Next.Origin = originA, originA })
			return s.out().fails(2, "act.allowed", "the item is ended")
		}},
		{"x-bytes-differ-again", breaking, "Whoever took the item over found that a file was not the same any more: a gap.", func() outcome {
			s := offered()
			s.item.AcceptWith(s.bob, verifytest.Record{Fields: map[string]any{
				evidence.FieldDigests: evidence.DigestCheck{Checked: 1, Different: []string{"file/1"}},
			}})
			return s.out().undecided(3, "custody.gap", "GAP-HASH")
		}},
		{"x-physical-seal-not-compared", breaking, "Whoever took a sealed bag over does not say which physical seal was on it: a gap.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{evidence.FieldPhysicalSeal: []string{"A 100"}, "object": "a phone"}})
			s.item.Offer(s.ann, s.bob)
			s.item.Act(evidence.Accept, by(s.bob), verifytest.Record{}, func(e *evidence.Event) { e.Opens.Next.Origin = originB })
			return s.out().undecided(3, "custody.gap", "compared no physical seal")
		}},
		{"x-physical-seal-compared", holding, "Whoever took the bag over found the physical seal that was left.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{evidence.FieldPhysicalSeal: []string{"A 100"}, "object": "a phone"}})
			s.item.Offer(s.ann, s.bob)
			s.item.AcceptWith(s.bob, verifytest.Record{Fields: map[string]any{evidence.FieldSealBefore: []string{"A 100"}}})
			return s.out().holds(3, "custody.structure", "as custody allows")
		}},
		{"x-physical-seal", breaking, "The physical seal found is not the one that was left: a gap.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{evidence.FieldPhysicalSeal: []string{"A 100"}, "object": "a phone"}})
			s.item.Offer(s.ann, s.bob)
			s.item.AcceptWith(s.bob, verifytest.Record{Fields: map[string]any{evidence.FieldSealBefore: []string{"A 101"}}})
			return s.out().undecided(3, "custody.gap", "GAP-SEAL")
		}},
	}
}

// resigned is an event signed again, honestly, under another number and after
// another leaf; no ledger takes it.
func (s *stage) resigned(i *verifytest.Item, of *verifytest.Event, seq int64, previous evidence.Hash) *verifytest.Event {
	return i.Unlogged(of.Event.Action, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
		e.Seq, e.Previous = seq, previous
	})
}

// naming makes an officer the counterparty of an event.
func naming(o *verifytest.Officer) verifytest.Edit {
	return func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: o.ID, State: evidence.StateCode(o.State.Code)}
	}
}

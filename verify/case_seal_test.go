package verify_test

import (
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// logA and logB are the ledgers of the stage's two states.
func (s *stage) logA() *verifytest.Log { return s.w.State("AA").Log }
func (s *stage) logB() *verifytest.Log { return s.w.State("BB").Log }

// epoch gives a leaf as the epoch of BB's ledger, where the item stays.
func (s *stage) epoch(leaf ledger.Leaf) outcome {
	index := s.logB().Force(leaf)
	o := s.out()
	o.d.Log(originB).Epoch = s.logB().EpochLine(index, leaf)
	return o
}

// sealCases are about epochs, leaves, and seals in general (P1, P2, P22).
func sealCases() []testCase {
	return []testCase{
		{"p01-covered", holding, "The epoch covers every event, and the last seal is unbroken at it.", func() outcome {
			return handed().out().holds(4, "epoch.form", "covers every event below").shows(4, "holds", "seal.unbroken", "no event below")
		}},
		{"p01-time-note", holding, "The ledger has grown past the epoch; a checkpoint no larger than it gives the time.", func() outcome {
			s := handed()
			s.logB().Proves.Time = s.logB().Checkpoint(verifytest.Cosigning{})
			s.logB().Force(padding)
			return s.out().holds(4, "freshness", "old")
		}},
		{"p01-time-past-epoch", breaking, "The only checkpoint has a leaf that the epoch does not cover, so it gives no time.", func() outcome {
			s := handed()
			s.logB().Force(padding)
			return s.out().undecided(4, "freshness", "leaves past what the epoch covers")
		}},
		{"p01-time-note-of-other-log", breaking, "The checkpoint that should give the time is another ledger's.", func() outcome {
			s := handed()
			s.logB().Proves.Time = s.logA().Latest()
			return s.out().undecided(4, "freshness", "not of this ledger")
		}},
		{"p01-claims-too-much", breaking, "The epoch claims to cover leaves that stand behind it.", func() outcome {
			s := handed()
			e := s.logB().Seals.NextEpoch()
			e.Covered += 5
			return s.epoch(e.Leaf()).fails(4, "epoch.form", "claims to cover")
		}},
		{"p01-epoch-elsewhere", breaking, "The epoch does not stand at the index given.", func() outcome {
			o := handed().out()
			o.d.Log(originB).Epoch.Index--
			return o.fails(4, "epoch.form", "not in the ledger at index")
		}},
		{"p01-covers-too-little", breaking, "The epoch is older than the event that opened the last seal.", func() outcome {
			s := handed()
			s.logB().Proves.Below = s.item.Last().Index
			return s.out().undecided(4, "seal.unbroken", "the epoch covers the ledger below index")
		}},
		{"p01-other-log-later", holding, "The last seal was opened from another ledger, before the time of the epoch.", func() outcome {
			return accepted().out().holds(4, "seal.unbroken", "no event below")
		}},
		{"p01-other-log-earlier", breaking, "The epoch is of a time before the event that opened the last seal from another ledger.", func() outcome {
			s := offered()
			s.logB().Proves.Shared = s.logB().Latest()
			s.item.Accept(s.bob)
			return s.out().undecided(4, "seal.unbroken", "before the seal was opened")
		}},
		{"p01-map-proof", breaking, "The proof that the last seal is unbroken does not lead to the epoch's root.", func() outcome {
			s := handed()
			o := s.out()
			l, last := o.d.Log(originB), s.item.Last().Event.Opens.Next.Seal
			i := slices.IndexFunc(l.Closed, func(c pack.ClosedLine) bool { return c.Seal == last })
			l.Closed[i].Proof.Path[0].Other[3] ^= 1
			return o.fails(4, "seal.accounted", "does not lead to the epoch's root")
		}},

		{"p02-child-shown", holding, "A derived item whose collect closes the seal that the parent's derive opened for it.", func() outcome {
			s, child := derived(nil)
			return s.out(child).holds(4, "seal.accounted", "is closed by "+child.ID.String()).shows(3, "holds", "custody.parent", "names it")
		}},
		{"p02-child-not-shown", holding, "A derived item that is not in the package: it is said where it goes on.", func() outcome {
			s, _ := derived(nil)
			return s.out().holds(4, "seal.accounted", "goes on as item")
		}},
		{"p02-ended", holding, "A returned item opens no seal, so nothing can follow.", func() outcome {
			s := collected()
			s.item.End(evidence.Return, []*verifytest.Officer{s.ann})
			return s.out().holds(4, "seal.accounted", "is closed by").shows(4, "not applicable", "freshness", "no seal is shown to be open")
		}},
		{"p02-not-accounted", breaking, "Nothing shows what became of the last seal.", func() outcome {
			o := handed().out()
			o.d.Log(originB).Closed = nil
			return o.undecided(4, "seal.accounted", "nothing shows what became of the seal")
		}},
		{"p02-closed-by-other-item", breaking, "The item's open seal is closed by an event of another item.", func() outcome {
			s := collected()
			other := s.ann.Collect(oneFile)
			other.Take(s.item)
			other.Act(evidence.Examine, []*verifytest.Officer{s.ann}, verifytest.Record{})
			return s.out(other).fails(4, "seal.accounted", "an event of another item")
		}},
		{"p02-child-not-named", breaking, "An item calls itself derived from one whose derive names another.", func() outcome {
			s, child := derived(func(e *evidence.Event) { e.Opens.Children[0].Item[0] ^= 1 })
			return s.out(child).fails(3, "custody.parent", "does not name it")
		}},

		{"p02-child-before-derive", breaking, "A derived item was collected before the parent's derive came into the ledger.", func() outcome {
			s := collected()
			rec, child := s.w.State("AA").Draft(oneFile)
			d := s.item.Unlogged(evidence.Derive, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
				e.Opens.Children = []evidence.Child{{Item: child, Origin: originA}}
			})
			derived := s.ann.CollectDraft(rec, func(e *evidence.Event) {
				e.Parent = &evidence.Parent{Item: s.item.ID, Kind: evidence.Copied, Leaf: d.Leaf.Hash()}
			})
			s.item.Put(d)
			return s.out(derived).undecided(3, "custody.parent", "nothing shows that")
		}},
		{"p22-all-types", holding, "A ledger that holds leaves of every type.", func() outcome {
			s := collected()
			for _, t := range []ledger.LeafType{ledger.TypeTrustList, ledger.TypeCheckpoint, ledger.TypeAccessLog} {
				s.logA().Append(ledger.HashLeaf(t, evidence.Hash{byte(t)}))
			}
			s.logA().Append(padding)
			s.examine(s.ann)
			return s.out().holds(4, "epoch.form", "covers every event")
		}},
		{"p22-unused-bytes", breaking, "The epoch's leaf has a bit set where nothing may be.", func() outcome {
			s := handed()
			leaf := s.logB().Seals.NextEpoch().Leaf()
			leaf[96] = 1
			return s.epoch(leaf).fails(4, "epoch.form", "is none")
		}},
		{"p22-event-as-epoch", breaking, "An event's leaf is given as the epoch.", func() outcome {
			s := handed()
			o := s.out()
			o.d.Log(originB).Epoch = s.logB().EpochLine(s.item.Last().Index, s.item.Last().Leaf)
			return o.fails(4, "epoch.form", "is none")
		}},
		{"p22-unknown-type", breaking, "A leaf of a type that does not exist is given as the epoch.", func() outcome {
			return handed().epoch(ledger.Leaf{7}).fails(4, "epoch.form", "is none")
		}},
	}
}

var padding = ledger.Leaf{byte(ledger.TypePadding)}

// offered has an item that ann offered to bob.
func offered() *stage {
	s := collected()
	s.item.Offer(s.ann, s.bob)
	return s
}

// accepted has an item that bob took over.
func accepted() *stage {
	s := offered()
	s.item.Accept(s.bob)
	return s
}

// derived has an item of ann's and a child; edit changes the derive.
func derived(edit verifytest.Edit) (*stage, *verifytest.Item) {
	s := collected()
	rec, child := s.w.State("AA").Draft(oneFile)
	edits := []verifytest.Edit{func(e *evidence.Event) {
		e.Opens.Children = []evidence.Child{{Item: child, Origin: originA}}
	}}
	if edit != nil {
		edits = append(edits, edit)
	}
	d := s.item.Act(evidence.Derive, []*verifytest.Officer{s.ann}, verifytest.Record{}, edits...)
	return s, s.ann.CollectDraft(rec, func(e *evidence.Event) {
		e.Parent = &evidence.Parent{Item: s.item.ID, Kind: evidence.Copied, Leaf: d.Leaf.Hash()}
	})
}

// closingCases are about what was left out, and about which close counts (P4,
// P7, P11, P13, P20).
func closingCases() []testCase {
	return []testCase{
		{"p04-seal-key", holding, "Every leaf shows the key of the seal that its event names.", func() outcome {
			return handed().out().holds(4, "seal.closes", "the key opens the seal")
		}},
		{"p04-last-event-dropped", breaking, "The last event is left out; the map of closed seals shows that there was one.", func() outcome {
			s := handed()
			o, last := s.out(), s.item.Last()
			drop(o.d, s.item, 3)
			s.shut(o.d, last)
			return o.fails(4, "seal.accounted", last.Leaf.Hash().String())
		}},
		{"p04-last-event-dropped-without-proof", breaking, "The last event is left out, and the proof about the seal that it closed too.", func() outcome {
			s := handed()
			o := s.out()
			drop(o.d, s.item, 3)
			return o.undecided(4, "seal.accounted", "nothing shows what became of the seal")
		}},
		{"p04-event-between-dropped", breaking, "An event between two others is left out.", func() outcome {
			s := handed()
			o := s.out()
			drop(o.d, s.item, 1)
			s.shut(o.d, s.item.Events[1])
			return o.fails(4, "seal.accounted", "an event that is not shown").shows(3, "fails", "chain.seq", "event 1 is not shown")
		}},
		{"p04-first-event-dropped", breaking, "The collect is left out.", func() outcome {
			s := handed()
			o := s.out()
			drop(o.d, s.item, 0)
			return o.fails(3, "chain.seq", "event 0 is not shown")
		}},
		{"p04-old-map", breaking, "A map from before the last event is shown as the present one.", func() outcome {
			s := handed()
			s.logB().Proves.Below = s.item.Last().Index
			o := s.out()
			drop(o.d, s.item, 3)
			p, err := s.logB().MapBelow(s.item.Last().Index).Prove(s.item.Last().Event.Closes)
			if err != nil {
				panic(err)
			}
			o.d.Log(originB).Closed = []pack.ClosedLine{{Seal: s.item.Last().Event.Closes, Proof: p}}
			return o.undecided(4, "freshness", "leaves past what the epoch covers")
		}},
		{"p04-wrong-seal-key", breaking, "The leaf shows the key of another seal than the event names.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Closes[0] ^= 1 })
			return s.out().fails(4, "seal.closes", "not that of the seal the event names")
		}},
		{"p04-closed-by-no-event", breaking, "The open seal was closed by a leaf that no event stands behind.", func() outcome {
			s := collected()
			s.examine(s.ann)
			o, dead := s.out(), s.item.Last()
			drop(o.d, s.item, 1)
			s.shut(o.d, dead)
			return o.fails(4, "seal.accounted", "closed by an event that is not shown")
		}},
		{"p04-goes-on", breaking, "A new item goes on from one whose seal was closed by no valid event: a gap.", func() outcome {
			s := collected()
			dead := s.item
			cal := s.w.State("AA").Enrol(evidence.RoleCustodian)
			s.item = s.ann.CollectWith([]*verifytest.Officer{cal}, oneFile, func(e *evidence.Event) { e.Continues = dead.ID })
			return s.out().undecided(3, "custody.gap", "goes on from item "+dead.ID.String())
		}},

		{"p07-erased", holding, "An erased event: its leaf, the map, and a disposal by two persons that names it.", func() outcome {
			return erased(nil).out().shows(4, "holds", "erased", "erased by order").shows(3, "undecided", "custody.gap", "GAP-SEQ").but(11)
		}},
		{"p07-erased-without-dispose", breaking, "An event is shown as erased and no disposal names it.", func() outcome {
			s := handed()
			s.item.Events[1].Erased = true
			return s.out().fails(4, "erased", "counts as dropped")
		}},
		{"p07-other-leaf-named", breaking, "The disposal names another leaf.", func() outcome {
			return erased(func(e *evidence.Event) { e.Erases[0].Leaf[0] ^= 1 }).out().fails(4, "erased", "no disposal names its leaf")
		}},
		{"p07-one-person", breaking, "The second signature under the disposal is of nobody who may approve it.", func() outcome {
			s := erasing(evidence.RoleCustodian, nil)
			return s.out().fails(2, "act.allowed", "needs a second signature").shows(4, "undecided", "erased", "rests on act.allowed")
		}},
		{"p07-disposal-of-another-item", breaking, "A disposal of another item names the event's leaf, and says that it had opened nothing.", func() outcome {
			s := collected()
			gone := s.examine(s.ann)
			s.examine(s.ann)
			s.item.Events = s.item.Events[:2]
			gone.Erased = true
			mal, app := s.w.State("BB").Enrol(evidence.RoleCustodian), s.w.State("BB").Enrol(evidence.RoleApprover)
			other := mal.Collect(oneFile)
			other.End(evidence.Dispose, []*verifytest.Officer{mal, app}, func(e *evidence.Event) {
				e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{}, Order: "order 8/2026"}}
			})
			return s.out(other).undecided(4, "erased", "a disposal of another item")
		}},
		{"p07-not-in-the-map", breaking, "No map shows that the erased event's leaf closed its seal.", func() outcome {
			s := erased(nil)
			o := s.out()
			forget(o.d.Log(originA), s.item.Events[1].Event.Closes)
			return o.undecided(4, "leaf.included", "no map of closed seals")
		}},
		{"p07-opened-not-named", breaking, "The disposal does not name the seal that the erased event opened.", func() outcome {
			s := erased(func(e *evidence.Event) { e.Erases[0].Opened[0][0] ^= 1 })
			return s.out().fails(3, "custody.structure", "which the erased event before did not open")
		}},
		{"p07-not-an-event", breaking, "What is given for the erased event is no leaf of an event.", func() outcome {
			s := erased(nil)
			o := s.out()
			event(o.d, s.item, 1).Erased.Leaf = padding
			return o.fails(4, "erased", "none of an event")
		}},

		{"p11-court-policy", holding, "The shared checkpoints meet the court policy and include every event.", func() outcome {
			return handed().out().holds(4, "checkpoint.court", "the court policy is met").shows(4, "holds", "leaf.included", "computed again")
		}},
		{"p11-no-auditor", breaking, "No auditor cosigned: a receipt proves that a leaf exists, not that it is the only one.", func() outcome {
			s := handed()
			o := s.out()
			setNote(o.d, originB, s.logB().Checkpoint(verifytest.Cosigning{Auditors: []string{}}))
			return o.undecided(4, "checkpoint.court", "the court policy is not met")
		}},
		{"p11-no-witness", breaking, "No witness cosigned the shared checkpoint.", func() outcome {
			s := handed()
			o := s.out()
			setNote(o.d, originB, s.logB().Checkpoint(verifytest.Cosigning{Witnesses: []string{}}))
			return o.undecided(4, "checkpoint.court", "witnesses of no state")
		}},
		{"p11-second-close", breaking, "Two events close one seal: the first in the ledger's order is the close.", func() outcome {
			s := collected()
			s.examine(s.ann)
			s.item.Rewind(1)
			s.examine(s.ann)
			return s.out().fails(4, "seal.closes", "closed before")
		}},
		{"p11-second-close-hidden", breaking, "The second close of a seal is shown in the place of the first.", func() outcome {
			s := collected()
			fork := *s.item
			s.examine(s.ann)
			first := s.item.Last()
			fork.Act(evidence.Correct, []*verifytest.Officer{s.ann}, verifytest.Record{})
			s.item = &fork
			o := s.out()
			s.shut(o.d, first)
			return o.fails(4, "seal.accounted", "the map of closed seals says otherwise")
		}},
		{"p11-not-included-yet", breaking, "The shared checkpoint ends before the last event.", func() outcome {
			s := accepted()
			s.w.Refresh()
			s.logB().Proves = verifytest.Proving{Below: s.logB().Size(), Shared: s.logB().Latest()}
			o := s.out()
			s.examine(s.bob)
			s.logB().Proves = verifytest.Proving{}
			o.d.Events = append(o.d.Events, *event(s.w.Dossier(s.item), s.item, 3))
			return o.undecided(4, "leaf.included", "ends before")
		}},
		{"p11-other-tree", breaking, "Witness and auditor cosigned another tree of the same size.", func() outcome {
			s := handed()
			o := s.out()
			cp := s.logB().Tree()
			cp.Root[0] ^= 1
			setNote(o.d, originB, s.w.Cosign(s.logB().Sign(cp), s.w.State("BB"), verifytest.Cosigning{}))
			return o.fails(4, "leaf.included", "does not lead to the ledger's root")
		}},

		{"p13-successor", holding, "A seal still open when its ledger was retired is closed in the successor that the list names.", func() outcome {
			s := moved()
			s.examine(s.ann, func(e *evidence.Event) { e.Origin, e.Opens.Next.Origin = successor, successor })
			return s.out().holds(4, "seal.accounted", "is closed by").shows(3, "holds", "custody.structure", "")
		}},
		{"p13-open-in-successor", holding, "A seal still open when its ledger was retired is unbroken in the successor too.", func() outcome {
			s := moved()
			s.w.State("AA").Enrol(evidence.RoleExaminer) // the successor has an epoch
			return s.out().holds(4, "seal.unbroken", "no event below").shows(4, "holds", "seal.unbroken", "was unbroken when the ledger "+string(originA)+" was retired")
		}},
		{"p13-successor-not-shown", breaking, "The ledger was retired, and nothing shows whether the seal was closed in the successor.", func() outcome {
			s := moved()
			s.w.State("AA").Enrol(evidence.RoleExaminer) // the successor has an epoch
			o := s.out()
			o.d.Logs = slices.DeleteFunc(o.d.Logs, func(l pack.LogLine) bool { return l.Origin == successor })
			return o.undecided(4, "seal.accounted", "in its successor "+string(successor))
		}},
		{"p13-closed-in-successor", breaking, "The seal was closed in the successor, by an event that is not shown.", func() outcome {
			s := moved()
			s.examine(s.ann, func(e *evidence.Event) { e.Origin, e.Opens.Next.Origin = successor, successor })
			o := s.out()
			drop(o.d, s.item, 1)
			for _, l := range []evidence.Origin{originA, successor} {
				s.proveClosed(o.d, l, s.item.Events[1].Event.Closes)
			}
			return o.fails(4, "seal.accounted", "closed by an event that is not shown")
		}},
		{"p13-two-successors", holding, "The ledger was retired, and so was its successor: the seal is unbroken in both and in the one after.", func() outcome {
			s := moved()
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			s.w.State("AA").Succeed("log.AA.example/3")
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			return s.out().holds(4, "seal.unbroken", "of log.AA.example/3 closes").shows(4, "holds", "seal.unbroken", "was unbroken when the ledger "+string(successor)+" was retired")
		}},
		{"p13-second-successor-not-shown", breaking, "The ledger was retired, and so was its successor: nothing shows the seal in the one after.", func() outcome {
			s := moved()
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			s.w.State("AA").Succeed("log.AA.example/3")
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			o := s.out()
			o.d.Logs = slices.DeleteFunc(o.d.Logs, func(l pack.LogLine) bool { return l.Origin == "log.AA.example/3" })
			return o.undecided(4, "seal.accounted", "in its successor log.AA.example/3")
		}},
		{"p13-fork", breaking, "The seal was closed before its ledger was retired, by an event that is not shown, and once more in the successor.", func() outcome {
			s := collected()
			s.examine(s.ann)
			s.w.State("AA").Succeed(successor)
			s.item.Rewind(1)
			s.item.Events = s.item.Events[:1]
			s.item.Act(evidence.Correct, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
				e.Previous = s.item.Events[0].Leaf.Hash()
				e.Seq, e.Origin, e.Opens.Next.Origin = 1, successor, successor
			})
			return s.out().fails(4, "seal.unbroken", "closed by an event that is not shown")
		}},
		{"p13-revoked-twice", breaking, "The key was revoked before its ledger was retired, which is not shown, and once more in the successor.", func() outcome {
			s := collected()
			s.ann.Revoke()
			s.examine(s.ann)
			s.w.State("AA").Succeed(successor)
			k := s.ann.Enrolment
			k.Rewind(1)
			k.Forget(1)
			s.ann.Revoke(func(e *evidence.Event) { e.Seq, e.Previous, e.Origin = 1, k.Events[0].Leaf.Hash(), successor })
			return s.out().fails(2, "seal.unbroken", "closed by an event that is not shown")
		}},
		{"p13-successor-earlier", breaking, "The successor's epoch is of a time before the seal was opened in the ledger that was retired.", func() outcome {
			s := newStage(verifytest.Config{})
			s.w.State("AA").Succeed(successor)
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			next := s.logA()
			old := s.w.State("AA").Logs[0]
			early := verifytest.Proving{Below: next.Size(), Shared: next.Latest()}
			s.w.State("AA").Log = old // and still it takes leaves
			s.w.Tick(hours(10))
			s.item = s.ann.Collect(oneFile)
			s.w.State("AA").Log = next
			s.w.EndAt(old)
			next.Proves = early
			return s.out().undecided(4, "seal.unbroken", "before the seal was opened")
		}},
		{"p13-not-the-end", breaking, "The proof about the retired ledger is from before its end.", func() outcome {
			s := collected()
			s.w.Refresh()
			old := s.logA()
			s.ann.Collect(oneFile)
			s.w.State("AA").Succeed(successor)
			s.w.State("AA").Enrol(evidence.RoleExaminer)
			old.Proves = verifytest.Proving{Below: 4, Shared: old.Note(4)}
			return s.out().undecided(4, "seal.unbroken", "was retired at size 6")
		}},
		{"p13-wrong-ledger", breaking, "The seal was opened for one ledger and closed in another, which is no successor.", func() outcome {
			s := accepted()
			s.examine(s.bob, func(e *evidence.Event) { e.Origin, e.Opens.Next.Origin = originA, originA })
			return s.out().fails(4, "seal.accounted", "was opened for the ledger")
		}},

		{"p20-same-bytes", holding, "Submitted again, the same leaf gets the same place and the same receipt.", func() outcome {
			return handed().out().holds(4, "leaf.included", "computed again").shows(5, "holds", "time.before", "in the ledger by")
		}},
		{"p20-fresh-salt", breaking, "The event was submitted again under a fresh salt; the ledger has the leaf of the first.", func() outcome {
			s := handed()
			o := s.out()
			event(o.d, s.item, 3).Salt[0] ^= 1
			return o.fails(4, "leaf.included", "not what stands at")
		}},
	}
}

const successor = evidence.Origin("log.AA.example/2")

// moved has an item of ann's whose ledger was retired.
func moved() *stage {
	s := collected()
	s.w.State("AA").Succeed(successor)
	return s
}

// forget takes the proof about a seal out of a ledger's line.
func forget(l *pack.LogLine, seal evidence.Seal) {
	l.Closed = slices.DeleteFunc(l.Closed, func(c pack.ClosedLine) bool { return c.Seal == seal })
}

// erased has an item of which an event was erased; edit changes the disposal.
func erased(edit verifytest.Edit) *stage { return erasing(evidence.RoleApprover, edit) }

func erasing(second evidence.Role, edit verifytest.Edit) *stage {
	s := collected()
	gone := s.examine(s.ann)
	dan := s.w.State("AA").Enrol(second)
	edits := []verifytest.Edit{func(e *evidence.Event) {
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 7/2026"}}
	}}
	if edit != nil {
		edits = append(edits, edit)
	}
	s.item.Act(evidence.Dispose, []*verifytest.Officer{s.ann, dan}, verifytest.Record{}, edits...)
	gone.Erased = true
	return s
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

package verify_test

import (
	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// keyCases are about who may sign, where and when (P8).
func keyCases() []testCase {
	return []testCase{
		{"p08-enrolled", holding, "Every event stands between the enrolment of its key and the end of what is known of it.", func() outcome {
			return handed().out().holds(2, "key.period", "was enrolled and not revoked").shows(2, "holds", "key.enrolled", "collector of AA")
		}},
		{"p08-before-revocation", holding, "The key signed, and was revoked later.", func() outcome {
			s := collected()
			s.examine(s.ann)
			s.ann.Revoke()
			return s.out().holds(2, "key.period", "was enrolled and not revoked").shows(2, "holds", "seal.accounted", s.ann.Enrolment.ID.String()+"/1")
		}},
		{"p08-across-logs", holding, "The receiver's key is enrolled in another ledger, and was good at the time of the receipt.", func() outcome {
			return accepted().out().holds(2, "key.period", "examiner of BB")
		}},
		{"p08-across-logs-revoked-later", holding, "The receiver's key was revoked later: a checkpoint of its ledger from after the receipt does not have the revocation yet.", func() outcome {
			s := accepted()
			s.w.Refresh()
			s.bob.Revoke()
			return s.out().holds(2, "key.period", "examiner of BB")
		}},
		{"p08-compromised-before", holding, "The authority was compromised, past the enrolment.", func() outcome {
			s := collected()
			s.w.List = s.w.EditList(compromised(s, s.logA().Point())).List
			s.examine(s.ann)
			return s.out().holds(2, "key.enrolled", "listed at the time")
		}},

		{"p08-before-enrolment", breaking, "The event stands before the enrolment of its key.", func() outcome {
			s := collected()
			eve := s.w.State("AA").Prepare(evidence.RoleCollector)
			s.item = eve.Collect(oneFile)
			eve.Register(s.w.State("AA").Authority)
			return s.out().fails(2, "key.period", "which is not before the event")
		}},
		{"p08-after-revocation", breaking, "The key signed after it was revoked.", func() outcome {
			s := collected()
			s.ann.Revoke()
			s.examine(s.ann)
			return s.out().fails(2, "key.period", "revoked at index")
		}},
		{"p08-revocation-left-out", breaking, "The key signed after it was revoked, and the revocation is left out.", func() outcome {
			s := collected()
			gone := s.ann.Revoke()
			s.examine(s.ann)
			o := s.out()
			drop(o.d, s.ann.Enrolment, 1)
			s.shut(o.d, gone)
			return o.fails(2, "seal.accounted", gone.Leaf.Hash().String())
		}},
		{"p08-revocation-not-shown", breaking, "Nothing shows whether the key was revoked.", func() outcome {
			s := collected()
			o := s.out()
			forget(o.d.Log(originA), s.ann.Enrolment.Last().Event.Opens.Next.Seal)
			return o.undecided(2, "seal.accounted", "nothing shows what became of the seal").shows(2, "undecided", "key.period", "rests on seal.accounted")
		}},
		{"p08-other-role", breaking, "The key signs in a role that it was not enrolled for.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Signers[0].Role = evidence.RoleExaminer })
			return s.out().fails(2, "key.enrolled", `it signs as "examiner" and is enrolled as "collector"`)
		}},
		{"p08-other-state", breaking, "The key signs for a state that did not enrol it.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Signers[0].Authority = "BB" })
			return s.out().fails(2, "key.enrolled", "it signs for BB and is enrolled by AA")
		}},
		{"p08-other-states-authority", breaking, "The key was enrolled in one state's ledger by another state's authority.", func() outcome {
			return enrolledBy("BB", func(e *evidence.Event) { e.Enrols.Authority = "BB" }).fails(2, "key.enrolled", "the authority did not count")
		}},
		{"p08-authority-for-other-state", breaking, "Another state's authority says that it is this state's.", func() outcome {
			return enrolledBy("BB", func(e *evidence.Event) { e.Signers[0].Authority = "AA" }).fails(2, "key.enrolled", "the authority is of BB and signs for AA")
		}},
		{"p08-enrols-for-other-state", breaking, "An authority enrols a key for another state.", func() outcome {
			return enrolledBy("AA", func(e *evidence.Event) { e.Enrols.Authority = "BB" }).fails(2, "act.allowed", "keys of its own state only")
		}},
		{"p08-authority-not-listed", breaking, "The list names no such authority.", func() outcome {
			s := collected()
			return s.out().under(s.w.EditList(func(l *trust.List) { l.Authorities = l.Authorities[:0] })).undecided(2, "key.enrolled", "no certificate at hand that the trust list names")
		}},
		{"p08-authority-expired", breaking, "The authority's time was over when it enrolled the key.", func() outcome {
			s := collected()
			return s.out().under(s.w.EditList(func(l *trust.List) {
				for i := range l.Authorities {
					l.Authorities[i].To = verifytest.Start
				}
			})).fails(2, "key.enrolled", "the authority did not count")
		}},
		{"p08-authority-not-yet", breaking, "The authority counted only after it had enrolled the key; a later receipt is shown.", func() outcome {
			s := collected()
			s.w.Tick(hours(48))
			x := s.ann.Enrolment.Events[0]
			x.Held.Receipt = s.logA().Receipt(s.logA().Checkpoint(verifytest.Cosigning{}), x.Index, x.Leaf)
			return s.out().under(s.w.EditList(func(l *trust.List) {
				for i := range l.Authorities {
					l.Authorities[i].From = verifytest.Start.Add(hours(24))
				}
			})).fails(2, "key.enrolled", "the authority did not count")
		}},
		{"p08-compromised-after", breaking, "The authority was compromised before it enrolled the key.", func() outcome {
			s := newStage(verifytest.Config{})
			point := s.logA().Point()
			s.ann = s.w.State("AA").Enrol(evidence.RoleCollector)
			s.item = s.ann.Collect(oneFile)
			return s.out().under(s.w.EditList(compromised(s, point))).fails(2, "key.enrolled", "the authority did not count")
		}},
		{"p08-compromised-other-tree", breaking, "The list pins another tree for the size up to which the authority was good.", func() outcome {
			s := collected()
			point := s.logA().Point()
			point.Root[0] ^= 1
			return s.out().under(s.w.EditList(compromised(s, point))).fails(2, "key.enrolled", "pins another root")
		}},
		{"p08-across-logs-enrolled-later", breaking, "The receiver's key was enrolled after it accepted.", func() outcome {
			s := collected()
			s.bob = s.w.State("BB").Prepare(evidence.RoleExaminer)
			s.item.Offer(s.ann, s.bob)
			s.item.Accept(s.bob)
			s.bob.Register(s.w.State("BB").Authority)
			return s.out().undecided(2, "key.period", "later than the event's")
		}},
		{"p08-across-logs-late-receipt", breaking, "The key was enrolled after it signed; a later receipt is shown, and an earlier checkpoint of the ledger has the event already.", func() outcome {
			s := collected()
			pam := s.w.State("BB").Prepare(evidence.RoleProsecutor)
			hold := s.item.Act(evidence.Hold, []*verifytest.Officer{pam}, verifytest.Record{})
			s.w.Tick(hours(24))
			pam.Register(s.w.State("BB").Authority)
			s.w.Tick(hours(1))
			hold.Held.Receipt = s.logA().Receipt(s.logA().Checkpoint(verifytest.Cosigning{}), hold.Index, hold.Leaf)
			return s.out().undecided(2, "key.period", "later than the event's")
		}},
		{"p08-across-logs-revoked-before", breaking, "The receiver's key was revoked before it accepted.", func() outcome {
			s := offered()
			s.bob.Revoke()
			s.item.Accept(s.bob)
			return s.out().undecided(2, "key.period", "no checkpoint shows that this was after")
		}},
		{"p08-across-logs-no-receipt", breaking, "The accept has no receipt that tells its time.", func() outcome {
			s := accepted()
			o := s.out()
			event(o.d, s.item, 2).Receipt = nil
			return o.undecided(2, "key.period", "has no receipt time")
		}},
		{"p08-enrolment-without-receipt", breaking, "The enrolment has no receipt, so nothing tells whether the authority counted then.", func() outcome {
			s := collected()
			o := s.out()
			event(o.d, s.ann.Enrolment, 0).Receipt = nil
			return o.undecided(2, "key.enrolled", "no receipt that tells its time")
		}},
		{"p08-revoked-by-other-state", breaking, "Another state's authority revoked the key: it may not, and the key ends all the same.", func() outcome {
			s := collected()
			s.ann.RevokeBy(s.w.State("BB").Authority)
			s.examine(s.ann)
			return s.out().fails(2, "act.allowed", "the key was enrolled by the authority of AA").shows(2, "fails", "key.period", "revoked at index")
		}},
		{"p08-revoked-by-officer", breaking, "An officer ends the enrolment of another by an act of a custodian.", func() outcome {
			s := collected()
			s.ann.Enrolment.Act(evidence.Examine, []*verifytest.Officer{s.bob}, verifytest.Record{})
			s.examine(s.ann)
			return s.out().fails(2, "key.period", "revoked at index")
		}},
		{"p08-parent-by-revoked-key", breaking, "The derive of the parent, which names the item, was signed by a key that had been revoked.", func() outcome {
			s := newStage(verifytest.Config{})
			carl := s.w.State("AA").Enrol(evidence.RoleCollector)
			parent := s.ann.Collect(oneFile)
			s.ann.Revoke()
			rec, child := s.w.State("AA").Draft(oneFile)
			d := parent.Act(evidence.Derive, []*verifytest.Officer{s.ann}, verifytest.Record{}, func(e *evidence.Event) {
				e.Opens.Children = []evidence.Child{{Item: child, Origin: originA}}
			})
			s.item = carl.CollectDraft(rec, func(e *evidence.Event) {
				e.Parent = &evidence.Parent{Item: parent.ID, Kind: evidence.Copied, Leaf: d.Leaf.Hash()}
			})
			o := s.out(parent)
			o.d.Items = o.d.Items[:1]
			return o.undecided(3, "custody.parent", "does not count: key.period")
		}},
		{"p08-enrolment-of-another-key", breaking, "The signer names the enrolment of another key.", func() outcome {
			s := collected()
			cal := s.w.State("AA").Enrol(evidence.RoleCollector)
			s.examine(s.ann, func(e *evidence.Event) { e.Signers[0].Enrolled = cal.Enrolment.ID })
			return s.out().fails(2, "key.enrolled", "the enrolment is for the key")
		}},
		{"p08-enrolment-not-shown", breaking, "The enrolment of the key is not in the package.", func() outcome {
			s := collected()
			o := s.out()
			drop(o.d, s.ann.Enrolment, 0)
			return o.undecided(2, "key.enrolled", "is not in the package")
		}},
		{"p08-enrolment-forged", breaking, "The enrolment is signed by another key than the authority's.", func() outcome {
			s := newStage(verifytest.Config{})
			eve := s.w.State("AA").Prepare(evidence.RoleCollector)
			eve.Enrolment.Forge = borrow(signatureOf(s.ann.Enrolment.Last()))
			eve.Register(s.w.State("AA").Authority)
			s.item = eve.Collect(oneFile)
			return s.out().fails(2, "signature", eve.Enrolment.ID.String())
		}},
	}
}

// enrolledBy has an item of a key that an authority enrolled in AA's ledger.
func enrolledBy(state string, edit verifytest.Edit) outcome {
	s := newStage(verifytest.Config{})
	by := s.w.State(state).Authority
	eve := s.w.State("AA").Prepare(evidence.RoleCollector)
	eve.Register(by, edit)
	s.item = eve.Collect(oneFile)
	return s.out()
}

// compromised says that AA's authority is good up to a point only.
func compromised(s *stage, point trust.Point) func(*trust.List) {
	digest := trust.Digest(pack.NoteDigest(s.w.State("AA").Cert.Raw))
	return func(l *trust.List) {
		l.Compromised = append(l.Compromised, trust.Compromise{State: "AA", Digest: digest, GoodUntil: point})
	}
}

package verify_test

import (
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// timeCases are about freshness and about the bounds of time (P3, P9, P18).
func timeCases() []testCase {
	return []testCase{
		{"p03-fresh", holding, "The proof of completeness is younger than the trust list allows.", func() outcome {
			return handed().out().at(hours(23)).holds(4, "freshness", "the trust list allows 24h")
		}},
		{"p03-nothing-open", holding, "No seal is open, so no proof can grow old.", func() outcome {
			s := collected()
			s.item.End(evidence.Return, []*verifytest.Officer{s.ann})
			return s.out().holds(4, "seal.accounted", "").shows(4, "not applicable", "freshness", "").at(hours(9000))
		}},
		{"p03-stale", breaking, "The proof of completeness is older than the trust list allows.", func() outcome {
			return handed().out().at(hours(25)).undecided(4, "freshness", "the trust list allows 24h")
		}},
		{"p03-stale-by-the-list", breaking, "The trust list allows one hour.", func() outcome {
			s := newStage(verifytest.Config{MaxAge: time.Hour})
			s.item = s.ann.Collect(oneFile)
			return s.out().at(hours(2)).undecided(4, "freshness", "the trust list allows 1h")
		}},
		{"p03-nobody-says-when", breaking, "Nobody says for which moment completeness is asked.", func() outcome {
			o := handed().out()
			o.opts.AsOf = time.Time{}
			return o.undecided(4, "freshness", "nobody says when")
		}},
		{"p03-before-the-proof", breaking, "Completeness is asked for a moment long before the proof was made.", func() outcome {
			return handed().out().at(-hours(48)).undecided(4, "freshness", "before the proof in it")
		}},

		{"p09-bounded", holding, "An anchor bounds the sealing from below, the receipt from above.", func() outcome {
			return handed().out().holds(5, "time.after", "rests on the checkpoint of").shows(5, "holds", "time.before", "in the ledger by").shows(5, "holds", "time.claimed", "within the bounds")
		}},
		{"p09-no-receipt", holding, "Without a receipt the shared checkpoint, later and just as sure, gives the upper bound.", func() outcome {
			s := accepted()
			s.item.Events[0].Held.Receipt = nil
			return s.out().holds(5, "time.before", "without a receipt of its own").shows(1, "holds", "record.root", "")
		}},
		{"p09-anchor-not-carried", breaking, "The note that the event names as its anchor is not carried: ignored.", func() outcome {
			s := collected()
			o := s.out()
			for i, n := range o.d.Notes {
				if pack.NoteDigest(n) == s.item.Events[0].Event.Anchors[0] {
					o.d.Notes = append(o.d.Notes[:i:i], o.d.Notes[i+1:]...)
					break
				}
			}
			return o.shows(5, "undecided", "time.after", "none of 1 anchor counts").but(0)
		}},
		{"p09-anchor-not-cosigned", breaking, "The note that the event names as its anchor does not meet its ledger's receipt policy: ignored.", func() outcome {
			s := newStage(verifytest.Config{})
			alone := s.logB().Checkpoint(verifytest.Cosigning{Nobody: true})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) { e.Anchors = []evidence.Hash{pack.NoteDigest(alone)} })
			return s.out().shows(5, "undecided", "time.after", "none of 1 anchor counts").but(0)
		}},
		{"p09-no-anchor", breaking, "The event names no anchor, so only its own word says that it is not older.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) { e.Anchors = []evidence.Hash{} })
			return s.out().shows(5, "undecided", "time.after", "names no anchor").but(0)
		}},
		{"p09-receipt-of-another-item", breaking, "Another item's receipt is shown as this one's.", func() outcome {
			s := collected()
			other := s.ann.Collect(oneFile)
			o := s.out(other)
			event(o.d, s.item, 0).Receipt = event(o.d, other, 0).Receipt
			return o.fails(5, "time.before", "the receipt is not for this event")
		}},
		{"p09-proof-of-another-item", breaking, "Another item's place in the ledger is shown as this one's.", func() outcome {
			s := collected()
			other := s.ann.Collect(oneFile)
			o := s.out(other)
			event(o.d, s.item, 0).Index = event(o.d, other, 0).Index
			return o.fails(4, "leaf.included", s.item.ID.String()+"/0")
		}},
		{"p09-receipt-not-cosigned", breaking, "The receipt's checkpoint does not meet the receipt policy.", func() outcome {
			s := collected()
			x := s.item.Events[0]
			x.Held.Receipt = s.logA().Receipt(s.logA().Checkpoint(verifytest.Cosigning{Nobody: true}), x.Index, x.Leaf)
			return s.out().undecided(5, "time.before", "rests on checkpoint.receipt").but(0)
		}},
		{"p09-older-than-its-anchor", breaking, "The event says a time before that of the checkpoint on which it rests: a gap.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) {
				e.Recorded = e.Recorded.Add(-hours(9))
				e.Occurred.From, e.Occurred.To = e.Occurred.From.Add(-hours(9)), e.Occurred.To.Add(-hours(9))
			})
			return s.out().undecided(5, "time.claimed", "the clock was wrong").shows(3, "undecided", "custody.gap", "GAP-CLOCK")
		}},
		{"p09-later-than-its-receipt", breaking, "The event says a time after it was in the ledger: a gap.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) { e.Recorded = e.Recorded.Add(hours(1)) })
			return s.out().undecided(5, "time.claimed", "the clock was wrong").shows(3, "undecided", "custody.gap", "GAP-CLOCK")
		}},
		{"p09-clock-off-by-an-hour", holding, "The clock was an hour fast and the event says so: its times are those of the proofs.", func() outcome {
			return clockOff(hours(1)).holds(5, "time.claimed", "within the bounds")
		}},
		{"p09-clock-off-by-years", breaking, "The clock was seven years slow, as the event says itself, and so within the bounds: a gap all the same.", func() outcome {
			return clockOff(-day(7*365)).undecided(3, "custody.gap", "its clock was off by -61320h0m0s").shows(5, "undecided", "time.claimed", "the clock was wrong")
		}},

		{"p18-not-required", holding, "Completeness is undecided, and the trust list does not require it.", func() outcome {
			s := handed()
			return s.out().at(hours(25)).under(s.w.EditList(func(l *trust.List) { l.Require = []int{1, 2, 3, 6} })).holds(1, "record.root", "").shows(4, "undecided", "freshness", "")
		}},
		{"p18-required", breaking, "The trust list requires question 7, and nothing was asked there.", func() outcome {
			s := handed()
			return s.out().under(s.w.EditList(func(l *trust.List) { l.Require = []int{1, 2, 3, 4, 6, 7} })).shows(7, "not applicable", "standard", "").but(11)
		}},
		{"p18-fails-anyway", breaking, "A receipt is wrong, which no question that the trust list requires asks about: proven all the same.", func() outcome {
			s := collected()
			other := s.ann.Collect(oneFile)
			o := s.out(other).under(s.w.EditList(func(l *trust.List) { l.Require = []int{1} }))
			event(o.d, s.item, 0).Receipt = event(o.d, other, 0).Receipt
			return o.fails(5, "time.before", "the receipt is not for this event")
		}},
		{"p18-gap", breaking, "A gap is shown, which no question that the trust list requires asks about.", func() outcome {
			s := newStage(verifytest.Config{MaxAge: 240 * time.Hour})
			s.item = s.ann.Collect(oneFile)
			s.item.Offer(s.ann, s.bob)
			return s.out().at(day(3)).under(s.w.EditList(func(l *trust.List) { l.Require = []int{1} })).undecided(3, "custody.gap", "GAP-ONESIDED")
		}},
	}
}

// clockOff has an item sealed by a clock that was fast by off and says so.
func clockOff(off time.Duration) outcome {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(oneFile, func(e *evidence.Event) {
		e.Occurred.From, e.Occurred.To, e.Recorded = e.Occurred.From.Add(off), e.Occurred.To.Add(off), e.Recorded.Add(off)
		e.Occurred.OffsetMS = off.Milliseconds()
	})
	return s.out()
}

// trustCases are about who counts (P10, P12, P17).
func trustCases() []testCase {
	threeStates := verifytest.Config{States: []string{"AA", "BB", "CC"}, F: 1}
	return []testCase{
		{"p10-given", holding, "The reader names the trust list.", func() outcome {
			return handed().out().holds(0, "trust.list", "is in use")
		}},
		{"p10-pinned", holding, "The reader's own list from before.", func() outcome {
			o := handed().out()
			o.trust.Source = verify.SourcePinned
			return o.holds(0, "trust.list", "is in use")
		}},
		{"p10-own-copies", holding, "Policies and certificates come from the reader; the package has none.", func() outcome {
			o := handed().out()
			o.d.Policies, o.d.Certs = nil, nil
			return o.holds(6, "checkpoint.court", "the court policy is met")
		}},
		{"p10-no-list", breaking, "The reader has no list; the one in the package is no root.", func() outcome {
			o := handed().out()
			o.trust = verify.Trust{Source: verify.SourceNone}
			return o.undecided(6, "checkpoint.log", "there is no trust list").shows(0, "undecided", "trust.list", "no trust list of the reader's own")
		}},
		{"p10-strangers", breaking, "The reader's list is of other states, and does not know these.", func() outcome {
			o := handed().out()
			o.trust = verifytest.New(verifytest.Config{States: []string{"CC", "DD"}}).Trust()
			return o.undecided(6, "checkpoint.log", "the ledger's key does not count").shows(2, "undecided", "key.enrolled", "no certificate at hand")
		}},
		{"p10-no-list-and-contradiction", breaking, "Without a list nothing holds, but a package that contradicts itself fails.", func() outcome {
			s := withFields(nil)
			o := s.out()
			o.trust = verify.Trust{Source: verify.SourceNone}
			event(o.d, s.item, 0).SealKey[0] ^= 1
			return o.fails(4, "seal.closes", "not that of the seal the event names")
		}},

		{"p12-newer-list-inside", holding, "The package has a newer list, which no ledger proves: it is not used.", func() outcome {
			s := handed()
			o := s.out()
			next := s.w.Next(func(l *trust.List) { l.MaxAge = hours(1) })
			o.d.Lists[2] = next.Note()
			return o.holds(4, "freshness", "the trust list allows 24h").shows(0, "not applicable", "trust.list", "not used")
		}},
		{"p12-signed-before-next-update", holding, "The list says nothing any more about signatures of today; earlier ones are untouched.", func() outcome {
			s := handed()
			o := s.out()
			return o.under(s.w.EditList(func(l *trust.List) { l.NextUpdate = s.w.Now.Truncate(time.Second).Add(time.Second) })).at(hours(20)).
				holds(6, "checkpoint.court", "the court policy is met")
		}},
		{"p12-key-from-size", holding, "The ledger's key counts from the size of its first receipt on.", func() outcome {
			s := handed()
			return s.out().under(s.w.EditList(func(l *trust.List) {
				for i := range l.Logs {
					l.Logs[i].FromSize = 2
				}
			})).holds(6, "checkpoint.log", "signed by the ledger of")
		}},
		{"p12-signed-after-next-update", breaking, "The cosignatures are of a time about which the list says nothing.", func() outcome {
			s := handed()
			return s.out().under(s.w.EditList(func(l *trust.List) { l.NextUpdate = verifytest.Start.Add(time.Minute) })).
				undecided(6, "checkpoint.court", "the court policy is not met")
		}},
		{"p12-two-lists", breaking, "The package has another list of the version in use: neither decides.", func() outcome {
			s := handed()
			o := s.out()
			other := s.w.EditList(func(l *trust.List) { l.MaxAge = hours(1) })
			o.d.Lists[1] = other.List.Note()
			return o.undecided(0, "trust.list", "neither decides")
		}},
		{"p12-key-from-larger-size", breaking, "The ledger's key counts for larger checkpoints only.", func() outcome {
			s := handed()
			return s.out().under(s.w.EditList(func(l *trust.List) {
				for i := range l.Logs {
					l.Logs[i].FromSize = 1000
				}
			})).undecided(6, "checkpoint.log", "the ledger's key does not count")
		}},
		{"p12-witness-expired", breaking, "The witnesses' time was over when they cosigned.", func() outcome {
			s := handed()
			return s.out().under(s.w.EditList(func(l *trust.List) {
				for i := range l.Witnesses {
					l.Witnesses[i].To = verifytest.Start
				}
			})).undecided(6, "checkpoint.court", "not counted")
		}},
		{"p12-key-revoked", breaking, "The ledger's key was revoked, and counts up to a smaller size only.", func() outcome {
			s := collected()
			point := s.logA().Point()
			s.examine(s.ann)
			return s.out().under(s.w.EditList(revokeLog(point))).undecided(6, "checkpoint.log", "the ledger's key does not count")
		}},
		{"p12-key-revoked-other-tree", breaking, "The list pins another tree for the size of the shared checkpoint.", func() outcome {
			s := collected()
			point := s.logA().Point()
			point.Root[0] ^= 1
			return s.out().under(s.w.EditList(revokeLog(point))).fails(6, "checkpoint.log", "pins another root")
		}},

		{"p17-two-states", holding, "Of two states each cosigns the other's ledger.", func() outcome {
			return handed().out().holds(6, "checkpoint.court", "witnesses of AA, auditors of AA")
		}},
		{"p17-three-states", holding, "Of three states, one of which may lie, both others cosign.", func() outcome {
			s := newStage(threeStates)
			s.item = s.ann.Collect(oneFile)
			return s.out().holds(6, "checkpoint.court", "witnesses of BB, CC, auditors of BB, CC")
		}},
		{"p17-one-auditor-down", breaking, "One state may lie, and only one audited.", func() outcome {
			s := newStage(threeStates)
			s.item = s.ann.Collect(oneFile)
			o := s.out()
			setNote(o.d, originA, s.logA().Checkpoint(verifytest.Cosigning{Auditors: []string{"BB"}}))
			return o.undecided(6, "checkpoint.court", "witnesses of BB, CC, auditors of BB")
		}},
		{"p17-one-witness-down", breaking, "One state may lie, and only one witnessed.", func() outcome {
			s := newStage(threeStates)
			s.item = s.ann.Collect(oneFile)
			o := s.out()
			setNote(o.d, originA, s.logA().Checkpoint(verifytest.Cosigning{Witnesses: []string{"CC"}}))
			return o.undecided(6, "checkpoint.court", "witnesses of CC, auditors of BB, CC")
		}},
		{"p17-one-state-alone", breaking, "The policy asks for no other state.", func() outcome {
			w := verifytest.New(verifytest.Config{States: []string{"AA"}})
			s := &stage{w: w, ann: w.State("AA").Enrol(evidence.RoleCollector)}
			s.item = s.ann.Collect(oneFile)
			return s.out().undecided(6, "checkpoint.court", "the word of one state alone").shows(4, "undecided", "checkpoint.court", "the word of one state alone")
		}},
		{"p17-cosignature-forged", breaking, "A cosignature under the shared checkpoint is of another text.", func() outcome {
			s := handed()
			o := s.out()
			setNote(o.d, originB, regrafted(s.logB().Latest(), s.logA().Latest()))
			return o.fails(6, "checkpoint.court", "a cosignature by a listed key does not verify")
		}},
		{"p17-ledger-signature-forged", breaking, "The ledger's signature under the shared checkpoint is of another text.", func() outcome {
			s := handed()
			o := s.out()
			first := s.logB().Checkpoint(verifytest.Cosigning{Nobody: true})
			s.logB().Force(padding)
			second := s.logB().Checkpoint(verifytest.Cosigning{Nobody: true})
			setNote(o.d, originB, regrafted(first, second))
			return o.fails(6, "checkpoint.log", "the ledger's signature on its checkpoint does not verify")
		}},
	}
}

// revokeLog revokes AA's ledger key past a point.
func revokeLog(point trust.Point) func(*trust.List) {
	return func(l *trust.List) {
		for _, g := range l.Logs {
			if g.Origin == point.Origin {
				l.Revoked = append(l.Revoked, trust.Revocation{Key: g.Key, Reason: "compromised", GoodUntil: point})
			}
		}
	}
}

package verify_test

import (
	"bytes"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// clockwork is a stage whose list has a timestamp authority until a time.
func clockwork(until time.Time) (*stage, *verifytest.TSA) {
	tsa := verifytest.NewTSA("AA")
	return newStage(verifytest.Config{Edit: func(l *trust.List) { l.TSAs = []trust.TSA{tsa.Listed("AA", until)} }}), tsa
}

// stamped adds a token over a note to what the verifier is given.
func (o outcome) stamped(token []byte) outcome {
	if o.d.Tokens == nil {
		o.d.Tokens = map[evidence.Hash][]byte{}
	}
	o.d.Tokens[pack.NoteDigest(token)] = token
	return o
}

// flipped changes the signature, which ends the token.
func flipped(token []byte) []byte {
	token = bytes.Clone(token)
	token[len(token)-1] ^= 1
	return token
}

// tokenCases are about timestamp tokens over checkpoints (P9, P12).
func tokenCases() []testCase {
	collected := func(until time.Time) (*stage, *verifytest.TSA) {
		s, tsa := clockwork(until)
		s.item = s.ann.Collect(oneFile)
		return s, tsa
	}
	later := verifytest.Start.Add(time.Hour)
	note := func(s *stage) []byte { return s.item.Events[0].Held.Receipt.Note }
	// alone takes the cosignatures off the receipt.
	alone := func(s *stage) {
		x := s.item.Events[0]
		x.Held.Receipt = s.logA().Receipt(s.logA().Checkpoint(verifytest.Cosigning{Nobody: true}), x.Index, x.Leaf)
	}
	return []testCase{
		{"p09-token", holding, "A timestamp token is over the receipt's checkpoint, beside cosignatures that are earlier.", func() outcome {
			s, tsa := collected(time.Time{})
			return s.out().stamped(tsa.Token(note(s), later)).holds(5, "time.token", "a timestamp authority of AA says").shows(5, "holds", "time.before", "in the ledger by")
		}},
		{"p09-token-alone", holding, "No other state cosigned the receipt's checkpoint; a timestamp token says by when it was there.", func() outcome {
			s, tsa := collected(time.Time{})
			alone(s)
			return s.out().stamped(tsa.Token(note(s), later)).holds(5, "time.before", "as a timestamp token says")
		}},
		{"p09-token-shared", holding, "The shared checkpoint has a timestamp token, the receipt's has nothing.", func() outcome {
			s, tsa := collected(time.Time{})
			alone(s)
			o := s.out()
			return o.stamped(tsa.Token(shared(o.d, originA), later)).holds(5, "time.before", "as a timestamp token says")
		}},
		{"p09-token-other-checkpoint", breaking, "The token is over an earlier checkpoint than the receipt's: it says nothing about the event.", func() outcome {
			s, tsa := clockwork(time.Time{})
			before := s.logA().Latest()
			s.item = s.ann.Collect(oneFile, func(e *evidence.Event) { e.Anchors = []evidence.Hash{pack.NoteDigest(before)} })
			alone(s)
			return s.out().stamped(tsa.Token(before, later)).undecided(5, "time.before", "rests on checkpoint.receipt").but(0)
		}},
		{"p09-token-not-the-ledgers", breaking, "The token is over a checkpoint that the ledger's key does not count for.", func() outcome {
			s, tsa := collected(time.Time{})
			return s.out().stamped(tsa.Token(note(s), later)).under(s.w.EditList(func(l *trust.List) {
				for i := range l.Logs {
					l.Logs[i].FromSize = 1000
				}
			})).undecided(5, "time.before", "rests on checkpoint.log").shows(5, "holds", "time.token", "")
		}},
		{"p09-token-over-nothing", breaking, "The token is over bytes that are not in the package: it is shown and says nothing.", func() outcome {
			s, tsa := collected(time.Time{})
			return s.out().stamped(tsa.Token([]byte("something else"), later)).shows(0, "not applicable", "time.token", "over no checkpoint that is here").but(0)
		}},
		{"p12-tsa-last-second", holding, "A token of the last second in which the list lets its authority count.", func() outcome {
			s, tsa := collected(later)
			alone(s)
			return s.out().stamped(tsa.Token(note(s), later)).holds(5, "time.before", "as a timestamp token says")
		}},
		{"p12-tsa-late", breaking, "A token of one second later: not counted.", func() outcome {
			s, tsa := collected(later)
			alone(s)
			return s.out().stamped(tsa.Token(note(s), later.Add(time.Second))).undecided(5, "time.before", "rests on checkpoint.receipt").
				shows(5, "not applicable", "time.token", "outside the window").but(0)
		}},
		{"p12-tsa-unlisted", breaking, "The list does not name the authority that gave the token: not counted.", func() outcome {
			s, _ := collected(time.Time{})
			alone(s)
			return s.out().stamped(verifytest.NewTSA("XX").Token(note(s), later)).undecided(5, "time.before", "rests on checkpoint.receipt").
				shows(5, "not applicable", "time.token", "not in the trust list").but(0)
		}},
		{"p12-tsa-silent", breaking, "A token of a time about which the list says nothing any more: not counted.", func() outcome {
			s, tsa := collected(time.Time{})
			alone(s)
			return s.out().stamped(tsa.Token(note(s), s.w.List.NextUpdate.Add(time.Second))).shows(5, "not applicable", "time.token", "says nothing after its next-update").
				undecided(5, "time.before", "rests on checkpoint.receipt").but(0)
		}},
		{"p12-tsa-forged", breaking, "The signature of a token is not that of the authority whose certificate it encloses.", func() outcome {
			s, tsa := collected(time.Time{})
			return s.out().stamped(flipped(tsa.Token(note(s), later))).fails(5, "time.token", "not that of the timestamp authority")
		}},
	}
}

// shared returns the note of a ledger's shared checkpoint.
func shared(d *pack.Dossier, o evidence.Origin) []byte {
	n, ok := d.Note(d.Log(o).Note)
	if !ok {
		panic("no shared checkpoint")
	}
	return n
}

// renewed is a stage of which a second list follows the first, whose hash is in
// BB's ledger.
func renewed(edit func(*trust.List)) (*stage, outcome) {
	s := handed()
	next := s.w.Next(edit)
	at := pack.LeafPlace{Origin: originB, Index: s.logB().Size()}
	s.logB().Append(ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(next.Digest())))
	s.logB().Epoch()
	s.w.Refresh()
	b := s.w.Builder(nil, s.item)
	b.Lists = append(b.Lists, next.Note())
	b.Logged = map[uint64]pack.LeafPlace{2: at}
	o := s.out()
	o.d = s.w.Build(b, []pack.ItemLine{{Item: s.item.ID}})
	return s, o
}

// listCases are about a newer list in the package (P12).
func listCases() []testCase {
	short := func(l *trust.List) { l.MaxAge = hours(1) }
	return []testCase{
		{"p12-newer-list-proven", holding, "A newer list follows the reader's, and its hash is in a ledger under the court policy of the reader's: it is used.", func() outcome {
			_, o := renewed(short)
			return o.holds(4, "freshness", "the trust list allows 1h").shows(0, "holds", "trust.list", "follows version 1 of the reader's own")
		}},
		{"p12-newer-list-decides", breaking, "By the newer list, which is proven, the proof of completeness is too old.", func() outcome {
			_, o := renewed(short)
			return o.at(hours(2)).undecided(4, "freshness", "the trust list allows 1h")
		}},
		{"p12-newer-list-not-logged", breaking, "The leaf that should prove the newer list is another: it is not used.", func() outcome {
			_, o := renewed(short)
			o.d.Log(originB).Lists[0].Index--
			return o.shows(0, "not applicable", "trust.list", "is not what stands at").holds(4, "freshness", "the trust list allows 24h")
		}},
		{"p12-newer-list-weak-proof", breaking, "The ledger that holds the newer list's hash does not meet the court policy of the reader's list.", func() outcome {
			s, o := renewed(short)
			setNote(o.d, originB, s.logB().Checkpoint(verifytest.Cosigning{Nobody: true}))
			return o.undecided(6, "checkpoint.court", "the court policy is not met").shows(0, "not applicable", "trust.list", "under version 1, checkpoint.court")
		}},
		{"p12-newer-list-of-nobody", breaking, "The newer list lacks the signatures that the reader's asks for, though its hash is in a ledger.", func() outcome {
			_, o := renewed(short)
			signed := o.d.Lists[2]
			o.d.Lists[2] = signed[:bytes.LastIndex(signed[:len(signed)-1], []byte("\n"))+1]
			return o.shows(0, "not applicable", "trust.list", "too few states").holds(4, "freshness", "the trust list allows 24h")
		}},
		{"p12-list-between-missing", breaking, "A list is there whose predecessor is not: it is not used.", func() outcome {
			_, o := renewed(short)
			o.d.Lists[3] = o.d.Lists[2]
			delete(o.d.Lists, 2)
			return o.shows(0, "not applicable", "trust.list", "comes before it, is not in the package").holds(4, "freshness", "the trust list allows 24h")
		}},
	}
}

package verify_test

import (
	"example.org/custody/evidence"
	"example.org/custody/verify/verifytest"
)

// recordCases are about what the records show and hold back, and about the
// evidence itself (P5, P6, P15, P23, P24).
func recordCases() []testCase {
	return []testCase{
		{"p05-withheld", holding, "A value is held back: it is counted, and the rest is proven.", func() outcome {
			return withFields(hide("case", false)).out().holds(9, "withheld", "1 of 3").shows(1, "holds", "record.root", "1 of them held back")
		}},
		{"p05-name-held-back", holding, "A name is held back, so what the record does not name is unknown.", func() outcome {
			return withFields(hide("case", true)).out().holds(1, "record.root", "").shows(8, "undecided", "authority", "is held back")
		}},
		{"p05-value-changed", breaking, "A value shown is not the one that was signed.", func() outcome {
			s := withFields(nil)
			o := s.out()
			event(o.d, s.item, 0).Record.Entries[0].Value = []byte(`"9 Js 9/26"`)
			return o.fails(1, "record.root", "not the one the event signed")
		}},
		{"p05-held-back-value-changed", breaking, "The hash of a value that is held back is not the one that was signed.", func() outcome {
			s := withFields(hide("case", false))
			o := s.out()
			event(o.d, s.item, 0).Record.Entries[0].Hash[0] ^= 1
			return o.fails(1, "record.root", "not the one the event signed")
		}},
		{"p05-enrolment-value-changed", breaking, "The record of a key's enrolment names another holder than was signed.", func() outcome {
			s := collected()
			o := s.out()
			event(o.d, s.ann.Enrolment, 0).Record.Entries[0].Value = []byte(`"somebody else"`)
			return o.fails(2, "record.root", s.ann.Enrolment.ID.String())
		}},
		{"p05-entry-left-out", breaking, "An entry is left out of the record without being counted.", func() outcome {
			s := withFields(nil)
			o := s.out()
			v := event(o.d, s.item, 0).Record
			v.Entries = v.Entries[1:]
			return o.fails(1, "record.root", "not the one the event signed")
		}},
		{"p05-name-hidden-as-absent", breaking, "An entry is renamed, so that it looks as if the record had it not.", func() outcome {
			s := withFields(nil)
			o := s.out()
			event(o.d, s.item, 0).Record.Entries[0].Name = "aase"
			return o.fails(1, "record.root", "not the one the event signed")
		}},
		{"p05-records-swapped", breaking, "Two events are shown with each other's records.", func() outcome {
			s := handed()
			o := s.out()
			a, b := event(o.d, s.item, 0), event(o.d, s.item, 1)
			a.Record, b.Record = b.Record, a.Record
			return o.fails(1, "record.root", s.item.ID.String()+"/1")
		}},

		{"p06-same-bytes", holding, "The copy has the size, the content tree and the SHA-256 that were sealed.", func() outcome {
			return collected().out().enclose(1, []byte("a")).holds(1, "content.tree", "recomputed").shows(1, "holds", "content.sha256", "recomputed").shows(1, "holds", "content.size", "1")
		}},
		{"p06-tree-only", holding, "The plain digest was not recomputed, and is said to be the sealer's word.", func() outcome {
			o := collected().out().enclose(1, []byte("a"))
			o.opts.TreeOnly = true
			return o.holds(1, "content.tree", "recomputed").shows(1, "undecided", "content.sha256", "stated by the sealer, not recomputed")
		}},
		{"p06-other-bytes", breaking, "The copy has other bytes of the same length.", func() outcome {
			return collected().out().enclose(1, []byte("b")).fails(1, "content.tree", "not the one that was sealed").shows(1, "fails", "content.sha256", "file/1").shows(1, "holds", "content.size", "")
		}},
		{"p06-plain-digest", breaking, "The sealed SHA-256 is not that of the bytes whose content tree was sealed.", func() outcome {
			s := stated(func(d *evidence.Digests) { d.SHA256[0] ^= 1 })
			return s.out().enclose(1, []byte("a")).fails(1, "content.sha256", "not the one that was sealed").shows(1, "holds", "content.tree", "")
		}},
		{"p06-not-in-the-record", breaking, "A copy is enclosed of a file that the record does not have.", func() outcome {
			return collected().out().enclose(2, []byte("a")).fails(1, "content.tree", "the record does not have")
		}},
		{"p06-not-a-file", breaking, "A copy is enclosed as that of a field of the record.", func() outcome {
			o := withFields(nil).out().enclose(1, []byte("a"))
			o.d.Items[0].Payload[0].File = "case"
			return o.undecided(1, "content.tree", "does not show this file")
		}},
		{"p06-name-held-back", breaking, "A copy is enclosed of a file whose name is held back: whether the record has it cannot be told.", func() outcome {
			s := collected()
			s.item.Events[0].Hide(hide("file/1", true))
			return s.out().enclose(1, []byte("a")).undecided(1, "content.tree", "does not show this file")
		}},
		{"p06-held-back-file", breaking, "A copy is enclosed of a file whose digests are held back.", func() outcome {
			s := collected()
			s.item.Events[0].Hide(hide("file/1", false))
			return s.out().enclose(1, []byte("a")).undecided(1, "content.tree", "nothing to compare the copy with")
		}},

		{"p15-single-salts", holding, "Each value shown comes with a salt of its own, and no other salt.", func() outcome {
			return withFields(hide("file/1", false)).out().holds(1, "record.root", "all 3 entries")
		}},
		{"p15-other-salt", breaking, "A value is shown with another salt than the record was made with.", func() outcome {
			s := withFields(nil)
			o := s.out()
			event(o.d, s.item, 0).Record.Entries[1].Salt[0] ^= 1
			return o.fails(1, "record.root", "not the one the event signed")
		}},
		{"p15-other-leaf-salt", breaking, "The event is shown with another salt than its leaf was made with.", func() outcome {
			s := handed()
			o := s.out()
			event(o.d, s.item, 0).Salt[31] ^= 1
			return o.fails(4, "leaf.included", "not what stands at")
		}},

		{"p23-both-roots", holding, "Both record roots lead to the signed ones; the file's bytes rest on SHA-256 alone, and that is said.", func() outcome {
			return collected().out().enclose(1, []byte("a")).holds(1, "record.root", "lead to the signed roots").shows(1, "not applicable", "content.second", "SHA-256 alone")
		}},
		{"p23-second-digest", holding, "The file has a second digest.", func() outcome {
			d := evidence.DigestBytes([]byte("a"), evidence.WithSHA256|evidence.WithSHA512)
			s := stated(func(x *evidence.Digests) { *x = d })
			return s.out().enclose(1, []byte("a")).holds(1, "content.tree", "").shows(1, "undecided", "content.sha512", "not recomputed")
		}},
		{"p23-second-root", breaking, "The second record root, under SHA3-256, is that of another record.", func() outcome {
			s := collected()
			s.examine(s.ann, func(e *evidence.Event) { e.Record.Root3[0] ^= 1 })
			return s.out().fails(1, "record.root", s.item.ID.String()+"/1")
		}},

		{"p24-size", holding, "Root and size of the content tree are checked together.", func() outcome {
			return collected().out().enclose(1, []byte("a")).holds(1, "content.size", "recomputed")
		}},
		{"p24-empty-file", holding, "An empty file has a tree without leaves.", func() outcome {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "empty"}}})
			return s.out().enclose(1, nil).holds(1, "content.tree", evidence.DigestBytes(nil, 0).Tree.String())
		}},
		{"p24-other-size", breaking, "The sealed size is not that of the bytes whose content tree was sealed.", func() outcome {
			return stated(func(d *evidence.Digests) { d.Size++ }).out().enclose(1, []byte("a")).fails(1, "content.size", "not the one that was sealed")
		}},
	}
}

// withFields has an item with two fields and a file, of which the reader is
// shown what withhold leaves.
func withFields(withhold func(evidence.ViewEntry) *evidence.Withholding) *stage {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{"case": "7 Js 12/26", "place": "berth 4"}, Files: oneFile.Files})
	s.item.Events[0].Hide(withhold)
	return s
}

// stated has an item with a file whose digests the sealer stated otherwise.
func stated(edit func(*evidence.Digests)) *stage {
	s := newStage(verifytest.Config{})
	d := evidence.DigestBytes([]byte("a"), evidence.WithSHA256)
	edit(&d)
	s.item = s.ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "a.txt", Digests: &d}}})
	return s
}

// hide holds back the entry with that name, with its name or without.
func hide(name string, nameToo bool) func(evidence.ViewEntry) *evidence.Withholding {
	return func(e evidence.ViewEntry) *evidence.Withholding {
		if e.Name != name {
			return nil
		}
		return &evidence.Withholding{Name: nameToo, Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonProtectedPerson, Review: "2027-01-01"}}
	}
}

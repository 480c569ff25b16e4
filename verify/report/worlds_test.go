package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report"
	"example.org/custody/verify/verifytest"
)

// A subject is what a report is made of.
type subject struct {
	v *verify.Verdict
	o report.Options
	t verify.Trust

	raw []byte // the package
}

// worlds are the verdicts that the golden files show, by name.
var worlds = map[string]func(t testing.TB) subject{
	"holds": func(t testing.TB) subject {
		s := handed()
		return s.package_(t, nil)
	},
	"fails": func(t testing.TB) subject {
		// A copy that differs, an event left out, and what rests on that.
		s := handed()
		s.files[1].Content = append(bytes.Clone(s.files[1].Content), '!')
		return s.package_(t, func(d *pack.Dossier) {
			l := d.Log(s.item.Events[2].Event.Origin)
			drop(d, l, s.item, 2)
		})
	},
	"undecided": func(t testing.TB) subject {
		// Nobody gave a trust list.
		s := handed()
		out := s.package_(t, nil)
		out.v = verified(t, s.bytes, verify.Trust{Source: verify.SourceNone}, verify.Options{TreeOnly: true})
		out.o.List = ""
		return out
	},
	"withheld": func(t testing.TB) subject {
		s := handed()
		s.files = s.files[:1] // of what is held back no copy is enclosed
		return s.package_(t, func(d *pack.Dossier) {
			for i := range d.Events {
				if item, _, _ := d.Events[i].Place(); item == s.item.ID {
					d.Events[i].Record = d.Events[i].Record.Withhold(holdBack)
				}
			}
		})
	},
	"erased": func(t testing.TB) subject {
		// Of what the collector did one act was erased by an order.
		s := collected()
		gone := s.item.Act(evidence.Examine, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{"note": "names a witness"}})
		approver := s.w.State("AA").Enrol(evidence.RoleApprover)
		s.item.Act(evidence.Dispose, []*verifytest.Officer{s.ann, approver}, verifytest.Record{Fields: map[string]any{"order": "AA-7/2026"}}, func(e *evidence.Event) {
			e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "AA-7/2026"}}
		})
		gone.Erased = true
		s.item.Offer(s.ann, s.bob)
		s.w.Tick(3 * time.Hour)
		s.item.Accept(s.bob)
		return s.package_(t, nil)
	},
	"gaps": func(t testing.TB) subject {
		s := collected()
		s.item.Act(evidence.Examine, []*verifytest.Officer{s.ann}, verifytest.Record{Fields: map[string]any{
			"physical-seal.before": []string{"AA 0417"}, "physical-seal.after": []string{"AA 0512"},
		}})
		s.item.Offer(s.ann, s.bob)
		s.w.Tick(72 * time.Hour)
		return s.package_(t, nil)
	},
	"several": func(t testing.TB) subject {
		// Five items, two of which need attention.
		s := handed()
		items := []*verifytest.Item{s.item}
		var files [][]verifytest.File
		files = append(files, s.files)
		for _, label := range []string{"Telephone, black", "Ledger of payments", "Van, white", "Memory card"} {
			x := verifytest.File{Path: label + ".bin", Content: []byte(label)}
			items = append(items, s.bob.Collect(verifytest.Record{Fields: map[string]any{"label": label}, Files: []verifytest.File{x}}))
			if label == "Van, white" {
				x.Content = []byte("another van")
			}
			files = append(files, []verifytest.File{x})
		}
		items[4].Offer(s.bob, s.ann)
		s.w.Tick(72 * time.Hour)
		s.bytes = s.w.Package(verifytest.Packing{By: s.bob, Items: items, Files: files, To: "KLA-2026/5"})
		return s.subject(t)
	},
	"container": func(t testing.TB) subject {
		// The file is cut off.
		s := handed()
		s.package_(t, nil)
		s.bytes = s.bytes[:len(s.bytes)/2]
		return s.subject(t)
	},
	"hostile": func(t testing.TB) subject {
		s := collected()
		s.files = []verifytest.File{{Path: hostile, Content: []byte("x")}}
		s.item = s.ann.Collect(verifytest.Record{Files: s.files, Fields: map[string]any{
			"label": hostile, "exhibit": hostile, "authority": map[string]any{hostile: []string{hostile}}, "physical-seal": []string{hostile},
			"description": strings.Repeat(hostile, 30), "use-limits": hostile,
		}})
		out := s.package_(t, nil)
		out.o.File, out.o.List = hostile, hostile
		return out
	},
	"alone": func(t testing.TB) subject {
		// A state that nobody vouches for.
		s := collectedIn(verifytest.Config{States: []string{"AA"}})
		return s.package_(t, nil)
	},
	"required": func(t testing.TB) subject {
		// The trust list requires an answer to a question that does not apply.
		s := collectedIn(verifytest.Config{Edit: func(l *trust.List) { l.Require = []int{1, 2, 3, 4, 6, 7} }})
		out := s.package_(t, nil)
		out.o.Require = s.w.List.Require
		return out
	},
}

// hostile is what names and values may hold that wants to be more than text.
const hostile = "x' \"$(echo owned)`echo owned`\n; echo owned # <script>alert(1)</script> \u202egpj.exe \x1b[31m\u200b</title>&amp;"

func file(size int) verifytest.File {
	return verifytest.File{Path: fmt.Sprintf("of %d bytes.bin", size), Content: bytes.Repeat([]byte{7}, size)}
}

func recordOf(files []verifytest.File) verifytest.Record { return verifytest.Record{Files: files} }

// stage is a world with an item that went across a border.
type stage struct {
	w        *verifytest.World
	ann, bob *verifytest.Officer
	item     *verifytest.Item
	files    []verifytest.File
	bytes    []byte
}

func collected() *stage { return collectedIn(verifytest.Config{}) }

func collectedIn(c verifytest.Config) *stage {
	w := verifytest.New(c)
	s := &stage{w: w, ann: w.State("AA").Enrol(evidence.RoleCollector)}
	s.bob = w.States[len(w.States)-1].Enrol(evidence.RoleExaminer)
	s.files = []verifytest.File{
		{Path: "photos/gate.jpg", Content: bytes.Repeat([]byte("gate"), 700)},
		{Path: "statement.txt", Content: []byte("I saw the van at nine.\n")},
	}
	s.item = s.ann.Collect(verifytest.Record{Files: s.files, Fields: map[string]any{
		"authority": map[string]any{"kind": "search warrant", "reference": "AA-113/2026", "from": "2026-11-20", "to": "2026-11-30"},
		"case":      "AA-2026-0042", "exhibit": "E-17", "label": "Photographs and statement from the depot",
		"collector": "Officer 4711", "physical-seal": []string{"AA 0417", "AA 0418"}, "place": "Depot, north gate",
	}})
	return s
}

func handed() *stage {
	s := collected()
	s.item.Offer(s.ann, s.bob)
	s.w.Tick(3 * time.Hour)
	s.item.Accept(s.bob)
	s.w.Tick(26 * time.Hour)
	s.item.Act(evidence.Examine, []*verifytest.Officer{s.bob}, verifytest.Record{Fields: map[string]any{"note": "read and copied"}})
	return s
}

// package_ packs the stage's item and verifies the package.
func (s *stage) package_(t testing.TB, change func(*pack.Dossier)) subject {
	s.bytes = s.w.Package(verifytest.Packing{
		By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{s.files}, To: "KLA-2026/5", Dossier: change,
	})
	return s.subject(t)
}

func (s *stage) subject(t testing.TB) subject {
	t.Helper()
	v, p, err := verify.File(t.Context(), bytes.NewReader(s.bytes), int64(len(s.bytes)), s.w.Trust(), verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := report.Options{File: "package.asice", List: "trust.note"}
	if p != nil {
		o.Dossier = p.Dossier
	}
	return subject{v, o, s.w.Trust(), s.bytes}
}

func verified(t testing.TB, b []byte, root verify.Trust, o verify.Options) *verify.Verdict {
	t.Helper()
	v, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), root, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holdBack withholds who, with the field's name, and where, a note, and one file.
func holdBack(e evidence.ViewEntry) *evidence.Withholding {
	w := evidence.Withheld{Authority: "Prosecutor of AA", Code: evidence.ReasonProtectedPerson, Review: "2027-05-01"}
	switch e.Name {
	case "collector":
		return &evidence.Withholding{Withheld: w, Name: true}
	case "place":
		return &evidence.Withholding{Withheld: w}
	case "file/2":
		w.Code = evidence.ReasonVictimPrivacy
		return &evidence.Withholding{Withheld: w}
	case "note":
		w.Code = evidence.ReasonMethod
		return &evidence.Withholding{Withheld: w}
	}
	return nil
}

// drop takes an event of an item out of a dossier.
func drop(d *pack.Dossier, l *pack.LogLine, i *verifytest.Item, seq uint64) {
	for n, e := range d.Events {
		if item, s, err := e.Place(); err == nil && item == i.ID && s == seq {
			for m, x := range l.Inclusion {
				if x.Index == e.Index {
					l.Inclusion = append(l.Inclusion[:m:m], l.Inclusion[m+1:]...)
				}
			}
			d.Events = append(d.Events[:n:n], d.Events[n+1:]...)
			return
		}
	}
	panic("no such event")
}

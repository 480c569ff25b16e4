package verify_test

import (
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

const (
	originA = evidence.Origin("log.AA.example/1")
	originB = evidence.Origin("log.BB.example/1")
)

// stage is a world with the people and the item that most cases need.
type stage struct {
	w        *verifytest.World
	ann, bob *verifytest.Officer // collector of AA, examiner of BB
	item     *verifytest.Item
}

func newStage(c verifytest.Config) *stage {
	w := verifytest.New(c)
	return &stage{w: w, ann: w.State("AA").Enrol(evidence.RoleCollector), bob: w.State("BB").Enrol(evidence.RoleExaminer)}
}

var oneFile = verifytest.Record{Files: []verifytest.File{{Path: "a.txt", Content: []byte("a")}}}

// collected has an item in ann's hands.
func collected() *stage {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(oneFile)
	return s
}

// handed has an item that went from ann to bob, who examined it.
func handed() *stage {
	s := collected()
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	s.item.Act(evidence.Examine, []*verifytest.Officer{s.bob}, verifytest.Record{})
	return s
}

func (s *stage) examine(by *verifytest.Officer, edits ...verifytest.Edit) *verifytest.Event {
	return s.item.Act(evidence.Examine, []*verifytest.Officer{by}, verifytest.Record{}, edits...)
}

// outcome is what a case hands to the verifier and what must come out.
type outcome struct {
	d     *pack.Dossier
	trust verify.Trust
	opts  verify.Options
	exit  int    // of the verdict
	q     int    // the question with the finding; 0: the container
	want  string // "holds", "fails:<check>", "undecided:<check>"
	about string // part of the finding's subject or detail
}

// out gives the stage's dossier, with further items, to the verifier now.
func (s *stage) out(also ...*verifytest.Item) outcome {
	items := append([]*verifytest.Item{s.item}, also...)
	return outcome{d: s.w.Dossier(items...), trust: s.w.Trust(), opts: verify.Options{AsOf: s.w.Now}}
}

func (o outcome) holds() outcome { o.want, o.exit = "holds", verify.ExitHolds; return o }

func (o outcome) fails(q int, check, about string) outcome {
	o.want, o.exit, o.q, o.about = "fails:"+check, verify.ExitFails, q, about
	return o
}

func (o outcome) undecided(q int, check, about string) outcome {
	o.want, o.exit, o.q, o.about = "undecided:"+check, verify.ExitUndecided, q, about
	return o
}

// but changes the exit code: some questions are not required.
func (o outcome) but(exit int) outcome { o.exit = exit; return o }

// event returns the line of an item's event.
func event(d *pack.Dossier, i *verifytest.Item, seq uint64) *pack.EventLine {
	for n := range d.Events {
		if id, s, err := d.Events[n].Place(); err == nil && id == i.ID && s == seq {
			return &d.Events[n]
		}
	}
	panic("no such event")
}

// drop takes an event and its inclusion proof out of a dossier.
func drop(d *pack.Dossier, i *verifytest.Item, seq uint64) {
	e := event(d, i, seq)
	l := d.Log(i.Events[seq].Event.Origin)
	l.Inclusion = slices.DeleteFunc(l.Inclusion, func(x pack.Inclusion) bool { return x.Index == e.Index })
	d.Events = slices.DeleteFunc(d.Events, func(x pack.EventLine) bool {
		id, s, err := x.Place()
		return err == nil && id == i.ID && s == seq
	})
}

// proveClosed adds an honest map proof for a seal to a dossier.
func (s *stage) proveClosed(d *pack.Dossier, o evidence.Origin, seal evidence.Seal) {
	p, err := s.w.LogOf(o).Seals.Prove(seal)
	if err != nil {
		panic(err)
	}
	l := d.Log(o)
	l.Closed = slices.DeleteFunc(l.Closed, func(c pack.ClosedLine) bool { return c.Seal == seal })
	l.Closed = append(l.Closed, pack.ClosedLine{Seal: seal, Proof: p})
}

// setNote puts another note in the place of a ledger's shared checkpoint.
func setNote(d *pack.Dossier, o evidence.Origin, note []byte) {
	d.Log(o).Note = pack.NoteDigest(note)
	d.Notes = append(d.Notes, note)
}

// encodeDecode passes a dossier through its files, as every real one does.
func encodeDecode(t testing.TB, d *pack.Dossier) *pack.Dossier {
	t.Helper()
	d.Notes = dedupe(d.Notes)
	files, err := d.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	c, err := pack.Decode(files)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return c
}

func dedupe(notes [][]byte) [][]byte {
	seen := map[evidence.Hash]bool{}
	return slices.DeleteFunc(notes, func(n []byte) bool {
		h := pack.NoteDigest(n)
		defer func() { seen[h] = true }()
		return seen[h]
	})
}

// check holds a verdict against what a case wants.
func (o outcome) check(t *testing.T, v *verify.Verdict) {
	t.Helper()
	if v.Exit != o.exit {
		t.Errorf("exit %d, want %d: %s", v.Exit, o.exit, v.Sentence)
	}
	if o.want == "holds" {
		return
	}
	for _, f := range findings(v, o.q) {
		if string(f.Status)+":"+f.Check == o.want && (contains(f.Detail, o.about) || contains(f.Subject, o.about)) {
			if f.Status == verify.Fails && len(f.Proof) == 0 {
				t.Errorf("%s of %s fails without proof", f.Check, f.Subject)
			}
			return
		}
	}
	t.Errorf("question %d has no finding %s about %q", o.q, o.want, o.about)
	for _, f := range findings(v, o.q) {
		if f.Status != verify.Holds {
			t.Logf("   %-16s %-10s %.20s… %s", f.Check, f.Status, f.Subject, f.Detail)
		}
	}
}

func findings(v *verify.Verdict, q int) []verify.Finding {
	if q == 0 {
		return v.Container
	}
	var list []verify.Finding
	for _, i := range v.Items {
		list = append(list, i.Questions[q-1].Findings...)
	}
	return list
}

func day(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

package verify_test

import (
	"slices"
	"strings"
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
	files func(map[string][]byte) // changes the dossier's files; nil: nothing
	keys  string                  // of a reader, as an age identity file; opts.Keys are made of it

	exit  int     // of the verdict
	found []shown // findings the verdict must have
}

// shown is a finding that a verdict must have.
type shown struct {
	q      int // question; 0: the container
	status verify.Status
	check  string
	about  string // part of its subject or detail
}

// out gives the stage's dossier, with further items, to the verifier now.
func (s *stage) out(also ...*verifytest.Item) outcome {
	items := append([]*verifytest.Item{s.item}, also...)
	return outcome{d: s.w.Dossier(items...), trust: s.w.Trust(), opts: verify.Options{AsOf: s.w.Now}}
}

func (o outcome) shows(q int, status verify.Status, check, about string) outcome {
	o.found = append(o.found, shown{q, status, check, about})
	return o
}

// holds wants a verdict that holds, and this finding in it.
func (o outcome) holds(q int, check, about string) outcome {
	o.exit = verify.ExitHolds
	return o.shows(q, verify.Holds, check, about)
}

// fails wants proof against the dossier, and this finding to name the cause.
func (o outcome) fails(q int, check, about string) outcome {
	o.exit = verify.ExitFails
	return o.shows(q, verify.Fails, check, about)
}

// undecided wants a verdict that could not be decided because of this finding.
func (o outcome) undecided(q int, check, about string) outcome {
	o.exit = verify.ExitUndecided
	return o.shows(q, verify.Undecided, check, about)
}

// but changes the exit code: some questions are not required.
func (o outcome) but(exit int) outcome { o.exit = exit; return o }

// at asks for another moment, so much later.
func (o outcome) at(later time.Duration) outcome {
	o.opts.AsOf = o.opts.AsOf.Add(later)
	return o
}

// under gives another list to the reader, and to the dossier.
func (o outcome) under(t verify.Trust) outcome {
	o.trust = t
	o.d.Lists = map[uint64][]byte{uint64(t.List.Version): t.List.Note()}
	return o
}

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

// shut makes it look as if nothing were missing where an event was dropped: the
// ledger's map shows the seal that it closed.
func (s *stage) shut(d *pack.Dossier, e *verifytest.Event) {
	s.proveClosed(d, e.Event.Origin, e.Event.Closes)
}

// enclose says that a copy with this content was found for the item's file n.
func (o outcome) enclose(n int, content []byte) outcome {
	e := pack.Enclosed{Entry: pack.PayloadName(1, n, ""), File: evidence.FileName(n)}
	o.d.Items[0].Payload = append(o.d.Items[0].Payload, e)
	if o.opts.Contents == nil {
		o.opts.Contents = pack.Contents{}
	}
	o.opts.Contents[e.Where()] = evidence.DigestBytes(content, evidence.WithSHA256)
	return o
}

// setNote puts another note in the place of a ledger's shared checkpoint.
func setNote(d *pack.Dossier, o evidence.Origin, note []byte) {
	d.Log(o).Note = pack.NoteDigest(note)
	d.Notes = append(d.Notes, note)
}

// verdict passes a dossier through its files, as every real one does, and
// verifies it.
func (o outcome) verdict(t testing.TB) *verify.Verdict {
	t.Helper()
	return judge(o.encode(t), o.trust, o.opts)
}

func (o outcome) encode(t testing.TB) map[string][]byte {
	t.Helper()
	o.d.Notes = dedupe(o.d.Notes)
	files, err := o.d.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	if o.files != nil {
		o.files(files)
	}
	return files
}

func judge(files map[string][]byte, t verify.Trust, o verify.Options) *verify.Verdict {
	d, err := pack.Decode(files)
	if err != nil {
		return verify.Refused(err, t)
	}
	return verify.Dossier(d, t, o)
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
func (o outcome) check(t testing.TB, v *verify.Verdict) {
	t.Helper()
	if v.Exit != o.exit {
		t.Errorf("exit %d, want %d: %s", v.Exit, o.exit, v.Sentence)
	}
	for _, want := range o.found {
		f := want.in(v)
		if f == nil {
			t.Errorf("question %d has no finding %s %s about %q", want.q, want.status, want.check, want.about)
			continue
		}
		if f.Status == verify.Fails && len(f.Proof) == 0 {
			t.Errorf("%s of %s fails without proof", f.Check, f.Subject)
		}
	}
	if t.Failed() {
		logFindings(t, v)
	}
}

// in returns the finding in a verdict, or nil.
func (want shown) in(v *verify.Verdict) *verify.Finding {
	for _, f := range findings(v, want.q) {
		if f.Status == want.status && f.Check == want.check && (strings.Contains(f.Detail, want.about) || strings.Contains(f.Subject, want.about)) {
			return &f
		}
	}
	return nil
}

func logFindings(t testing.TB, v *verify.Verdict) {
	t.Helper()
	for q := range 11 {
		for _, f := range findings(v, q) {
			if f.Status != verify.Holds {
				t.Logf("%2d %-16s %-10s …%s %s", q, f.Check, f.Status, f.Subject[max(0, len(f.Subject)-20):], f.Detail)
			}
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

package contract

import (
	"bytes"
	"testing"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
)

var none = []byte("[]")

// A ledger's checkpoints are anchored one after the other, with exactly two writes each.
func TestAnchor(t *testing.T) {
	w := newWorld(t).adopt()
	s := w.states["AA"]
	s.log1.grow(20, 1)
	for _, step := range [][2]uint64{{0, 3}, {3, 7}, {7, 20}} {
		proof := none
		if step[0] > 0 {
			proof = w.proof(s.log1, step[0], step[1])
		}
		writes := w.do("AA", FuncAnchor, w.note(s, s.log1, step[1]), proof)
		if len(writes) != 2 || writes[anchor.HeadKey(s.origin)] == nil || writes[anchor.CheckpointKey(s.origin, step[1])] == nil {
			t.Errorf("writes %v", writes)
		}
		if c, ok := w.head(s.origin); !ok || c != w.tree(s.log1, step[1]) {
			t.Errorf("head %+v", c)
		}
	}
}

// What the rules refuse writes nothing.
func TestAnchorRefused(t *testing.T) {
	w := newWorld(t).adopt()
	s, other := w.states["AA"], w.states["BB"]
	s.log1.grow(20, 1)
	s.log2.grow(5, 1)
	s.log2.grow(15, 2)
	other.log1.grow(9, 3)
	_, stranger, err := trust.GenerateKey("ledger.AA")
	if err != nil || stranger == s.logKey {
		t.Fatal(err)
	}
	w.do("AA", FuncAnchor, w.note(s, s.log1, 10), none)
	for name, c := range map[string]struct {
		who         string
		note, proof []byte
		want        Code
	}{
		"another state's":       {"BB", w.note(s, s.log1, 12), w.proof(s.log1, 10, 12), NotOwn},
		"of no state":           {"ORDERERS", w.note(s, s.log1, 12), w.proof(s.log1, 10, 12), Unlisted},
		"wrong key":             {"AA", wrongKey(t, w, s, 12), w.proof(s.log1, 10, 12), WrongKey},
		"unknown ledger":        {"AA", wrongName(t, w, s), none, Unlisted},
		"no note":               {"AA", []byte("hello\n"), none, Malformed},
		"a large note":          {"AA", make([]byte, anchor.MaxNote+1), none, Malformed},
		"no proof":              {"AA", w.note(s, s.log1, 12), none, Inconsistent},
		"proof of another tree": {"AA", w.note(s, s.log1, 12), w.proof(s.log1, 10, 13), Inconsistent},
		"another history":       {"AA", w.note(s, s.log2, 12), w.proof(s.log2, 10, 12), Inconsistent},
		"smaller":               {"AA", w.note(s, s.log1, 9), none, Smaller},
		"the same":              {"AA", w.note(s, s.log1, 10), none, Already},
		"proof out of form":     {"AA", w.note(s, s.log1, 12), []byte("null"), Malformed},
	} {
		before := len(w.on)
		_, _, err := w.try(c.who, FuncAnchor, c.note, c.proof)
		t.Run(name, func(t *testing.T) { wantRefused(t, err, c.want) })
		if len(w.on) != before {
			t.Errorf("%s: written", name)
		}
	}
	if _, _, err := w.try("BB", FuncAnchor, w.note(other, other.log1, 4), w.proof(other.log1, 2, 4)); !IsRefused(err, Inconsistent) {
		t.Errorf("a first anchor with a proof: %v", err)
	}
}

// Two trees of one size are recorded as an alarm, also when the size is not the newest;
// the forked one is not adopted, and nothing of the ledger is anchored afterwards.
func TestSplit(t *testing.T) {
	for _, size := range []uint64{8, 10} {
		w := newWorld(t).adopt()
		s := w.states["AA"]
		s.log1.grow(20, 1)
		s.log2.grow(20, 2)
		w.do("AA", FuncAnchor, w.note(s, s.log1, 8), none)
		w.do("AA", FuncAnchor, w.note(s, s.log1, 10), w.proof(s.log1, 8, 10))
		writes := w.do("AA", FuncAnchor, w.note(s, s.log2, size), none)
		b, _, err := w.try("CC", FuncCaught, []byte(s.origin))
		if err != nil || len(writes) != 2 || !bytes.Equal(writes[anchor.AlarmKey(s.origin, trust.DigestOf(b))], b) {
			t.Errorf("size %d: %v, %d writes", size, err, len(writes))
		}
		if a, err := witness.ParseAlarm(b); err != nil || a.Kind != witness.Split {
			t.Errorf("size %d: %+v, %v", size, a.Kind, err)
		}
		if c, _ := w.head(s.origin); c != w.tree(s.log1, 10) {
			t.Errorf("the head went to %+v", c)
		}
		_, _, err = w.try("AA", FuncAnchor, w.note(s, s.log1, 12), w.proof(s.log1, 10, 12))
		wantRefused(t, err, Caught)
	}
}

// An alarm that any state shows is recorded once, and others about that ledger beside it.
func TestAlarm(t *testing.T) {
	w := newWorld(t).adopt()
	s := w.states["AA"]
	s.log1.grow(20, 1)
	s.log2.grow(20, 2)
	first, second := w.forkAlarm(s, s.log1, s.log2, 5, 9), w.forkAlarm(s, s.log1, s.log2, 6, 9)
	if writes := w.do("CC", FuncAlarm, first); len(writes) != 2 {
		t.Errorf("%d writes", len(writes))
	}
	if writes := w.do("AA", FuncAlarm, second); len(writes) != 1 {
		t.Errorf("%d writes of a second alarm", len(writes))
	}
	b, _, err := w.try("BB", FuncCaught, []byte(s.origin))
	if err != nil || !bytes.Equal(b, first) {
		t.Errorf("the first alarm is not kept: %v", err)
	}
	for name, c := range map[string]struct {
		who   string
		alarm []byte
		want  Code
	}{
		"once more":      {"CC", first, Already},
		"proves nothing": {"CC", w.forkAlarm(s, s.log1, s.log1, 5, 9), NoProof},
		"wrong key":      {"CC", strangers(t, w, s), NoProof},
		"of no state":    {"DD", second, Unlisted},
		"no alarm":       {"CC", []byte("{}"), Malformed},
	} {
		_, _, err := w.try(c.who, FuncAlarm, c.alarm)
		t.Run(name, func(t *testing.T) { wantRefused(t, err, c.want) })
	}
	_, _, err = w.try("AA", FuncAnchor, w.note(s, s.log1, 20), none)
	wantRefused(t, err, Caught)
}

// The first list is the pinned one; later ones follow it; a majority adopts, and a vote
// may change until then.
func TestTrust(t *testing.T) {
	w := newWorld(t)
	s := w.states["AA"]
	s.log1.grow(3, 1)
	_, _, err := w.try("AA", FuncAnchor, w.note(s, s.log1, 3), none)
	wantRefused(t, err, NotAdopted)
	elsewhere := newWorld(t)
	_, _, err = w.try("AA", FuncTrust, elsewhere.list.Note())
	wantRefused(t, err, NotAdopted)
	for i, code := range []string{"AA", "BB", "CC"} {
		writes := w.do(code, FuncTrust, w.list.Note())
		if adopted := writes[anchor.TrustKey] != nil; adopted != (i == 2) { // all founders sign
			t.Errorf("after %d votes adopted: %v", i+1, adopted)
		}
	}
	_, _, err = w.try("AA", FuncTrust, w.list.Note())
	wantRefused(t, err, Already)
	one, other := w.next("one/1"), w.next("other/1")
	w.do("AA", FuncTrust, one.Note())
	_, _, err = w.try("AA", FuncTrust, one.Note())
	wantRefused(t, err, Already)
	w.do("BB", FuncTrust, other.Note())
	w.do("CC", FuncTrust, other.Note())
	if b, _, err := w.try("AA", FuncAdopted); err != nil || !bytes.Equal(b, w.list.Note()) {
		t.Errorf("adopted without AA: %v", err)
	}
	w.do("AA", FuncTrust, other.Note())
	if b, _, err := w.try("AA", FuncAdopted); err != nil || !bytes.Equal(b, other.Note()) {
		t.Errorf("not adopted: %v", err)
	}
	_, _, err = w.try("AA", FuncTrust, one.Note())
	wantRefused(t, err, NotAdopted)
	_, _, err = w.try("DD", FuncTrust, other.Note())
	wantRefused(t, err, Already)
}

func (w *world) next(standard string) *trust.List {
	n := w.list.Next(day.AddDate(0, 1, 0), day.AddDate(2, 0, 0))
	n.Standards = append(n.Standards, trust.Pin{Name: standard, Digest: trust.DigestOf([]byte(standard))})
	return w.sign(n, w.list)
}

// A standard's digest is adopted by the same quorum, once.
func TestStandard(t *testing.T) {
	w := newWorld(t)
	name, d := []byte("iso-27037/1"), digest([]byte("pack"))
	_, _, err := w.try("AA", FuncStandard, name, d)
	wantRefused(t, err, NotAdopted)
	w.adopt()
	for i, code := range []string{"AA", "CC", "BB"} {
		writes := w.do(code, FuncStandard, name, d)
		if adopted := writes[anchor.PackKey(string(name))] != nil; adopted != (i == 2) {
			t.Errorf("after %d votes adopted: %v", i+1, adopted)
		}
	}
	if b, _, err := w.try("AA", FuncPack, name); err != nil || !bytes.Equal(b, d) {
		t.Errorf("%s, %v", b, err)
	}
	for _, c := range []struct {
		who       string
		name, dig []byte
		want      Code
	}{
		{"AA", name, digest([]byte("other")), Already},
		{"DD", []byte("x/1"), d, Unlisted},
		{"AA", []byte("x"), d, Malformed},
		{"AA", []byte("x/1/AA"), d, Malformed},
		{"AA", []byte("x/1"), []byte("abc"), Malformed},
	} {
		_, _, err := w.try(c.who, FuncStandard, c.name, c.dig)
		wantRefused(t, err, c.want)
	}
	_, _, err = w.try("AA", FuncPack, []byte("y/1"))
	wantRefused(t, err, Absent)
}

// A ledger that ended takes its pinned last checkpoint and nothing after it; a revoked
// key signs nothing, and what it signs is no alarm.
func TestEndedAndRevoked(t *testing.T) {
	w := newWorld(t).adopt()
	a, b := w.states["AA"], w.states["BB"]
	for _, s := range []*state{a, b} {
		s.log1.grow(20, 1)
		s.log2.grow(20, 2)
	}
	w.do("AA", FuncAnchor, w.note(a, a.log1, 5), none)
	n := w.list.Next(day.AddDate(0, 1, 0), day.AddDate(2, 0, 0))
	end := w.tree(a.log1, 10)
	n.Retired = append(n.Retired, trust.Retirement{Final: trust.Point{Origin: string(a.origin), Size: 10, Root: end.Root}})
	n.Revoked = append(n.Revoked, trust.Revocation{Key: b.logKey, Reason: "stolen", GoodUntil: trust.Point{Origin: string(b.origin), Size: 5, Root: w.tree(b.log1, 5).Root}})
	w.list = w.sign(n, w.list)
	w.adopt()
	_, _, err := w.try("AA", FuncAnchor, w.note(a, a.log2, 10), w.proof(a.log2, 5, 10))
	wantRefused(t, err, Ended)
	_, _, err = w.try("AA", FuncAnchor, w.note(a, a.log1, 11), w.proof(a.log1, 5, 11))
	wantRefused(t, err, Ended)
	w.do("AA", FuncAnchor, w.note(a, a.log1, 10), w.proof(a.log1, 5, 10))
	_, _, err = w.try("BB", FuncAnchor, w.note(b, b.log1, 9), none)
	wantRefused(t, err, Unlisted)
	_, _, err = w.try("AA", FuncAlarm, w.forkAlarm(b, b.log1, b.log2, 5, 9))
	wantRefused(t, err, Unlisted)
}

func TestFunctions(t *testing.T) {
	w := newWorld(t).adopt()
	for _, args := range [][]string{{"nothing"}, {FuncAnchor}, {FuncHead, "a", "b"}, {FuncAdopted, "a"}} {
		var rest [][]byte
		for _, a := range args[1:] {
			rest = append(rest, []byte(a))
		}
		_, _, err := w.try("AA", args[0], rest...)
		wantRefused(t, err, Malformed)
	}
	for _, f := range []string{FuncHead, FuncCaught} {
		_, _, err := w.try("AA", f, []byte("ledger.AA"))
		wantRefused(t, err, Absent)
		_, _, err = w.try("AA", f, []byte(" "))
		wantRefused(t, err, Malformed)
	}
	empty := newWorld(t)
	_, _, err := empty.try("AA", FuncAdopted)
	wantRefused(t, err, Absent)
	if CodeOf("no refusal") != "" {
		t.Error("a code where there is none")
	}
}

package trust

import (
	"fmt"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

const (
	aaLog, aaNext = "log.aa.example/1", "log.aa.example/2"
	bbLog         = "log.bb.example/1"
)

func pointAt(origin string, size uint64) Point {
	return Point{Origin: origin, Size: size, Root: DigestOf([]byte{byte(size)})}
}

// history is a list in which keys were rotated, revoked and retired.
func history(t testing.TB) *List {
	l, _ := founded(t, 0, "AA", "BB")
	second := vkey(t, aaNext, AlgEd25519)
	rotated, err := newVKey(bbLog, AlgEd25519, []byte(vkey(t, "second.bb", AlgEd25519).key))
	if err != nil {
		t.Fatal(err)
	}
	l.Logs = append(l.Logs,
		Log{Origin: aaNext, State: "AA", Key: second, FromSize: 10},
		Log{Origin: bbLog, State: "BB", Key: rotated, FromSize: 1000})
	for _, p := range l.Policies[:2] { // those of AA's first log
		p.Origin = aaNext
		l.Policies = append(l.Policies, p)
	}
	l.Retired = []Retirement{{Final: pointAt(aaLog, 200), Successor: aaNext}}
	l.Witnesses[0].To = day.AddDate(0, 3, 0)                                                                // AA-witness
	l.Revoked = []Revocation{{Key: l.Auditors[0].Key, Reason: "compromise", GoodUntil: pointAt(bbLog, 50)}} // AA-auditor
	l.Authorities[1].To = day.AddDate(0, 3, 0)                                                              // BB's
	l.Compromised = []Compromise{{State: "AA", Digest: l.Authorities[0].Digest, GoodUntil: pointAt(aaLog, 120)}}
	return opened(t, l, nil, "AA", "BB")
}

func lookupVectors(t *testing.T, made map[string]vector) {
	l := history(t)
	witness := func(name, origin string, size int, at time.Time) string {
		k := vkey(t, name+".example", AlgCosignature)
		return fmt.Sprintf("%s %s %d %s %08x %s", name[:7], origin, size, k.name, k.hash, formatTime(at))
	}
	aa, bb := DigestOf([]byte("certificate of AA")), DigestOf([]byte("certificate of BB"))
	end := day.AddDate(0, 3, 0)
	for _, c := range []struct{ name, expect, why, ask string }{
		{"log-first-size", "holds", "A log's key counts from its from-size on.", "log log.aa.example/2 10"},
		{"log-below-first-size", "undecided:outside", "No key counts below the first from-size.", "log log.aa.example/2 9"},
		{"log-unknown", "undecided:unlisted", "A log the list does not name.", "log log.cc.example/1 10"},
		{"log-retired-end", "holds", "The pinned final checkpoint still counts.", "log log.aa.example/1 200"},
		{"log-retired-past-end", "undecided:outside", "Nothing counts past the pinned final checkpoint.", "log log.aa.example/1 201"},
		{"witness-last-second", "holds", "Windows are inclusive.", witness("witness.aa", bbLog, 70, end)},
		{"witness-late", "undecided:outside", "One second after the window.", witness("witness.aa", bbLog, 70, end.Add(time.Second))},
		{"witness-first-second", "holds", "Windows are inclusive.", witness("witness.bb", aaLog, 70, day)},
		{"witness-early", "undecided:outside", "One second before the window.", witness("witness.bb", aaLog, 70, day.Add(-time.Second))},
		{"witness-as-auditor", "undecided:unlisted", "A witness is no auditor.", "auditor" + witness("witness.bb", aaLog, 70, day)[7:]},
		{"silent", "undecided:silent", "A cosignature after next-update: the list says nothing about it (rule P12).", witness("witness.bb", aaLog, 70, l.NextUpdate.Add(time.Second))},
		{"next-update", "holds", "A cosignature at next-update itself.", witness("witness.bb", aaLog, 70, l.NextUpdate)},
		{"revoked-before", "holds", "Up to the last good checkpoint a revoked key counts.", witness("auditor.aa", bbLog, 50, day)},
		{"revoked-after", "undecided:revoked", "One leaf past the last good checkpoint.", witness("auditor.aa", bbLog, 51, day)},
		{"revoked-other-log", "undecided:revoked", "The revocation names no good checkpoint of this log: the key counts for none there.", witness("auditor.aa", aaLog, 10, day)},
		{"authority", "holds", "An authority within its window.", "authority " + bb.String() + " " + formatTime(end)},
		{"authority-late", "undecided:outside", "One second after the window.", "authority " + bb.String() + " " + formatTime(end.Add(time.Second))},
		{"authority-unknown", "undecided:unlisted", "A certificate the list does not name.", "authority " + DigestOf(nil).String() + " " + formatTime(day)},
		{"enrol-own-log", "holds", "An authority enrols keys in its own state's log (rule P8).", "enrol " + bb.String() + " log.bb.example/1 500"},
		{"enrol-other-log", "undecided:outside", "In another state's log its word counts for nothing.", "enrol " + bb.String() + " log.aa.example/1 10"},
		{"enrol-compromised-before", "holds", "Enrolled below the last good size of a compromised authority.", "enrol " + aa.String() + " log.aa.example/1 119"},
		{"enrol-compromised-after", "undecided:revoked", "At or past it all it enrolled is void.", "enrol " + aa.String() + " log.aa.example/1 120"},
		{"enrol-compromised-other-log", "undecided:revoked", "Another log of its state, for which no good checkpoint is named.", "enrol " + aa.String() + " log.aa.example/2 11"},
	} {
		made["ask-"+c.name] = listVector(c.expect, c.why, l.Note(), txtar.File{Name: "ask.txt", Data: []byte(c.ask + "\n")})
	}
	tsaVectors(t, made)
}

// tsaVectors are about timestamp authorities, which are bounded by the times of
// their own tokens (rule P12).
func tsaVectors(t *testing.T, made map[string]vector) {
	l, _ := founded(t, 0, "AA", "BB")
	end := day.AddDate(0, 3, 0)
	digest := DigestOf([]byte("certificate of time in AA"))
	l.TSAs = []TSA{{State: "AA", Digest: digest, From: day, To: end}}
	l = opened(t, l, nil, "AA", "BB")
	for _, c := range []struct {
		name, expect, why string
		of                Digest
		at                time.Time
	}{
		{"first-second", "holds", "Windows are inclusive.", digest, day},
		{"last-second", "holds", "Windows are inclusive.", digest, end},
		{"early", "undecided:outside", "A token of one second before the window.", digest, day.Add(-time.Second)},
		{"late", "undecided:outside", "A token of one second after the window.", digest, end.Add(time.Second)},
		{"silent", "undecided:silent", "A token after next-update: the list says nothing about it.", digest, l.NextUpdate.Add(time.Second)},
		{"unknown", "undecided:unlisted", "A timestamp authority that the list does not name.", DigestOf(nil), day},
		{"authority", "undecided:unlisted", "An authority that enrols keys is no timestamp authority.", DigestOf([]byte("certificate of AA")), day},
	} {
		ask := "tsa " + c.of.String() + " " + formatTime(c.at) + "\n"
		made["ask-tsa-"+c.name] = listVector(c.expect, c.why, l.Note(), txtar.File{Name: "ask.txt", Data: []byte(ask)})
	}
}

// TestLogKey says which key and which pinned checkpoint, which vectors do not.
func TestLogKey(t *testing.T) {
	l := history(t)
	first, _, err := l.LogKey(bbLog, 999)
	if err != nil || first.FromSize != 0 {
		t.Errorf("before the rotation: %+v, %v", first, err)
	}
	second, point, err := l.LogKey(bbLog, 1000)
	if err != nil || second.FromSize != 1000 || second.Key == first.Key || point != nil {
		t.Errorf("after the rotation: %+v, %v, %v", second, point, err)
	}
	if _, point, err = l.LogKey(aaLog, 200); err != nil || point == nil || *point != pointAt(aaLog, 200) {
		t.Errorf("retired, at its end: consistent with %v, %v", point, err)
	}
	if _, point, err = l.LogKey(aaLog, 199); err != nil || point != nil {
		t.Errorf("retired, before its end: consistent with %v, %v", point, err)
	}
	a := l.Auditors[0].Key
	_, point, err = l.Auditor(Cosignature{Origin: bbLog, Size: 50, Name: a.Name(), Hash: a.Hash(), Time: day})
	if err != nil || point == nil || *point != pointAt(bbLog, 50) {
		t.Errorf("revoked: consistent with %v, %v", point, err)
	}
	point, err = l.CheckEnrolment(l.Authorities[0].Digest, aaLog, 119)
	if err != nil || point == nil || *point != pointAt(aaLog, 120) {
		t.Errorf("compromised: consistent with %v, %v", point, err)
	}
	if r, ok := l.Retirement(aaLog); !ok || r.Successor != aaNext {
		t.Errorf("successor %q", r.Successor)
	}
	if !l.Requires(4) || l.Requires(5) || !l.Speaks(l.NextUpdate) || l.Speaks(l.NextUpdate.Add(1)) {
		t.Error("required questions or next-update")
	}
}

func TestRevokedLogKey(t *testing.T) {
	l := next(history(t))
	l.Revoked = append(l.Revoked, Revocation{Key: vkey(t, bbLog, AlgEd25519), Reason: "compromise", GoodUntil: pointAt(bbLog, 300)})
	l = opened(t, l, history(t), "AA", "BB")
	if _, point, err := l.LogKey(bbLog, 300); err != nil || point == nil || point.Size != 300 {
		t.Errorf("at the last good size: %v, %v", point, err)
	}
	if _, _, err := l.LogKey(bbLog, 301); errorName(t, err) != "undecided:revoked" {
		t.Errorf("past it: %v", err)
	}
	if _, point, err := l.LogKey(bbLog, 1000); err != nil || point != nil {
		t.Errorf("under the next key: %v, %v", point, err)
	}
}

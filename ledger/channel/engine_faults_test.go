//go:build engines

package channel

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/ledger/channel/contract"
)

// One state's peer may be down, slow, or run other rules, and the others anchor; with
// too few states, or without an orderer, nothing is anchored and it is said; when they
// are back the next round catches up, and nothing is anchored twice.
func TestEngineFaults(t *testing.T) {
	w := start(t)
	b := newBook(t, "ledger.AA", w.logs["AA"], make([]byte, 40)...)
	b.size = 1
	f := w.follower(b)
	w.anchors(f, b)
	grow := func() { b.size += 3 }
	cc, bb := w.net.Peers["CC"], w.net.Peers["BB"]
	for _, fault := range []fault{
		{"peer killed", cc.Kill, cc.Start},
		{"peer frozen", bb.Freeze, bb.Thaw},
		{"chaincode killed", w.net.Chaincodes["CC"].Kill, w.net.Chaincodes["CC"].Start},
	} {
		grow()
		from := time.Now()
		fault.begin()
		r := w.eventually(f)
		if r.Tree != b.tree() || len(r.Endorsers) < channeltest.Quorum {
			t.Errorf("%s: %+v", fault.name, r)
		}
		t.Logf("%s: anchored by the others after %.1f s", fault.name, time.Since(from).Seconds())
		fault.end()
	}
	for _, fault := range []fault{
		{"majority gone", func() { bb.Kill(); cc.Kill() }, func() { bb.Start(); cc.Start() }},
		{"orderer gone", w.net.Ordering[0].Kill, w.net.Ordering[0].Start},
	} {
		grow()
		fault.begin()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if r, err := f.Round(ctx); err == nil {
			t.Errorf("%s: %+v", fault.name, r)
		}
		cancel()
		fault.end()
		from := time.Now()
		if r := w.eventually(f); r.Tree != b.tree() {
			t.Errorf("%s: %+v", fault.name, r)
		}
		t.Logf("%s: anchored again after %.1f s", fault.name, time.Since(from).Seconds())
	}
	w.whole(f)
}

// fault is something that happens to the network, and its end.
type fault struct {
	name       string
	begin, end func()
}

// eventually makes rounds until one succeeds.
func (w *real) eventually(f *Follower) *anchor.Result {
	w.t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
		var r *anchor.Result
		r, err = f.Round(ctx)
		cancel()
		if err == nil {
			return r
		}
		if errors.Is(err, ErrCaught) {
			break
		}
	}
	w.t.Fatalf("not anchored: %v", err)
	return nil
}

// whole walks back from the newest anchor to the first: each continues the one before.
func (w *real) whole(f *Follower) {
	w.t.Helper()
	b, err := w.clients["AA"].Query(w.t.Context(), contract.FuncHead, []byte(f.Origin))
	if err != nil {
		w.t.Fatal(err)
	}
	a, tree, err := anchor.ParseAnchored(b)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := Fetch(w.t.Context(), w.clients["AA"], w.agreement, a.Transaction); err != nil || tree.Size < 10 {
		w.t.Errorf("%+v, %v", tree, err)
	}
}

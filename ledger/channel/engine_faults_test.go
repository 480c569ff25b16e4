//go:build engines

package channel

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/channeltest"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/ledger"
)

// One state's peer may be down or slow, and the others anchor (of one that lies:
// TestEngineLiar); with too few states, or with an orderer that is away or slow, nothing is
// anchored and it is said; when they are back the next round catches up, and nothing is
// anchored twice.
func TestEngineFaults(t *testing.T) {
	w := start(t)
	b := newBook(t, "ledger.AA", w.logs["AA"], make([]byte, 40)...)
	b.size = 1
	f := w.follower(b)
	w.anchors(f, b)
	grow := func() { b.size += 3 }
	cc, bb := w.net.Peers["CC"], w.net.Peers["BB"]
	for _, fault := range []fault{
		{"peer killed", cc.Kill, cc.Start, nil},
		{"peer frozen", bb.Freeze, bb.Thaw, nil},
		{"chaincode killed", w.net.Chaincodes["CC"].Kill, w.net.Chaincodes["CC"].Start, nil},
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
		{"majority gone", func() { bb.Kill(); cc.Kill() }, func() { bb.Start(); cc.Start() }, []string{"2 states must answer alike", "of BB: ", "of CC: "}},
		{"peers frozen", func() { bb.Freeze(); cc.Freeze() }, func() { bb.Thaw(); cc.Thaw() }, []string{"2 states must answer alike", "of BB: no answer", "of CC: no answer"}},
		{"orderer gone", w.net.Ordering[0].Kill, w.net.Ordering[0].Start, []string{"anchoring", ErrUnordered.Error()}},
		{"orderer frozen", w.net.Ordering[0].Freeze, w.net.Ordering[0].Thaw, []string{"anchoring", ErrUnordered.Error()}},
	} {
		grow()
		fault.begin()
		if err := w.told(f); !fault.saidBy(err) {
			t.Errorf("%s: it is said: %v", fault.name, err)
		}
		fault.end()
		from := time.Now()
		if r := w.eventually(f); r.Tree != b.tree() {
			t.Errorf("%s: %+v", fault.name, r)
		}
		t.Logf("%s: anchored again after %.1f s", fault.name, time.Since(from).Seconds())
	}
	w.whole(f, 8)
}

// Of three orderers one is frozen: whenever the SDK asks it first another one is asked in
// the same round, so no round ends because no orderer takes it. (Peers that have their blocks
// from the frozen one are another matter: they leave it after a while.) Nothing is anchored
// twice.
func TestEngineOrderers(t *testing.T) {
	const anchors = 10 // of the last nine none asks it first once in 38 runs
	w := startOver(t, channeltest.Options{Orderers: 3})
	b := newBook(t, "ledger.AA", w.logs["AA"], make([]byte, anchors)...)
	f := w.follower(b)
	w.net.Ordering[0].Freeze()
	defer w.net.Ordering[0].Thaw()
	from := time.Now()
	b.size = 1
	w.eventually(f) // by then the two others have a leader
	for b.size = 2; b.size <= anchors; b.size++ {
		var r *anchor.Result
		var err error
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
			if r, err = w.round(f); err == nil || errors.Is(err, ErrUnordered) {
				break
			}
		}
		if err != nil || r.Tree != b.tree() {
			t.Fatalf("%d leaves: %+v, %v", b.size, r, err)
		}
	}
	t.Logf("anchored %d times in %.1f s", anchors, time.Since(from).Seconds())
	w.whole(f, anchors)
}

// fault is something that happens to the network, and its end.
type fault struct {
	name       string
	begin, end func()
	says       []string // what the operator is told, in pieces
}

// saidBy reports whether an error says what it must, and nothing against the ledger.
func (f fault) saidBy(err error) bool {
	if err == nil || errors.Is(err, ErrCaught) || errors.Is(err, ErrClaimed) || errors.Is(err, ErrBehind) {
		return false
	}
	for _, text := range f.says {
		if !strings.Contains(err.Error(), text) {
			return false
		}
	}
	return true
}

// told turns the clock until it reports something, and returns that.
func (w *real) told(f *Follower) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	told := make(chan error, 1)
	f.Report = func(err error) {
		select {
		case told <- err:
		default:
		}
		cancel()
	}
	f.Run(ctx)
	select {
	case err := <-told:
		return err
	default:
		return nil
	}
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

// whole reads every block: so many checkpoints of the ledger were anchored, no size twice,
// each continues the one before, and the last is the newest.
func (w *real) whole(f *Follower, anchors int) {
	w.t.Helper()
	c := w.clients["AA"]
	from := ledger.WithTargetEndpoints(channeltest.PeerName("AA"))
	info, err := c.ledger.QueryInfo(from)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []*anchor.Result
	for n := range info.BCI.Height {
		b, err := c.ledger.QueryBlock(n, from)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, w.anchorsIn(b, f.Origin)...)
	}
	var before *uint64
	for _, r := range all {
		if p := r.Anchor.Previous; (p == nil) != (before == nil) || p != nil && *p != *before {
			w.t.Errorf("the anchor of %d leaves continues %v", r.Tree.Size, p)
		}
		before = &r.Tree.Size
	}
	head, last, err := f.newest(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if len(all) != anchors || head.Transaction != all[len(all)-1].ID || *last != all[len(all)-1].Tree {
		w.t.Errorf("%d anchors, %d expected; the newest is %+v", len(all), anchors, last)
	}
}

// anchorsIn returns the anchors of a ledger in a block, without those that peers have
// found to be invalid.
func (w *real) anchorsIn(b *common.Block, o evidence.Origin) (all []*anchor.Result) {
	w.t.Helper()
	raw, err := marshal(b)
	if err != nil {
		w.t.Fatal(err)
	}
	valid := b.Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	for i := range b.Data.Data {
		// What is no transaction of our chaincode proves nothing here.
		r, err := anchor.Proof{Block: raw, Transaction: i}.Verify(w.agreement)
		if err == nil && valid[i] == 0 && r.Kind == anchor.Checkpoint && r.Origin == o {
			all = append(all, r)
		}
	}
	return all
}

package channel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrBehind reports a ledger that shows fewer leaves than the channel has an anchor of,
// which the ledger has signed. It proves nothing by itself: an old checkpoint may have
// been served from a copy.
var ErrBehind = errors.New("the channel has an anchor of a larger tree")

// Ledger is the ledger that is anchored, read as anybody may read it.
type Ledger interface {
	// Checkpoint returns the newest checkpoint, signed by the ledger.
	Checkpoint(ctx context.Context) ([]byte, error)
	// Hashes gives the stored hashes of the tree of a size (tlog.StoredHashIndex).
	Hashes(ctx context.Context, size uint64) tlog.HashReader
}

// Follower anchors the checkpoints of one ledger, the state's own.
type Follower struct {
	Origin    evidence.Origin
	Ledger    Ledger
	Channel   Channel
	Agreement *anchor.Agreement
	Trust     *trust.List // names the ledger's keys: nothing else accuses it
	Dir       string      // where anchor proofs are kept; made when it is not there
	Files     durable.Files
	Every     time.Duration // between two rounds; 0: a minute
	Report    func(error)   // gets what went wrong in a round; may be nil
}

// Run makes a round at once and then one on every turn of the clock, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	every := f.Every
	if every == 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := f.Round(ctx); err != nil && f.Report != nil && ctx.Err() == nil {
			f.Report(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Round anchors the ledger's newest checkpoint, unless it is anchored, and keeps the
// proof. It returns what the proof proves. A ledger whose newest tree does not continue
// what is anchored is caught by its own signatures: the alarm is shown to the channel,
// and the error wraps [ErrCaught]. Other errors: [ErrBehind], [ErrClaimed], and those of
// ledger and channel; the next round tries again.
func (f *Follower) Round(ctx context.Context) (*anchor.Result, error) {
	signed, err := f.Ledger.Checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("newest checkpoint of %q: %w", f.Origin, err)
	}
	tree, err := ledger.ReadCheckpoint(signed)
	if err != nil || tree.Origin != f.Origin {
		return nil, fmt.Errorf("checkpoint of %q in the place of %q: %w", tree.Origin, f.Origin, errors.Join(err, ledger.ErrCheckpoint))
	}
	old, last, err := f.newest(ctx)
	switch {
	case err != nil:
		return nil, err
	case old == nil:
		return f.submit(ctx, signed, nil)
	case *last == tree:
		return f.keep(ctx, old.Transaction)
	case tree.Size < last.Size:
		return nil, f.behind(tree, *last, []byte(old.Note))
	case tree.Size == last.Size: // the channel itself records the two as an alarm
		return f.submit(ctx, signed, nil)
	}
	proof, err := tree.ProveConsistency(f.Ledger.Hashes(ctx, tree.Size), *last)
	if errors.Is(err, ledger.ErrProof) {
		return f.accuse(ctx, []byte(old.Note), signed, *last, tree)
	}
	if err != nil {
		return nil, err
	}
	return f.submit(ctx, signed, proof)
}

// newest returns the newest anchor on the channel, or nil.
func (f *Follower) newest(ctx context.Context) (*anchor.Anchored, *ledger.Checkpoint, error) {
	b, err := f.Channel.Query(ctx, contract.FuncHead, []byte(f.Origin))
	if contract.IsRefused(err, contract.Absent) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("newest anchor of %q: %w", f.Origin, err)
	}
	a, tree, err := anchor.ParseAnchored(b)
	return &a, &tree, err
}

func (f *Follower) submit(ctx context.Context, signed []byte, proof []evidence.Hash) (*anchor.Result, error) {
	hashes, err := evidence.Canonical(append([]evidence.Hash{}, proof...))
	if err != nil {
		return nil, err
	}
	return f.record(ctx, contract.FuncAnchor, signed, hashes)
}

// accuse shows the channel that the ledger signed a tree which does not continue an
// anchor.
func (f *Follower) accuse(ctx context.Context, old, signed []byte, last, tree ledger.Checkpoint) (*anchor.Result, error) {
	proof, err := ledger.ProveRange(f.Ledger.Hashes(ctx, tree.Size), last.Size, last.Size, tree.Size)
	if err != nil {
		return nil, err
	}
	a := witness.Alarm{Kind: witness.Fork, Notes: [][]byte{old, signed}, Ranges: []witness.Range{{First: last.Size, Proof: proof}}}
	b, err := a.Marshal()
	if err != nil {
		return nil, err
	}
	return f.record(ctx, contract.FuncAlarm, b)
}

// record submits a transaction, and keeps its proof.
func (f *Follower) record(ctx context.Context, function string, args ...[]byte) (*anchor.Result, error) {
	id, _, err := f.Channel.Submit(ctx, function, args...)
	if contract.IsRefused(err, contract.Caught) || function == contract.FuncAlarm && contract.IsRefused(err, contract.Already) {
		return nil, f.caught(ctx, err)
	}
	if err != nil {
		return nil, fmt.Errorf("anchoring %q: %w", f.Origin, err)
	}
	r, err := f.keep(ctx, id)
	if err == nil && r.Kind == anchor.Alarm {
		err = fmt.Errorf("transaction %s: %w", id, f.convict(*r.Alarm))
	}
	return r, err
}

// keep fetches the proof of a transaction, verifies it and makes it durable. A proof
// that is kept already is fetched again only while too few states say that the
// transaction was committed.
func (f *Follower) keep(ctx context.Context, id string) (*anchor.Result, error) {
	if _, r, err := f.Kept(id); err == nil && r.Committed() {
		return r, nil
	}
	r, b, err := Fetch(ctx, f.Channel, f.Agreement, id)
	if err != nil {
		return nil, err
	}
	if err := f.Files.Mkdir(f.Dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return r, f.Files.WriteFile(f.path(id), b, 0o600)
}

// Fetch fetches the proof of a transaction and verifies it: what a channel answers is
// believed as little as what anybody else does. Errors: [*anchor.ProofError].
func Fetch(ctx context.Context, c Channel, a *anchor.Agreement, id string) (*anchor.Result, []byte, error) {
	p, err := c.Proof(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.Verify(a)
	if err != nil {
		return nil, nil, err
	}
	if r.ID != id {
		return nil, nil, fmt.Errorf("the channel showed transaction %s in the place of %s", r.ID, id)
	}
	b, err := p.Marshal()
	return r, b, err
}

// Kept returns a proof that was kept, and what it proves.
func (f *Follower) Kept(id string) ([]byte, *anchor.Result, error) {
	b, err := os.ReadFile(f.path(id))
	if err != nil {
		return nil, nil, err
	}
	p, err := anchor.ParseProof(b)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.Verify(f.Agreement)
	return b, r, err
}

// path is where the proof of a transaction is kept.
func (f *Follower) path(id string) string { return filepath.Join(f.Dir, id+".anchor") }

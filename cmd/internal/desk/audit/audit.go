package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/witness"
	"example.org/custody/verify"
)

// Task is what an audit is asked.
type Task struct {
	Dir      string // a ledger's folder, a home, a C2SP tlog-tiles folder, or a node's address
	Root     Root
	Notes    []string      // files with further checkpoints of the ledger, to be held against it
	Progress progress.Sink // nil: nobody is told
}

// Result is what an audit found.
type Result struct {
	Dir     string          `json:"dir"`
	Origin  evidence.Origin `json:"origin"`
	Size    uint64          `json:"size"`  // leaves
	Seals   uint64          `json:"seals"` // closed, each once
	Root    evidence.Hash   `json:"root"`  // of the tree
	Seconds float64         `json:"seconds"`
	Rate    float64         `json:"leaves_per_second"`
	Status  verify.Status   `json:"status"` // holds; fails with an alarm; undecided
	What    string          `json:"what,omitempty"`
	Checks  check.List      `json:"-"`
	Alarm   []byte          `json:"-"` // the proof that the ledger misbehaved
}

// ErrCopy reports a ledger's folder that is not whole.
var ErrCopy = errors.New("the ledger's files are not whole")

// ErrNone reports a folder without a ledger to audit.
var ErrNone = errors.New("no ledger is there")

// spillAfter is how many leaves an audit replays in memory, some 350 bytes each at
// most; the map of a larger ledger is in a temporary file.
const spillAfter = 2_000_000

// memoryGoal is below what garbage is collected more often while leaves are replayed, in
// bytes: a goal below what the map has in use would keep both processors busy with
// collecting, and free nothing.
const memoryGoal = 1 << 30

// Ledger replays a whole ledger: every leaf in form and under the signed root,
// no seal closed twice, every epoch right; then the checkpoints at hand against one
// another and the cosignatures against the trust list. It writes nothing to the
// ledger and needs no key of it. A ledger that misbehaved is no error: its alarm is
// in what is returned.
func Ledger(ctx context.Context, in Task) (*Result, error) {
	src, err := open(ctx, in.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.close() }() // of connections that are not in use
	in.Progress = progress.Or(in.Progress)
	a := &audit{Task: in, source: src, out: &Result{Dir: in.Dir, Origin: src.origin, Status: verify.Holds}}
	for _, step := range []func(context.Context) error{a.checkpoint, a.replay, a.compare, a.crossed, a.vouched} {
		if err := step(ctx); err != nil {
			return nil, err
		}
		if a.stop {
			break
		}
	}
	return a.out, nil
}

// audit is an audit under way.
type audit struct {
	Task
	*source
	tree   ledger.Checkpoint
	keys   []note.Verifier
	notes  []heldNote      // checkpoints that are of the same history
	others []evidence.Hash // notes of other ledgers' checkpoints that leaves name, in order
	out    *Result
	stop   bool // nothing further can be said
}

// say notes a check, and what it makes of the whole.
func (a *audit) say(name string, status verify.Status, do, detail string, args ...any) {
	detail = fmt.Sprintf(detail, args...)
	a.out.Checks.Add(name, status, do, "%s", detail)
	worse := status == verify.Fails || status == verify.Undecided && a.out.Status == verify.Holds
	if worse {
		a.out.Status, a.out.What = status, detail
	}
}

const fetchAgain = "copy the ledger again from its state, and audit the new copy"

// checkpoint finds out by which key the ledger signed, and whether that counts.
func (a *audit) checkpoint(context.Context) error {
	c, err := ledger.ReadCheckpoint(a.signed)
	if err != nil {
		a.stop = true
		a.say("checkpoint", verify.Undecided, fetchAgain, "it cannot be read: %v", err)
		return nil
	}
	a.tree, a.out.Size, a.out.Root = c, c.Size, c.Root
	keys, err := a.Root.logKeys(c.Origin)
	if err == nil {
		a.keys = keys
		err = a.signedBy(c)
	}
	if err != nil {
		a.stop = true
		a.say("checkpoint", verify.Undecided, "give the list or key of the ledger's own state", "whose it is cannot be decided: %v", err)
		return nil
	}
	a.say("checkpoint", verify.Holds, "", "%d leaves, signed by the ledger", c.Size)
	return nil
}

// signedBy verifies the published checkpoint by the key that counts at its size.
func (a *audit) signedBy(c ledger.Checkpoint) error {
	keys := a.keys
	if a.Root.list != nil {
		g, pinned, err := a.Root.list.List.LogKey(string(c.Origin), c.Size)
		if err != nil {
			return err
		}
		if pinned != nil && (pinned.Size != c.Size || pinned.Root != c.Root) {
			return fmt.Errorf("the list pins %s, and that is not at hand", pinned)
		}
		v, err := g.Key.Verifier()
		if err != nil {
			return err
		}
		keys = []note.Verifier{v}
	}
	var err error
	for _, k := range keys {
		if _, err = ledger.OpenCheckpoint(a.signed, k); err == nil {
			return nil
		}
	}
	return err
}

// replay reads every leaf.
func (a *audit) replay(ctx context.Context) error {
	m, done, err := auditMap(a.tree)
	if err != nil {
		return err
	}
	defer done()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryGoal))
	a.Progress.Stage("replaying", int64(a.tree.Size)*ledger.LeafSize, -1)
	began := time.Now()
	_, err = witness.Replay(ctx, a.signed, a.keys, countedLeaves{a.reader, a.Progress, a.other}, m)
	a.out.Seconds, a.out.Seals = time.Since(began).Seconds(), m.Len()
	if a.out.Seconds > 0 {
		a.out.Rate = float64(m.Covered()) / a.out.Seconds
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case a.caught("leaves", err):
	case a.unread(err):
		a.stop = true
		a.say("leaves", verify.Undecided, "audit it again when the network holds", "it could not be read to its end, after %d leaves: %v", m.Covered(), err)
	case err != nil:
		a.stop = true
		a.say("leaves", verify.Undecided, fetchAgain, "what is here is not what the ledger signed: %v", err)
	default:
		a.say("leaves", verify.Holds, "", "all %d are in form and under the signed root; %d seals were closed, none of them twice; every epoch is right", a.tree.Size, a.out.Seals)
	}
	return nil
}

// unread tells a network that failed from a node that answers with something else
// than what the ledger signed. Neither proves anything against the ledger.
func (a *audit) unread(err error) bool {
	return err != nil && a.at == "" && !errors.Is(err, ledger.ErrProof) && !errors.Is(err, client.ErrAnswer) && !errors.Is(err, client.ErrTooLarge)
}

// caught takes an alarm from err.
func (a *audit) caught(name string, err error) bool {
	var lie *ledger.MisbehaviourError
	if !errors.As(err, &lie) {
		return false
	}
	a.stop, a.out.Alarm = true, lie.Alarm
	a.say(name, verify.Fails, "keep the alarm file, and send it to every state that relies on this ledger", "%s", lie.What)
	return true
}

// auditMap returns an empty map, in a temporary file for a large ledger.
func auditMap(c ledger.Checkpoint) (m *closed.Map, done func(), err error) {
	if c.Size <= spillAfter {
		return closed.New(c.Origin), func() {}, nil
	}
	dir, err := os.MkdirTemp("", "custody-audit-*")
	if err != nil {
		return nil, nil, err
	}
	m, err = closed.Create(filepath.Join(dir, "closed.map"), c.Origin)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return m, func() { m.Close(); os.RemoveAll(dir) }, nil
}

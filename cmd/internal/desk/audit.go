package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
	"example.org/custody/verify"
)

// Auditing is what an audit is asked.
type Auditing struct {
	Dir      string // a ledger's folder, a home, or a C2SP tlog-tiles folder
	Root     AuditRoot
	Notes    []string // files with further checkpoints of the ledger, to be held against it
	Progress Progress // nil: nobody is told
}

// Audited is what an audit found.
type Audited struct {
	Dir     string          `json:"dir"`
	Origin  evidence.Origin `json:"origin"`
	Size    uint64          `json:"size"`  // leaves
	Seals   uint64          `json:"seals"` // closed, each once
	Root    evidence.Hash   `json:"root"`  // of the tree
	Seconds float64         `json:"seconds"`
	Rate    float64         `json:"leaves_per_second"`
	Status  verify.Status   `json:"status"` // holds; fails with an alarm; undecided
	What    string          `json:"what,omitempty"`
	Checks  []Check         `json:"-"`
	Alarm   []byte          `json:"-"` // the proof that the ledger misbehaved
}

// ErrLedgerCopy reports a ledger's folder that is not whole.
var ErrLedgerCopy = errors.New("the ledger's files are not whole")

// ErrNoLedgerThere reports a folder without a ledger to audit.
var ErrNoLedgerThere = errors.New("no ledger is there")

// spillAfter is how many leaves an audit replays in memory, some 350 bytes each at
// most; the map of a larger ledger is in a temporary file.
const spillAfter = 2_000_000

// AuditLedger replays a whole ledger: every leaf in form and under the signed root,
// no seal closed twice, every epoch right; then the checkpoints at hand against one
// another and the cosignatures against the trust list. It writes nothing to the
// ledger and needs no key of it. A ledger that misbehaved is no error: its alarm is
// in what is returned.
func AuditLedger(ctx context.Context, in Auditing) (*Audited, error) {
	r, at, err := tesseralog.Find(in.Dir)
	if errors.Is(err, tesseralog.ErrNone) {
		return nil, fmt.Errorf("%s: %w", in.Dir, ErrNoLedgerThere)
	}
	if errors.Is(err, tesseralog.ErrDamaged) || errors.Is(err, tesseralog.ErrHalf) {
		return nil, fmt.Errorf("%w: %v", ErrLedgerCopy, err)
	}
	if err != nil {
		return nil, err
	}
	signed, err := r.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if in.Progress == nil {
		in.Progress = noProgress{}
	}
	a := &audit{Auditing: in, at: at, reader: r, signed: signed, out: &Audited{Dir: in.Dir, Origin: r.Origin(), Status: verify.Holds}}
	for _, step := range []func(context.Context) error{a.checkpoint, a.replay, a.compare, a.vouched} {
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
	Auditing
	at     string // where the ledger lies
	reader *tesseralog.Reader
	signed []byte // the published checkpoint
	tree   ledger.Checkpoint
	keys   []note.Verifier
	notes  []heldNote // checkpoints that are of the same history
	out    *Audited
	stop   bool // nothing further can be said
}

// say notes a check, and what it makes of the whole.
func (a *audit) say(name string, status verify.Status, do, detail string, args ...any) {
	detail = fmt.Sprintf(detail, args...)
	a.out.Checks = append(a.out.Checks, Check{Name: name, Status: status, Detail: detail, Do: do})
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
		g, pinned, err := a.Root.list.list.LogKey(string(c.Origin), c.Size)
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
	a.Progress.Stage("replaying", int64(a.tree.Size)*ledger.LeafSize, -1)
	began := time.Now()
	_, err = witness.Replay(ctx, a.signed, a.keys, countedLeaves{a.reader, a.Progress}, m)
	a.out.Seconds, a.out.Seals = time.Since(began).Seconds(), m.Len()
	if a.out.Seconds > 0 {
		a.out.Rate = float64(m.Covered()) / a.out.Seconds
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case a.caught("leaves", err):
	case err != nil:
		a.stop = true
		a.say("leaves", verify.Undecided, fetchAgain, "what is here is not what the ledger signed: %v", err)
	default:
		a.say("leaves", verify.Holds, "", "all %d are in form and under the signed root; %d seals were closed, none of them twice; every epoch is right", a.tree.Size, a.out.Seals)
	}
	return nil
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

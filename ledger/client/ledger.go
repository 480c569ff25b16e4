package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing"
)

// Where a node takes events and enrolments, and has its checkpoint cosigned.
const (
	EventsPath     = "v1/events"
	KeysPath       = "v1/keys"
	CheckpointPath = "v1/checkpoint"
)

const maxSubmitted = 64 << 20 // bytes of the answer to a submission

// ErrUnreachable reports a node that did not answer, or said that it cannot now:
// nothing is known of what was asked, and the same bytes are sent again later.
var ErrUnreachable = errors.New("the node cannot be reached")

// DeniedError reports a node that would not look at the request, and decided nothing.
type DeniedError struct {
	URL     string
	Status  int
	Problem *wire.Problem // nil when it gave none
}

// Error implements error.
func (e *DeniedError) Error() string {
	if e.Problem != nil {
		return fmt.Sprintf("%s answered %d: %s", e.URL, e.Status, words(e.Problem.Error()))
	}
	return fmt.Sprintf("%s answered %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// LieError reports a node that answered what cannot be true. Answer is what it sent.
type LieError struct {
	What   string
	Asked  []byte
	Answer []byte
	Err    error // a [*ledger.MisbehaviourError] when the ledger's own signature proves it
}

// Error implements error.
func (e *LieError) Error() string {
	return fmt.Sprintf("the node's answer is not true: %s: %v", e.What, e.Err)
}

// Unwrap returns what was wrong with it.
func (e *LieError) Unwrap() error { return e.Err }

// Access is what a desk needs to use a ledger through its node.
type Access struct {
	Origin evidence.Origin
	Keys   []note.Verifier          // of the ledger, by the trust list
	Enough func(signed []byte) bool // whether a checkpoint meets the receipt policy
	Signer signing.Signer           // signs requests
	Now    func() time.Time
	// Enrolment returns the dossier that makes the signer's key known to a node that
	// does not know it, another state's; nil: there is none.
	Enrolment func() (map[string][]byte, error)
}

// Ledger is a state's ledger as its desk uses it. Whatever the node answers is
// verified before it is returned: a receipt against the leaf, the ledger's key and
// the receipt policy; a refusal against the leaf that won; a checkpoint against
// those seen before. It may be used concurrently.
type Ledger struct {
	node *Node
	Access
	reason string // why something is looked at; "" for none
}

// Ledger returns the node's ledger for a desk.
func (n *Node) Ledger(a Access) *Ledger { return &Ledger{node: n, Access: a} }

// Logged is what became of one event.
type Logged struct {
	Index   uint64          // of the leaf, unless refused
	Receipt *ledger.Receipt // nil while cosignatures are missing
	Retried bool
	Refused error // a [*ledger.ClosedError] or a [*RefusedError]
	Pending error // why there is no receipt yet
}

// RefusedError is a refusal that the node gives a reason for and does not prove.
type RefusedError struct{ Problem *wire.Problem }

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the node refused it (%s): %s", words(e.Problem.Code), words(e.Problem.Error()))
}

// ErrPending reports a leaf that is logged and whose receipt does not meet the
// policy yet.
var ErrPending = errors.New("cosignatures are missing")

// Submit logs events in their order and returns what became of each. proofs is a
// dossier, by file, of what the node lacks; nil: nothing. After an error the same
// events are submitted again (rule P20).
//
// Errors: [ErrUnreachable], [*DeniedError], [*LieError].
func (l *Ledger) Submit(ctx context.Context, proofs map[string][]byte, events ...wire.Event) ([]Logged, error) {
	body, err := (&wire.Submission{Events: events, Proofs: proofs}).Marshal()
	if err != nil {
		return nil, err
	}
	if len(body) > wire.MaxBody || len(events) > wire.MaxEvents {
		return nil, fmt.Errorf("%d events, %d bytes: %w", len(events), len(body), ledger.ErrRequest)
	}
	a, err := l.ask(ctx, http.MethodPost, EventsPath, body, maxSubmitted)
	if err != nil {
		return nil, err
	}
	lie := func(what string, err error) error {
		return &LieError{What: what, Asked: body, Answer: a.body, Err: err}
	}
	out, err := wire.ParseSubmitted(a.body, len(events))
	if err != nil {
		return nil, lie("it has another form", err)
	}
	logged := make([]Logged, len(events))
	for i, r := range out.Results {
		if logged[i], err = l.believe(ctx, events[i].Recompute(), r); err != nil {
			if errors.Is(err, ErrUnreachable) {
				return nil, err
			}
			return nil, lie(fmt.Sprintf("what it says of event %d", i), err)
		}
	}
	return logged, nil
}

// ask sends a signed request and returns an answer 200. To a node that does not know
// the key it introduces it. A request that came twice on the way, or was signed before
// the node was started, is signed again: what it asks for may be asked twice (rule P20).
func (l *Ledger) ask(ctx context.Context, method, path string, body []byte, limit int64) (answer, error) {
	for n := 1; ; n++ {
		a, err := l.once(ctx, method, path, body, limit)
		switch code := denial(err); {
		case n == tries:
			return a, err
		case code == wire.CodeKeyUnknown && l.Enrolment != nil:
			if unknown := l.introduce(ctx); unknown != nil {
				return a, errors.Join(err, unknown)
			}
		case code != wire.CodeReplayed:
			return a, err
		}
	}
}

// denial is the code of a refusal to look at a request; "" when it was looked at.
func denial(err error) string {
	var denied *DeniedError
	if !errors.As(err, &denied) || denied.Problem == nil {
		return ""
	}
	return denied.Problem.Code
}

func (l *Ledger) once(ctx context.Context, method, path string, body []byte, limit int64) (answer, error) {
	u := l.node.base.JoinPath(path)
	q := request{method: method, u: u, body: body, limit: limit}
	if body != nil {
		q.kind = "application/json"
	}
	q.sign = func(r *http.Request) error {
		r.Header.Set(LedgerHeader, string(l.Origin))
		if l.reason != "" {
			r.Header.Set(ReasonHeader, l.reason)
		}
		return Sign(ctx, r, body, l.Signer, l.Now())
	}
	a, err := exchange(ctx, l.node.http, q)
	switch {
	case errors.Is(err, ErrTooLarge) || errors.Is(err, errSigning):
		return a, err
	case err != nil:
		return a, fmt.Errorf("%w: %w", ErrUnreachable, err)
	case a.status == http.StatusOK:
		return a, nil
	}
	denied := &DeniedError{URL: u.String(), Status: a.status}
	if a.kind == wire.ProblemKind {
		denied.Problem, _ = wire.ParseProblem(a.body) // one that cannot be read says no more than the status
	}
	if a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError {
		return a, fmt.Errorf("%w: %w", ErrUnreachable, denied)
	}
	return a, denied
}

// words are what a node says, made fit to be shown.
func words(s string) string {
	const most = 300
	line := make([]rune, 0, most)
	for _, r := range s[:min(len(s), most)] {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			r = '?'
		}
		line = append(line, r)
	}
	return string(line)
}

// believe verifies what the node says of one leaf.
func (l *Ledger) believe(ctx context.Context, leaf ledger.Leaf, r wire.Result) (Logged, error) {
	if r.Leaf != leaf.Hash() {
		return Logged{}, fmt.Errorf("leaf %s, and %s was sent: %w", r.Leaf, leaf.Hash(), ErrAnswer)
	}
	switch r.Status {
	case wire.Refused:
		err, bad := l.refusal(ctx, leaf, r.Problem)
		return Logged{Refused: err}, bad
	case wire.Pending:
		return Logged{Index: *r.Index, Retried: r.Retried, Pending: ErrPending}, nil
	}
	out := Logged{Index: *r.Index, Retried: r.Retried}
	got, err := l.receipt(leaf, r.Receipt)
	if err != nil {
		return out, err
	}
	if got.Index != out.Index {
		return out, fmt.Errorf("leaf %d, and a receipt for %d: %w", out.Index, got.Index, ErrAnswer)
	}
	if !l.Enough(got.Note) {
		out.Pending = fmt.Errorf("%w: the node's receipt does not meet the policy", ErrPending)
		return out, nil
	}
	out.Receipt = &got
	return out, nil
}

// refusal is why a leaf was refused; bad says that the refusal is not true, or that
// this cannot be seen yet.
func (l *Ledger) refusal(ctx context.Context, leaf ledger.Leaf, p *wire.Problem) (refused, bad error) {
	if p.Code != wire.CodeSealClosed {
		return &RefusedError{p}, nil
	}
	if p.Index == nil || p.Leaf == nil {
		return nil, fmt.Errorf("no leaf is named that closed the seal: %w", ErrAnswer)
	}
	winner, err := l.leafAt(ctx, *p.Index)
	if err != nil {
		return nil, err
	}
	seal, _ := leaf.Seal()
	if other, ok := winner.Seal(); !ok || other != seal || winner == leaf || winner.Hash() != *p.Leaf {
		return nil, fmt.Errorf("leaf %d did not close seal %s: %w", *p.Index, seal, ErrAnswer)
	}
	return &ledger.ClosedError{Seal: seal, Index: *p.Index, Leaf: *p.Leaf}, nil
}

// leafAt returns a leaf of the ledger, proven under the published checkpoint. One that
// is not published yet is [ErrUnreachable].
func (l *Ledger) leafAt(ctx context.Context, index uint64) (leaf ledger.Leaf, err error) {
	signed, err := l.Checkpoint(ctx)
	if err != nil {
		return leaf, err
	}
	c, err := l.open(signed)
	if err != nil {
		return leaf, err
	}
	if index >= c.Size {
		return leaf, fmt.Errorf("leaf %d is not published yet: %w", index, ErrUnreachable)
	}
	t := l.node.Log().At(c.Size)
	for one, err := range t.Leaves(ctx, index, index+1) {
		if err != nil {
			return leaf, l.away(err)
		}
		leaf = one
	}
	proof, err := c.ProveInclusion(t.Hashes(ctx, c.Size), index, leaf.Hash())
	if err != nil {
		return leaf, l.away(err)
	}
	return leaf, c.VerifyInclusion(proof, index, leaf.Hash())
}

// away is [ErrUnreachable] for a node that could not be read from.
func (l *Ledger) away(err error) error {
	var status *StatusError
	var network *url.Error
	if errors.As(err, &status) || errors.As(err, &network) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// receipt reads a receipt and verifies it for a leaf, under one of the ledger's keys.
func (l *Ledger) receipt(leaf ledger.Leaf, text string) (ledger.Receipt, error) {
	r, err := ledger.ParseReceipt([]byte(text))
	if err != nil {
		return r, err
	}
	if _, err := l.open(r.Note); err != nil {
		return r, err
	}
	for _, k := range l.Keys {
		if _, err = r.Verify(leaf, k); err == nil {
			return r, nil
		}
	}
	return r, err
}

// open verifies that one of the ledger's keys signed a checkpoint of it.
func (l *Ledger) open(signed []byte) (c ledger.Checkpoint, err error) {
	err = ledger.ErrSignature
	for _, k := range l.Keys {
		if c, err = ledger.OpenCheckpoint(signed, k); err == nil && c.Origin == l.Origin {
			return c, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("a checkpoint of %q: %w", c.Origin, ledger.ErrSignature)
	}
	return c, err
}

// Checkpoint returns the newest checkpoint that the node publishes, signed by the
// ledger; whether it meets the receipt policy is not looked at. Errors:
// [ErrUnreachable], [*LieError].
func (l *Ledger) Checkpoint(ctx context.Context) ([]byte, error) {
	signed, err := l.node.Log().Checkpoint(ctx)
	if errors.Is(err, ErrTooLarge) {
		return nil, &LieError{What: "its checkpoint", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return l.signed(signed)
}

// signed returns a checkpoint that the ledger signed.
func (l *Ledger) signed(b []byte) ([]byte, error) {
	if _, err := l.open(b); err != nil {
		return nil, &LieError{What: "its checkpoint", Answer: b, Err: err}
	}
	return b, nil
}

// Cosigned returns a checkpoint that the node has had cosigned now, or a second ago,
// and that meets the receipt policy; else [ErrPending]. Other errors are those of
// [Ledger.Submit].
func (l *Ledger) Cosigned(ctx context.Context) ([]byte, error) {
	a, err := l.ask(ctx, http.MethodGet, CheckpointPath, nil, ledger.MaxNote)
	if err != nil {
		return nil, err
	}
	signed, err := l.signed(a.body)
	if err == nil && !l.Enough(signed) {
		err = fmt.Errorf("%w: the node's checkpoint does not meet the policy", ErrPending)
	}
	return signed, err
}

// introduce makes the key of the ledger's signer known to the node.
func (l *Ledger) introduce(ctx context.Context) error {
	dossier, err := l.Enrolment()
	if err != nil {
		return err
	}
	body, err := (&wire.Introduction{Dossier: dossier}).Marshal()
	if err != nil {
		return err
	}
	_, err = l.once(ctx, http.MethodPost, KeysPath, body, wire.MaxBody)
	return err
}

// Compare holds two signed checkpoints of the ledger against each other, reading what
// it must from the node. Two histories are a [*LieError] with the alarm in it.
func (l *Ledger) Compare(ctx context.Context, one, other []byte) error {
	size := uint64(0)
	for _, n := range [][]byte{one, other} {
		c, err := l.open(n)
		if err != nil {
			return err
		}
		size = max(size, c.Size)
	}
	return l.lied("its history", witness.Compare(ctx, one, other, l.Keys, l.node.Log().At(size)))
}

// Follow brings the map m up to the signed checkpoint by every leaf that it has not,
// and returns what reads that tree. So a desk audits its own node before it packs
// what rests on it. A ledger that breaks a rule is a [*LieError] with the alarm.
func (l *Ledger) Follow(ctx context.Context, signed []byte, m *closed.Map) (*Tree, error) {
	c, err := l.open(signed)
	if err != nil {
		return nil, err
	}
	t := l.node.Log().At(c.Size)
	_, err = witness.Replay(ctx, signed, l.Keys, t, m)
	return t, l.lied("its leaves", err)
}

// lied turns what a replay caught into a [*LieError], and a node that went away into
// [ErrUnreachable].
func (l *Ledger) lied(what string, err error) error {
	var caught *ledger.MisbehaviourError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &caught):
		return &LieError{What: what, Answer: caught.Alarm, Err: caught}
	case errors.Is(err, ledger.ErrProof) || errors.Is(err, ErrAnswer):
		return &LieError{What: what, Err: err}
	}
	return l.away(err)
}

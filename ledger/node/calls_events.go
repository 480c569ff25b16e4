package node

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
)

// introduce makes a key known.
func (n *Node) introduce(w http.ResponseWriter, a *asked) error {
	i, err := wire.ParseIntroduction(a.body)
	if err != nil {
		return err
	}
	if err := n.writing().Intake.Introduce(a.Context(), i.Dossier); err != nil {
		return err
	}
	who, standing := n.writing().Intake.Caller(a.who.Key)
	switch standing {
	case intake.Revoked:
		return &trouble{code: "key-revoked"}
	case intake.Unknown:
		return &trouble{code: intake.CodeProof, detail: "the dossier does not prove that the key is enrolled now"}
	}
	k := wire.Key{Authority: who.Authority, Enrolled: who.Enrolled, Key: who.Key, Role: who.Role}
	if who.Foreign {
		until := evidence.Instant(who.Until)
		k.Until = &until
	}
	return send(w, http.StatusOK, k)
}

// facts says what the ledger is.
func (n *Node) facts(w http.ResponseWriter, _ *asked) error {
	f := wire.Facts{
		Format: wire.LedgerFormat, Limits: wire.Limits{Body: wire.MaxBody, Events: wire.MaxEvents, Window: int(window.Seconds())},
		Now: evidence.Instant(n.writing().Now()), Origin: n.writing().Origin, Size: n.writing().Writer.Size(), State: string(n.writing().State),
	}
	if err := n.writing().Writer.ReadOnly(); err != nil {
		f.ReadOnly = whyStopped(err)
	}
	pin, err := n.writing().Pinned()
	if errors.Is(err, intake.ErrNoTrust) {
		return send(w, http.StatusOK, f)
	}
	if err != nil {
		return err
	}
	f.Trust = &wire.TrustList{SHA256: evidence.Hash(pin.List.Digest()), Version: pin.List.Version}
	receipt, errR := pin.List.Pinned(string(n.writing().Origin), trust.Receipt)
	court, errC := pin.List.Pinned(string(n.writing().Origin), trust.Court)
	if errR == nil && errC == nil {
		f.Policies = &wire.Policies{Court: evidence.Hash(court.Digest), Receipt: evidence.Hash(receipt.Digest)}
	}
	return send(w, http.StatusOK, f)
}

// endedPause is how long nobody waits for the cosigners of ended ledgers after they failed.
const endedPause = 30 * time.Second

// atMost is how often the present tree is cosigned anew for whoever asks.
const atMost = time.Second

// fresh sends the present tree with cosignatures of now: what a package proves is as
// new as they are (rule P3).
func (n *Node) fresh(w http.ResponseWriter, a *asked) error {
	select {
	case n.renewing <- struct{}{}:
		defer func() { <-n.renewing }()
	case <-a.Context().Done():
		return a.Context().Err()
	}
	if n.writing().Lists != nil {
		if err := n.writing().Lists(a.Context()); err != nil {
			n.Log.Error("the next trust list is not logged", "error", err)
		}
	}
	ended := n.renewEnded(a.Context())
	signed, err := n.renew(a.Context())
	ended()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(signed)
	return sent(err)
}

// renew has the present tree cosigned, unless that was tried a moment ago: whoever asks
// behind a failure gets that, and does not wait for the cosigners once more.
func (n *Node) renew(ctx context.Context) ([]byte, error) {
	now, size := n.writing().Now(), n.writing().Writer.Size()
	if age := now.Sub(n.renewedAt); n.renewedSize == size && age >= 0 && age < atMost && (n.renewed != nil || n.renewedErr != nil) {
		return n.renewed, n.renewedErr
	}
	signed, err := n.writing().Fresh(ctx)
	switch {
	case err == nil:
		n.renewed, n.renewedAt, n.renewedSize, n.renewedErr = signed, now, size, nil
	case ctx.Err() == nil: // not for want of who asked
		n.renewed, n.renewedAt, n.renewedSize, n.renewedErr = nil, n.writing().Now(), size, err
	}
	return signed, err
}

// renewEnded has the ledgers that this one follows cosigned anew, unless that was done a
// moment ago, while the present one is; wait waits for it. What proves from them needs
// them as fresh as this one.
func (n *Node) renewEnded(ctx context.Context) (wait func()) {
	now := n.writing().Now()
	if n.writing().Ended == nil || now.Before(n.endedAgain) && !now.Add(endedPause).Before(n.endedAgain) {
		return func() {}
	}
	done := make(chan error, 1)
	go func() { done <- n.writing().Ended(ctx) }()
	return func() {
		if err := <-done; err != nil {
			n.Log.Error("an ended ledger is not cosigned anew", "error", err)
			n.endedAgain = n.writing().Now().Add(endedPause)
			return
		}
		n.endedAgain = now.Add(atMost)
	}
}

// seal says whether a seal is closed.
func (n *Node) seal(w http.ResponseWriter, a *asked) error {
	h, err := pathHash(a, "seal")
	if err != nil {
		return err
	}
	s := wire.Seal{Seal: evidence.Seal(h)}
	index, leaf, closed, err := n.writing().Writer.Closing(s.Seal)
	if err != nil {
		return err
	}
	if closed {
		s.Closed = &wire.Closing{Index: index, Leaf: leaf}
	}
	return send(w, http.StatusOK, s)
}

// receipt sends the receipt of an event of this ledger.
func (n *Node) receipt(w http.ResponseWriter, a *asked) error {
	h, err := pathHash(a, "leaf")
	if err != nil {
		return err
	}
	k, _, ok := n.writing().Intake.Find(h)
	if !ok || k.Origin != n.writing().Origin {
		return &trouble{code: "not-found"}
	}
	r, err := n.writing().Intake.Receipt(a.Context(), k)
	if err != nil {
		return err
	}
	if r == nil {
		return &trouble{code: "late", detail: "cosignatures are missing"}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(r.Marshal())
	return sent(err)
}

// submit takes events.
func (n *Node) submit(w http.ResponseWriter, a *asked) error {
	s, err := wire.ParseSubmission(a.body)
	if err != nil {
		return err
	}
	out, err := n.writing().Intake.Submit(a.Context(), a.who, s)
	if err != nil {
		return err
	}
	done := &wire.Submitted{Format: wire.SubmittedFormat}
	for _, o := range out {
		r := resultOf(o)
		n.seen.events.WithLabelValues(r.Status).Inc()
		done.Results = append(done.Results, r)
	}
	return send(w, http.StatusOK, done)
}

func resultOf(o intake.Outcome) wire.Result {
	r := wire.Result{Leaf: o.Leaf, Index: &o.Index, Retried: o.Retried, Status: wire.Pending}
	switch {
	case o.Refused != nil:
		t, _ := troubleOf(o.Refused)
		r = wire.Result{Leaf: o.Leaf, Problem: t.problem(), Status: wire.Refused}
	case o.Receipt != nil:
		r.Receipt, r.Status = string(o.Receipt.Marshal()), wire.Logged
	}
	return r
}

// vouch puts the newest hash of the access log into the ledger, unless it is there.
func (n *Node) vouch(ctx context.Context) error {
	n.vouching.Lock()
	defer n.vouching.Unlock()
	newest := n.writing().Access.Newest()
	if newest.N == 0 || newest == n.vouched {
		return nil
	}
	r, err := n.writing().Writer.Submit(ctx, ledger.HashLeaf(ledger.TypeAccessLog, newest.Last))
	if err == nil {
		err = r[0].Refused
	}
	if err == nil || errors.Is(err, writer.ErrQuorum) {
		n.vouched = newest
	}
	return err
}

// look writes a line of the access log, durable before the answer leaves.
func (n *Node) look(a *asked, call, subject string, given bool) error {
	l := access.Line{
		Answer: access.Refused, At: evidence.Instant(n.writing().Now()), Call: call, Key: a.who.Key, Reason: a.reason, Subject: subject,
	}
	if given {
		l.Answer = access.Given
	}
	if a.mandate != nil {
		l.Mandate = &a.mandate.digest
	}
	return n.writing().Access.Add(a.Context(), l)
}

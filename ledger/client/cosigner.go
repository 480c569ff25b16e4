package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
	"golang.org/x/mod/sumdb/note"
)

// ErrUnavailable reports a cosigner that says it cannot answer now.
var ErrUnavailable = errors.New("cosigner cannot answer now")

// maxAlarm is the largest alarm read, in bytes.
const maxAlarm = 16 << 20

// Cosigner asks a witness or auditor over HTTP (spec/node.md). It implements
// [ledger.Cosigner] for one ledger.
type Cosigner struct {
	at   *url.URL
	http *http.Client
	keys []note.Verifier
}

var _ ledger.Cosigner = (*Cosigner)(nil)

// Name returns the cosigner's address, which is all that is known of it; the name
// of its key is in what it signs.
func (c *Cosigner) Name() string { return c.at.String() }

// Latest implements [ledger.Cosigner]. A cosigner that does not follow the ledger,
// and a witness that has no such request, seem to have no note.
func (c *Cosigner) Latest(ctx context.Context, o evidence.Origin) ([]byte, error) {
	name := evidence.Hash(sha256.Sum256([]byte(o))).String()
	b, err := get(ctx, c.http, c.at.JoinPath(name, "checkpoint"), ledger.MaxNote)
	var status *StatusError
	if errors.As(err, &status) && slices.Contains(noSuchRequest, status.Status) {
		return nil, nil
	}
	return b, err
}

// noSuchRequest are the answers of a server that does not provide for a request.
var noSuchRequest = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// Cosign implements [ledger.Cosigner]. The cosigner reads the leaves where it knows
// them to be; those of the request are not sent.
func (c *Cosigner) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	body := MarshalRequest(r)
	if len(body) > MaxRequest {
		return nil, fmt.Errorf("%d bytes: %w", len(body), ledger.ErrRequest)
	}
	a, err := exchange(ctx, c.http, request{method: http.MethodPost, u: c.at.JoinPath("add-checkpoint"), body: body, limit: maxAlarm})
	if err != nil {
		return nil, err
	}
	switch {
	case a.status == http.StatusOK && len(a.body) > maxLines:
		return nil, fmt.Errorf("%s: %d bytes of signatures: %w", c.at, len(a.body), ErrTooLarge)
	case a.status == http.StatusOK:
		return a.body, nil
	}
	return nil, fmt.Errorf("%s: %w", c.at, c.refusal(r, a))
}

// refusal is what an answer other than 200 means.
func (c *Cosigner) refusal(r ledger.CosignRequest, a answer) error {
	switch a.status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return ledger.ErrRequest
	case http.StatusForbidden:
		return ledger.ErrSignature
	case http.StatusNotFound:
		return ledger.ErrUnknownOrigin
	case http.StatusConflict:
		if a.kind == SizeType {
			return conflict(r, a.body)
		}
		return c.contradiction(a)
	case http.StatusUnprocessableEntity:
		return c.contradiction(a)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return fmt.Errorf("%w: %w", ErrUnavailable, &StatusError{c.at.String(), a.status})
	}
	return &StatusError{c.at.String(), a.status}
}

// conflict reads the size at which the cosigner is.
func conflict(r ledger.CosignRequest, body []byte) error {
	n, err := parseSize(strings.TrimSuffix(string(body), "\n"))
	if err != nil {
		return fmt.Errorf("409 with %.40q: %w", body, ErrAnswer)
	}
	var o evidence.Origin
	if cp, err := ledger.ReadCheckpoint(r.Note); err == nil {
		o = cp.Origin
	}
	return &ledger.ConflictError{Origin: o, Size: n}
}

// contradiction is a proof that does not hold, or an alarm that does: whoever sends
// an alarm that proves nothing must not stop a ledger with it.
func (c *Cosigner) contradiction(a answer) error {
	if a.kind != AlarmType {
		return ledger.ErrProof
	}
	alarm, err := witness.ParseAlarm(a.body)
	if err != nil {
		return fmt.Errorf("%w: %w", ledger.ErrProof, err)
	}
	what, err := alarm.Verify(c.keys...)
	if err != nil {
		return fmt.Errorf("%w: its alarm proves nothing: %w", ledger.ErrProof, err)
	}
	caught := &ledger.MisbehaviourError{What: what, Alarm: a.body}
	if cp, err := ledger.ReadCheckpoint(alarm.Notes[len(alarm.Notes)-1]); err == nil {
		caught.Origin = cp.Origin
	}
	return caught
}

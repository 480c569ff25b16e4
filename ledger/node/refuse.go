package node

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/witness"
)

// refusal is an answer that is no success and no fault of the node.
type refusal struct {
	status int
	what   string // one line for the client
}

// Error implements error.
func (r *refusal) Error() string { return r.what }

// errGone reports a client that did not take its answer.
var errGone = errors.New("client is gone")

// sent marks an error of writing the answer: there is nobody to tell.
func sent(err error) error {
	if err != nil {
		return errors.Join(errGone, err)
	}
	return nil
}

// refuse answers with what an error means to the client. What it does not mean to
// the client goes to the log alone.
func (n *Node) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var caught *ledger.MisbehaviourError
	var conflict *ledger.ConflictError
	switch {
	case errors.Is(err, errGone):
	case errors.As(err, &caught):
		n.Log.Error("ledger caught", "origin", caught.Origin, "what", caught.What)
		answer(w, alarmStatus(caught), client.AlarmType, caught.Alarm)
	case errors.As(err, &conflict):
		answer(w, http.StatusConflict, client.SizeType, strconv.AppendUint(nil, conflict.Size, 10), '\n')
	default:
		status, what := n.meaning(r, err)
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		answer(w, status, "text/plain; charset=utf-8", []byte(what), '\n')
	}
}

// meaning returns status and words for an error without data.
func (n *Node) meaning(r *http.Request, err error) (int, string) {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused.status, refused.what
	case errors.Is(err, ledger.ErrRequest):
		return http.StatusBadRequest, ledger.ErrRequest.Error()
	case errors.Is(err, ledger.ErrUnknownOrigin):
		return http.StatusNotFound, ledger.ErrUnknownOrigin.Error()
	case errors.Is(err, ledger.ErrSignature):
		return http.StatusForbidden, ledger.ErrSignature.Error()
	case errors.Is(err, ledger.ErrProof):
		return http.StatusUnprocessableEntity, ledger.ErrProof.Error()
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound, "not here"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable, "not finished in time; ask again"
	}
	n.Log.Error("fault", "route", r.Pattern, "error", err)
	return http.StatusInternalServerError, "fault of the node"
}

// alarmStatus is 409 for two roots of one size, as C2SP tlog-witness v1.0.0 asks.
func alarmStatus(caught *ledger.MisbehaviourError) int {
	if a, err := witness.ParseAlarm(caught.Alarm); err == nil && a.Kind == witness.Split {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func answer(w http.ResponseWriter, status int, kind string, body []byte, end ...byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body[:len(body):len(body)], end...)) // nobody to tell
}

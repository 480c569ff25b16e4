package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel"
	"example.org/custody/ledger/channel/contract"
)

// socket answers at the Unix socket.
type socket struct{ *channel.Follower }

func handler(f *channel.Follower) http.Handler {
	s, m := socket{f}, http.NewServeMux()
	m.HandleFunc("POST /v1/anchor", s.anchor)
	m.HandleFunc("POST /v1/alarm", s.vote(contract.FuncAlarm))
	m.HandleFunc("POST /v1/trust", s.vote(contract.FuncTrust))
	m.HandleFunc("POST /v1/standard/{id}/{version}", s.vote(contract.FuncStandard))
	m.HandleFunc("GET /v1/head", s.head)
	m.HandleFunc("GET /v1/proof/{transaction}", s.proof)
	return m
}

func (s socket) anchor(w http.ResponseWriter, r *http.Request) {
	result, err := s.Round(r.Context())
	if err != nil {
		fail(w, err)
		return
	}
	b, _, err := s.Kept(result.ID)
	reply(w, b, err)
}

// vote submits what stands in the body and answers with the proof.
func (s socket) vote(function string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, anchor.MaxAlarm))
		if err != nil {
			fail(w, err)
			return
		}
		args := [][]byte{body}
		if id := r.PathValue("id"); id != "" {
			args = [][]byte{[]byte(id + "/" + r.PathValue("version")), body}
		}
		id, _, err := s.Channel.Submit(r.Context(), function, args...)
		if err != nil {
			fail(w, err)
			return
		}
		_, b, err := channel.Fetch(r.Context(), s.Channel, s.Agreement, id)
		reply(w, b, err)
	}
}

func (s socket) head(w http.ResponseWriter, r *http.Request) {
	b, err := s.Channel.Query(r.Context(), contract.FuncHead, []byte(r.URL.Query().Get("origin")))
	reply(w, b, err)
}

func (s socket) proof(w http.ResponseWriter, r *http.Request) {
	b, err := s.find(r.Context(), r.PathValue("transaction"))
	reply(w, b, err)
}

// find returns the proof of a transaction, kept or fetched.
func (s socket) find(ctx context.Context, id string) ([]byte, error) {
	if !anchor.IsTransaction(id) {
		return nil, &contract.RefusedError{Code: contract.Malformed, Err: errors.New("not the id of a transaction")}
	}
	if b, r, err := s.Kept(id); err == nil && r.Committed() {
		return b, nil
	}
	_, b, err := channel.Fetch(ctx, s.Channel, s.Agreement, id)
	return b, err
}

func reply(w http.ResponseWriter, b []byte, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // whoever asked has gone
}

// fail tells a refusal by the channel's rules from a channel that does not answer, and
// from peers that say of the ledger what nothing proves.
func fail(w http.ResponseWriter, err error) {
	status, code := http.StatusBadGateway, "unanswered"
	var refused *contract.RefusedError
	var proof *anchor.ProofError
	switch {
	case errors.Is(err, channel.ErrClaimed):
		code = "claimed"
	case errors.As(err, &refused):
		status, code = http.StatusConflict, string(refused.Code)
	case errors.As(err, &proof):
		code = "proof-" + string(proof.Check)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "what": err.Error()})
}

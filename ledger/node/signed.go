package node

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/signing"
)

// window is how old a request may be, by its own time and the node's clock; ahead is how
// far its time may lie before it. Nonces do not outlive the process: a request that is
// ahead of the clock would be good once more after a restart.
const (
	window = 300 * time.Second
	ahead  = 30 * time.Second
)

// asked is a signed request whose signature holds.
type asked struct {
	*http.Request
	who     intake.Caller
	body    []byte
	reason  string
	mandate *mandate // nil: none
}

// authenticate finds out who sent a request, and that it is fresh and for this ledger.
// introduced is the key of one that introduces itself, else nil.
func (n *Node) authenticate(r *http.Request, body []byte, introduces bool) (*asked, error) {
	s, err := client.ReadSigned(r, body)
	switch {
	case errors.Is(err, client.ErrDigest):
		return nil, &trouble{code: "digest"}
	case err != nil:
		return nil, &trouble{code: "signature", detail: err.Error()}
	case s.Ledger != n.writing().Origin:
		return nil, &trouble{code: "other-ledger", detail: n.otherLedger(s.Ledger)}
	}
	now := n.writing().Now()
	if s.Created.Before(now.Add(-window)) || s.Created.After(now.Add(ahead)) {
		return nil, &trouble{code: "clock", now: now}
	}
	a := &asked{Request: r, body: body, reason: s.Reason}
	if err := n.identify(a, evidence.KeyID(s.Key), introduces); err != nil {
		return nil, err
	}
	if err := s.Verify(a.who.Public); err != nil {
		return nil, &trouble{code: "signature", detail: err.Error()}
	}
	if s.Created.Before(n.started.Truncate(time.Second)) || !n.nonces.take(s.Key, s.Nonce, s.Created.Add(window), now) {
		return nil, &trouble{code: "replayed", now: now}
	}
	if a.reason != "" && !access.ValidReason(a.reason) {
		return nil, &trouble{code: "reason-needed", detail: "the reason is not of the form <code> <reference>"}
	}
	if s.Mandate != "" {
		if a.mandate, err = n.openMandate(s.Mandate, a.who, now); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// identify finds the key that is said to have signed. One that introduces itself is
// the key that its proof names, until the proof is looked at.
func (n *Node) identify(a *asked, id evidence.KeyID, introduces bool) error {
	if introduces {
		i, err := wire.ParseIntroduction(a.body)
		if err != nil {
			return err
		}
		public, ok := intake.KeyIn(i.Dossier, id)
		if !ok {
			return &trouble{code: intake.CodeProof, detail: "the dossier has no enrolment of the key that signed"}
		}
		a.who = intake.Caller{Key: id, Public: public}
		return nil
	}
	who, standing := n.writing().Intake.Caller(id)
	switch standing {
	case intake.Good:
		a.who = who
		return nil
	case intake.Revoked:
		return &trouble{code: "key-revoked"}
	}
	return &trouble{code: wire.CodeKeyUnknown}
}

// readBody reads the body of a signed request, which must come whole.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, &trouble{code: "too-large"}
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	return b, bodyError(err)
}

// bodyError says what is wrong with a body that cannot be read.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return &trouble{code: "form", detail: "it did not come whole"}
}

// nonces remembers which were taken, for as long as their requests would be fresh.
type nonces struct {
	mu     sync.Mutex
	seen   map[nonce]time.Time // when it is forgotten
	pruned time.Time
}

type nonce struct {
	key   signing.KeyID
	value string
}

// take reports whether a nonce is fresh, and takes it.
func (n *nonces) take(key signing.KeyID, value string, until, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[nonce]time.Time{}
	}
	if now.Sub(n.pruned) > window {
		for k, t := range n.seen {
			if t.Before(now) {
				delete(n.seen, k)
			}
		}
		n.pruned = now
	}
	k := nonce{key, value}
	if _, there := n.seen[k]; there {
		return false
	}
	n.seen[k] = until
	return true
}

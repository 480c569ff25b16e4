package node

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
)

// role is one of the node's cosigners.
type role struct {
	ledger.Cosigner
	node *Node
	name string
}

// addCheckpoint is C2SP tlog-witness add-checkpoint.
func (k *role) addCheckpoint(w http.ResponseWriter, r *http.Request) error {
	req, c, err := readRequest(w, r)
	if err != nil {
		return err
	}
	select {
	case k.node.signing <- struct{}{}:
		defer func() { <-k.node.signing }()
	default:
		return &refusal{http.StatusServiceUnavailable, "too many cosignatures under way; ask again"}
	}
	if k.name == client.Auditor {
		at := k.node.readAt(c.Origin)
		if at == nil {
			return fmt.Errorf("no address to read it at: %w", ledger.ErrUnknownOrigin)
		}
		req.Leaves = &readings{Tree: at.At(c.Size)}
	}
	lines, err := k.Cosign(r.Context(), req)
	if err != nil {
		return unreadable(req.Leaves, err)
	}
	k.node.seen.cosigned(k.name, c)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(lines)
	return sent(err)
}

// readAt is where the auditor reads a ledger; nil when it does not.
func (n *Node) readAt(o evidence.Origin) *client.Log {
	if at, ok := n.Ledgers[o]; ok || n.Where == nil {
		return at
	}
	return n.Where(o)
}

// readRequest reads the body, which must come whole and be no larger than
// [client.MaxRequest].
func readRequest(w http.ResponseWriter, r *http.Request) (ledger.CosignRequest, ledger.Checkpoint, error) {
	var none ledger.CosignRequest
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, client.MaxRequest))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return none, ledger.Checkpoint{}, &refusal{http.StatusRequestEntityTooLarge, "request is too large"}
	case err != nil:
		return none, ledger.Checkpoint{}, &refusal{http.StatusBadRequest, "request did not come whole"}
	}
	req, err := client.ParseRequest(b)
	if err != nil {
		return none, ledger.Checkpoint{}, err
	}
	c, err := ledger.ReadCheckpoint(req.Note)
	if err != nil {
		return none, c, fmt.Errorf("%w: %w", ledger.ErrRequest, err)
	}
	return req, c, nil
}

// latest sends the newest note that the cosigner has recorded for a ledger, which
// the path names by the SHA-256 of its origin.
func (k *role) latest(w http.ResponseWriter, r *http.Request) error {
	followed, err := k.node.Followed()
	if err != nil {
		return err
	}
	for _, o := range followed {
		if evidence.Hash(sha256.Sum256([]byte(o))).String() == r.PathValue("origin") {
			return k.sendLatest(w, r, o)
		}
	}
	return ledger.ErrUnknownOrigin
}

func (k *role) sendLatest(w http.ResponseWriter, r *http.Request, o evidence.Origin) error {
	b, err := k.Latest(r.Context(), o)
	if err != nil {
		return err
	}
	if b == nil {
		return &refusal{http.StatusNotFound, "nothing is recorded for it"}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(b)
	return sent(err)
}

package client

import (
	"crypto/sha256"
	"net/http"
	"net/url"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
)

// The roles in which a node cosigns, and their folders on it (spec/node.md). A
// witness of somebody else's, which has an address of its own, has no role.
const (
	Witness = "witness"
	Auditor = "auditor"
)

// Node is another state's node, or a witness. It may be used concurrently.
type Node struct {
	base *url.URL
	http *http.Client
}

// New returns the node at an address ([ParseAddress]). Nothing is sent yet.
// h is nil but for tests and for who has certificates of his own; it should
// follow no redirects.
func New(address string, h *http.Client) (*Node, error) {
	u, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	if h == nil {
		h = newHTTP()
	}
	return &Node{u, h}, nil
}

// Log returns the ledger that the node serves.
func (n *Node) Log() *Log { return &Log{n} }

// Cosigner returns the node's cosigner in a role, or the witness that has the
// node's address when the role is empty. It is asked about one ledger; keys are
// that ledger's, and an alarm counts when they signed what it shows.
func (n *Node) Cosigner(role string, keys ...note.Verifier) *Cosigner {
	at := n.base
	if role != "" {
		at = at.JoinPath(role)
	}
	return &Cosigner{at: at, http: n.http, keys: keys}
}

// Ended returns where the node serves a ledger of its home that has ended and has a
// successor (spec/node.md). It is read as any other.
func (n *Node) Ended(o evidence.Origin) *Node {
	return &Node{n.base.JoinPath("ended", evidence.Hash(sha256.Sum256([]byte(o))).String()), n.http}
}

// Close ends connections that are not in use.
func (n *Node) Close() error {
	n.http.CloseIdleConnections()
	return nil
}

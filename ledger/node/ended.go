package node

import (
	"crypto/sha256"
	"net/http"
	"os"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Ended is a ledger of the home that has ended and has a successor: what is in it is
// proven from it for ever.
type Ended struct {
	Origin   evidence.Origin
	Tiles    string // C2SP tlog-tiles folder
	Final    string // file of its last checkpoint
	Cosigned string // file of the same with the newest cosignatures; it need not be there
}

// ended finds the ledger that an address names by the SHA-256 of its origin.
func (n *Node) ended(r *http.Request) (Ended, error) {
	for _, e := range n.Config.Ended {
		if evidence.Hash(sha256.Sum256([]byte(e.Origin))).String() == r.PathValue("origin") {
			return e, nil
		}
	}
	return Ended{}, ledger.ErrUnknownOrigin
}

func (n *Node) endedCheckpoint(w http.ResponseWriter, r *http.Request) error {
	e, err := n.ended(r)
	if err != nil {
		return err
	}
	b, err := e.last()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache") // it is cosigned anew from time to time
	_, err = w.Write(b)
	return sent(err)
}

// last returns the last checkpoint, with the newest cosignatures there are.
func (e Ended) last() ([]byte, error) {
	final, err := os.ReadFile(e.Final)
	if err != nil || e.Cosigned == "" {
		return final, err
	}
	cosigned, err := os.ReadFile(e.Cosigned)
	if err != nil {
		return final, nil
	}
	end, errE := ledger.ReadCheckpoint(final)
	now, errN := ledger.ReadCheckpoint(cosigned)
	if errE != nil || errN != nil || now != end {
		return final, nil
	}
	return cosigned, nil
}

func (n *Node) endedTile(w http.ResponseWriter, r *http.Request) error {
	e, err := n.ended(r)
	if err != nil {
		return err
	}
	return sendTile(w, e.Tiles, "/tile/"+r.PathValue("tile"))
}

// otherLedger says of a request for another ledger which one this is.
func (n *Node) otherLedger(o evidence.Origin) string {
	own := n.writing().Origin
	for _, e := range n.Config.Ended {
		if e.Origin == o {
			return string(o) + " has ended, and " + string(own) + " follows it here: pin the trust list that says so (custody trust adopt FILE)"
		}
	}
	return "this one is " + string(own)
}

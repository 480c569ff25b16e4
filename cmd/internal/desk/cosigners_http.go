package desk

import (
	"context"
	"io"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
)

// reach returns the witness and the auditor that custody.json names, for the ledger
// whose key is given: those of a node, or those of a folder on this machine.
func (s *Session) reach(at string, key note.Verifier) ([]ledger.Cosigner, []io.Closer) {
	if !client.IsAddress(at) {
		return openCosigners(s.resolve(at), s.Config.Origin)
	}
	n, err := client.New(at, nil)
	if err != nil {
		return []ledger.Cosigner{absent{at, err}}, nil
	}
	return []ledger.Cosigner{n.Cosigner(client.Witness, key), n.Cosigner(client.Auditor, key)}, []io.Closer{n}
}

// nodeTime is how long the doctor waits for another state's node.
const nodeTime = 5 * time.Second

// node checks that another state's node answers for both its cosigners.
func (d *doctor) node(address string) {
	n, err := client.New(address, nil)
	if err != nil {
		d.fails("cosigners", "custody trust cosigners names them anew", "%v", err)
		return
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), nodeTime)
	defer cancel()
	for _, role := range []string{client.Witness, client.Auditor} {
		if _, err := n.Cosigner(role).Latest(ctx, d.h.Config.Origin); err != nil {
			d.fails("cosigners", "reach the other state's node again; until then acts get no receipt", "the node at %s does not answer: %v", address, err)
			return
		}
	}
	d.holds("cosigners", "the node at %s answers", address)
}

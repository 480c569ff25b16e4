package desk

import (
	"io"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
)

// reach returns the witness and the auditor that custody.json names, for the ledger
// whose key is given: those of a node, or those of a folder on this machine.
func (s *Session) reach(at string, key note.Verifier, o evidence.Origin) ([]ledger.Cosigner, []io.Closer) {
	if !client.IsAddress(at) {
		return cosigner.Open(s.resolve(at), o)
	}
	n, err := client.New(at, nil)
	if err != nil {
		return []ledger.Cosigner{cosigner.Absent(at, err)}, nil
	}
	return []ledger.Cosigner{n.Cosigner(client.Witness, key), n.Cosigner(client.Auditor, key)}, []io.Closer{n}
}

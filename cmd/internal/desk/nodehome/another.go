package nodehome

import (
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence/store/durable"
)

// Another makes the folder of the home to for one more node of the ledger whose node
// the home of has: with the ledger's key, and an identity of its own for what it keeps.
// It returns what signs for the ledger. Errors: [ErrNone], [ErrMade], [ErrDamaged].
func Another(of, to string, files durable.Files) (note.Signer, error) {
	s, err := read(of)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(Folder(of), keyFile))
	if err != nil {
		return nil, err
	}
	return s.signer, Make(to, s.about, string(key[:len(key)-1]), files)
}

package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
)

// ErrShortened reports a list that ends a ledger before what this state has seen of it:
// what is logged behind that would count for nobody, and its seals could be closed again.
var ErrShortened = errors.New("the list ends a ledger before what this state has seen of it")

// wholeEnds refuses a list that ends a ledger, which goes on by the pinned one, below or
// beside the newest checkpoint that this state knows of it. Only a ledger whose key the
// list revokes ends at a last good checkpoint that may be older.
func (s *Session) wholeEnds(l *trust.List) error {
	for _, r := range l.Retired {
		o := evidence.Origin(r.Final.Origin)
		if s.trusted.Final(o) != nil || revoked(l, o) {
			continue
		}
		notes, err := s.seenNotes(o)
		if err != nil {
			return err
		}
		for _, signed := range notes {
			c, err := ledger.ReadCheckpoint(signed)
			if err != nil {
				return fmt.Errorf("what this state has seen of %s: %w", o, err)
			}
			if c.Size > r.Final.Size || c.Size == r.Final.Size && c.Root != r.Final.Root {
				return fmt.Errorf("%s: %w: it would end with %d leaves, and there are %d or others", o, ErrShortened, r.Final.Size, c.Size)
			}
		}
	}
	return nil
}

// seenNotes are the newest checkpoints of a ledger that this state's witness has signed,
// that the desk has believed at a node, and that it has had cosigned itself.
func (s *Session) seenNotes(o evidence.Origin) (all [][]byte, err error) {
	if !s.Joined() && cosigner.HasKey(s.path("cosigner"), cosigner.Witness) {
		signed, err := cosigner.Latest(s.path("cosigner"), o)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if signed != nil {
			all = append(all, signed)
		}
	}
	files := []string{s.seenAt(o, ".note")}
	if o == s.Config.Origin {
		files = append(files, s.path("ledger", "cosigned.note"))
	}
	for _, path := range files {
		switch b, err := os.ReadFile(path); {
		case err == nil:
			all = append(all, b)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return all, nil
}

// revoked reports whether a list revokes a key of a ledger.
func revoked(l *trust.List, o evidence.Origin) bool {
	return slices.ContainsFunc(l.Logs, func(g trust.Log) bool {
		return g.Origin == string(o) && slices.ContainsFunc(l.Revoked, func(r trust.Revocation) bool { return r.Key == g.Key })
	})
}

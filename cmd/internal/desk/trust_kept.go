package desk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// keepList keeps the pinned list when another is about to take its place: a court
// may have pinned this one, and goes from it to the next (rule P12).
func (s *Session) keepList() error {
	if s.trusted == nil {
		return nil
	}
	return files.WriteFile(s.path("trust", fmt.Sprintf("list-%d.note", s.trusted.List.Version)), s.trusted.Note, 0o600)
}

// noteLogged remembers at which index of this state's ledger the hash of a list
// stands: finding it again would mean reading every leaf.
func (s *Session) noteLogged(l *trust.List, index uint64) error {
	return files.WriteFile(s.loggedPath(l.Digest()), strconv.AppendUint(nil, index, 10), 0o600)
}

func (s *Session) loggedPath(d trust.Digest) string {
	return s.path("trust", "leaf-"+d.Hex()+".txt")
}

// loggedLists returns where the hashes of lists stand, as far as is remembered.
// What is remembered wrongly proves nothing to whoever verifies.
func (s *Session) loggedLists(lists [][]byte) map[uint64]pack.LeafPlace {
	places := map[uint64]pack.LeafPlace{}
	for _, signed := range lists {
		l, err := trust.Open(signed, nil)
		if err != nil {
			continue
		}
		b, err := os.ReadFile(s.loggedPath(l.Digest()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		o, index, cited := strings.Cut(string(bytes.TrimSpace(b)), "#")
		if !cited {
			o, index = string(s.Config.Origin), o
		}
		if n, err := strconv.ParseUint(index, 10, 53); err == nil {
			places[uint64(l.Version)] = pack.LeafPlace{Origin: evidence.Origin(o), Index: n}
		}
	}
	return places
}

// citeLists has what is remembered of lists name the ledger in which their hashes stand,
// before the home goes on in another one. It may be repeated.
func (h *Home) citeLists() error {
	found, err := filepath.Glob(h.path("trust", "leaf-*.txt"))
	if err != nil {
		return err
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		index, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 53)
		if err != nil {
			continue // it has the ledger's name
		}
		if err := files.WriteFile(path, []byte(citation(h.Config.Origin, index)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

package feeder

import (
	"cmp"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/ledger"
)

// Newest returns, of notes of one ledger, those that are the newest of some known
// cosigner, smallest tree first, each once; of one tree the note with the most
// cosignatures. With it a later session keeps what an earlier one gathered
// ([Feeder.Notes]). What is no checkpoint, or is cosigned by nobody known, is left out.
func Newest(all [][]byte, known note.Verifiers) [][]byte {
	var read []cosigned
	for _, signed := range all {
		c, errC := ledger.ReadCheckpoint(signed)
		found, errF := ledger.Cosignatures(signed, known)
		if errC == nil && errF == nil {
			read = append(read, cosigned{signed, c, found})
		}
	}
	slices.SortStableFunc(read, func(a, b cosigned) int {
		return cmp.Or(cmp.Compare(b.tree.Size, a.tree.Size), cmp.Compare(len(b.by), len(a.by)))
	})
	seen := map[cosignerKey]bool{}
	var out [][]byte
	for _, n := range read {
		fresh := false
		for _, k := range n.by {
			key := cosignerKey{k.Name, k.Hash}
			fresh = fresh || !seen[key]
			seen[key] = true
		}
		if fresh {
			out = append(out, n.signed)
		}
	}
	slices.Reverse(out)
	return out
}

// cosigned is a note and who cosigned it.
type cosigned struct {
	signed []byte
	tree   ledger.Checkpoint
	by     []ledger.Cosignature
}

type cosignerKey struct {
	name string
	hash uint32
}

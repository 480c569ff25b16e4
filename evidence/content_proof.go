package evidence

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrChunk reports a chunk that is not the one its file's content tree has at
// that place.
var ErrChunk = errors.New("chunk does not belong to the content tree")

// ProveChunk returns the RFC 6962 §2.1.1 audit path of chunk index, leaf side
// first, at most ⌈log₂ len(leaves)⌉ hashes. leaves are the hashes of all chunks
// of the file in order; index counts from 0 and must be below their number.
func ProveChunk(leaves []Hash, index int64) ([]Hash, error) {
	stored := make([]tlog.Hash, 0, tlog.StoredHashCount(int64(len(leaves))))
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(leaf), read)
		if err != nil {
			return nil, err
		}
		stored = append(stored, more...)
	}
	proof, err := tlog.ProveRecord(int64(len(leaves)), index, read)
	if err != nil {
		return nil, fmt.Errorf("prove chunk %d of %d: %w", index, len(leaves), err)
	}
	path := make([]Hash, len(proof))
	for i, h := range proof {
		path[i] = Hash(h)
	}
	return path, nil
}

// VerifyChunk reports whether chunk is chunk number index of the file that d
// fixes: right length for its place, and path leads to d.Tree. It returns
// [ErrChunk] otherwise. Tree and Size must both come from what was signed: a
// root alone does not fix the size (rule P24). Nothing else of d is looked at.
func VerifyChunk(d Digests, index int64, chunk []byte, path []Hash) error {
	chunks := ChunkCount(d.Size)
	if index < 0 || index >= chunks {
		return fmt.Errorf("chunk %d of %d: %w", index, chunks, ErrChunk)
	}
	if want := min(ChunkSize, d.Size-index*ChunkSize); int64(len(chunk)) != want {
		return fmt.Errorf("chunk %d has %d bytes instead of %d: %w", index, len(chunk), want, ErrChunk)
	}
	proof := make(tlog.RecordProof, len(path))
	for i, h := range path {
		proof[i] = tlog.Hash(h)
	}
	if tlog.CheckRecord(proof, chunks, tlog.Hash(d.Tree), index, tlog.Hash(ChunkHash(chunk))) != nil {
		return fmt.Errorf("chunk %d: %w", index, ErrChunk)
	}
	return nil
}

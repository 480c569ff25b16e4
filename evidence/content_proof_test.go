package evidence

import (
	"errors"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

func chunkHashes(b []byte) []Hash {
	var leaves []Hash
	for len(b) > 0 {
		n := min(len(b), ChunkSize)
		leaves = append(leaves, ChunkHash(b[:n]))
		b = b[n:]
	}
	return leaves
}

func chunkAt(b []byte, i int) []byte { return b[i*ChunkSize : min((i+1)*ChunkSize, len(b))] }

func TestChunkProofs(t *testing.T) {
	for _, size := range []int{1, ChunkSize, 2*ChunkSize + 9, 7*ChunkSize - 1} {
		b := ruled(size)
		d, leaves := DigestBytes(b, TreeOnly), chunkHashes(b)
		for i := range leaves {
			path, err := ProveChunk(leaves, int64(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := VerifyChunk(d, int64(i), chunkAt(b, i), path); err != nil {
				t.Errorf("size %d: %v", size, err)
			}
			raw := make([][]byte, len(path))
			for j := range path {
				raw[j] = path[j][:]
			}
			err = proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(len(leaves)), leaves[i][:], raw, d.Tree[:])
			if err != nil {
				t.Errorf("size %d, chunk %d: the oracle refuses the path: %v", size, i, err)
			}
		}
	}
}

func TestChunkProofsRefused(t *testing.T) {
	b := ruled(4*ChunkSize + 5)
	d, leaves := DigestBytes(b, TreeOnly), chunkHashes(b)
	path, err := ProveChunk(leaves, 2)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), chunkAt(b, 2)...)
	flipped[77] ^= 1
	longer := d
	longer.Size += 4 * ChunkSize
	for name, err := range map[string]error{
		"one bit":        VerifyChunk(d, 2, flipped, path),
		"other place":    VerifyChunk(d, 3, chunkAt(b, 2), path),
		"negative place": VerifyChunk(d, -1, chunkAt(b, 2), path),
		"past the end":   VerifyChunk(d, 5, chunkAt(b, 2), path),
		"short chunk":    VerifyChunk(d, 2, chunkAt(b, 2)[1:], path),
		"long last":      VerifyChunk(d, 4, chunkAt(b, 2), path),
		"short path":     VerifyChunk(d, 2, chunkAt(b, 2), path[1:]),
		"no path":        VerifyChunk(d, 2, chunkAt(b, 2), nil),
		"other size":     VerifyChunk(longer, 2, chunkAt(b, 2), path),
		"empty file":     VerifyChunk(DigestBytes(nil, TreeOnly), 0, nil, nil),
	} {
		if !errors.Is(err, ErrChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ProveChunk(leaves, 5); err == nil {
		t.Error("a chunk that is not there was proven")
	}
}

// FuzzVerifyChunk checks that no path but the right one is believed.
func FuzzVerifyChunk(f *testing.F) {
	b := ruled(2*ChunkSize + 3)
	d, leaves := DigestBytes(b, TreeOnly), chunkHashes(b)
	good, err := ProveChunk(leaves, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(int64(2), good[0][:])
	f.Add(int64(2), []byte{})
	f.Add(int64(1), good[0][:])
	f.Fuzz(func(t *testing.T, index int64, raw []byte) {
		var path []Hash
		for ; len(raw) >= 32; raw = raw[32:] {
			path = append(path, Hash(raw[:32]))
		}
		right := index == 2 && len(path) == len(good) && path[0] == good[0]
		if err := VerifyChunk(d, index, b[2*ChunkSize:], path); (err == nil) != right {
			t.Errorf("chunk %d, path %v: %v", index, path, err)
		}
	})
}

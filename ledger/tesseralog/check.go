package tesseralog

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// Check reads the whole published log in dir with tessera's fsck: every leaf
// hashed, every tile computed again, the root held against the checkpoint, and the
// checkpoint's signature against key. It says nothing about what the leaves mean;
// that is an auditor's to say.
//
// ctx must have a deadline: fsck of tessera v1.0.4 waits for ever when it finds a
// damaged tile. Check then returns [ErrTimeout], and leaves goroutines behind. It
// returns [ErrDamaged] for what fsck refuses.
func Check(ctx context.Context, dir string, key note.Verifier) error {
	silence()
	r, err := OpenReader(dir)
	if err != nil {
		return err
	}
	if _, ok := ctx.Deadline(); !ok {
		return errors.New("check of a ledger needs a deadline")
	}
	f := fsck.New(string(r.Origin()), key, client.FileFetcher{Root: TilesDir(dir)}, bundleHashes, fsck.Opts{N: 2})
	done := make(chan error, 1)
	go func() { done <- f.Check(ctx) }()
	select {
	case err := <-done:
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w: %w", dir, ErrDamaged, err)
		}
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s: %w: %w", dir, ErrTimeout, ctx.Err())
	}
}

// bundleHashes returns the leaf hashes of an entry bundle, for fsck.
func bundleHashes(b []byte) ([][]byte, error) {
	var out [][]byte
	for ; len(b) >= entryBytes; b = b[entryBytes:] {
		if int(b[0])<<8|int(b[1]) != ledger.LeafSize {
			return nil, ErrDamaged
		}
		out = append(out, rfc6962.DefaultHasher.HashLeaf(b[2:entryBytes]))
	}
	if len(b) != 0 {
		return nil, ErrDamaged
	}
	return out, nil
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// never is an interval that does not pass.
const never = time.Duration(math.MaxInt64)

// appender returns a tessera appender for the folder path that commits one batch
// of n entries when the n-th is added, and not before. It lives as long as ctx. In
// an empty folder it first makes an empty log, with a checkpoint signed by signer;
// otherwise it publishes nothing.
//
// Each has a driver of its own: when tessera panics because it cannot open a lock
// file, the driver's mutex stays locked for ever. So two must not be at work at
// the same time.
func appender(ctx context.Context, path string, signer note.Signer, n int) (a *tessera.Appender, r tessera.LogReader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("opening tessera's folder: %v", p)
		}
	}()
	d, err := posix.New(ctx, posix.Config{Path: path})
	if err != nil {
		return nil, nil, err
	}
	a, _, r, err = tessera.NewAppender(ctx, d, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(n), never).
		WithCheckpointInterval(never).
		WithCheckpointRepublishInterval(0).
		WithGarbageCollectionInterval(0))
	return a, r, err
}

// mute is a signer that does not sign: tessera has no occasion to publish behind
// the log's back.
type mute struct{ note.Signer }

// Sign implements [note.Signer].
func (mute) Sign([]byte) ([]byte, error) {
	return nil, errors.New("tessera must not publish")
}

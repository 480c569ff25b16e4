package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/tesseralog"
)

// ErrAway reports a node that does not answer with a ledger.
var ErrAway = errors.New("the ledger's node does not answer as it must")

// source is where an audit reads a ledger: a folder, or a node.
type source struct {
	at     string // the folder in which it lies; "" for a node
	origin evidence.Origin
	signed []byte // the published checkpoint
	reader ledger.Reader
	close  func() error
}

func open(ctx context.Context, place string) (*source, error) {
	if client.IsAddress(place) {
		return remote(ctx, place)
	}
	return folder(ctx, place)
}

func folder(ctx context.Context, dir string) (*source, error) {
	r, at, err := tesseralog.Find(dir)
	switch {
	case errors.Is(err, tesseralog.ErrNone):
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	case errors.Is(err, tesseralog.ErrDamaged), errors.Is(err, tesseralog.ErrHalf):
		return nil, fmt.Errorf("%w: %v", ErrCopy, err)
	case err != nil:
		return nil, err
	}
	signed, err := r.Checkpoint(ctx)
	return &source{at: at, origin: r.Origin(), signed: signed, reader: r, close: func() error { return nil }}, err
}

// remote asks a node for its newest checkpoint. The tree that it signs is read
// while the audit goes on; a checkpoint that cannot be read is the audit's to say.
func remote(ctx context.Context, address string) (*source, error) {
	n, err := client.New(address, nil)
	if err != nil {
		return nil, err
	}
	signed, err := n.Log().Checkpoint(ctx)
	if err != nil {
		err = errors.Join(err, n.Close())
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s: %w", address, ErrNone)
		}
		return nil, fmt.Errorf("%w: %v", ErrAway, err)
	}
	c, _ := ledger.ReadCheckpoint(signed)
	return &source{origin: c.Origin, signed: signed, reader: n.Log().At(c.Size), close: n.Close}, nil
}

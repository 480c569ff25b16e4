package node

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync/atomic"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"golang.org/x/mod/sumdb/tlog"
)

// readings is the tree that an auditor reads over HTTP; it notes whether reading
// failed, which is then the other node's fault and not this one's.
type readings struct {
	*client.Tree
	failed atomic.Bool
}

// Leaves implements [ledger.Reader].
func (r *readings) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for l, err := range r.Tree.Leaves(ctx, from, to) {
			if err != nil {
				r.failed.Store(true)
			}
			if !yield(l, err) {
				return
			}
		}
	}
}

// Hashes implements [ledger.Reader].
func (r *readings) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	h := r.Tree.Hashes(ctx, size)
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out, err := h.ReadHashes(indexes)
		if err != nil {
			r.failed.Store(true)
		}
		return out, err
	})
}

// unreadable returns err, or 502 when an auditor could not read the ledger. An
// alarm, a conflict and whatever else says more than that stay.
func unreadable(leaves ledger.Reader, err error) error {
	r, ok := leaves.(*readings)
	var caught *ledger.MisbehaviourError
	var conflict *ledger.ConflictError
	switch {
	case !ok || !r.failed.Load():
	case errors.As(err, &caught), errors.As(err, &conflict), errors.Is(err, ledger.ErrProof),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
	default:
		return &refusal{http.StatusBadGateway, "the ledger could not be read"}
	}
	return err
}

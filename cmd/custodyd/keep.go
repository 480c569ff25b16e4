package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/ledger"
	"example.org/custody/ledger/crossanchor"
	"example.org/custody/ledger/node"
)

// keeping is a node that keeps its home's ledger.
type keeping struct {
	node    *node.Node
	home    *desk.Served
	ledgers *addresses
	every   time.Duration   // between two rounds of other ledgers' checkpoints
	served  <-chan struct{} // closed when no request is under way any more
	log     *slog.Logger
}

// keep opens the ledger, lets the node take events until ctx ends, and closes the
// ledger when nothing is under way any more.
func keep(ctx context.Context, k keeping) (err error) {
	cosigners, err := k.home.Cosigners()
	if err != nil {
		return err
	}
	open, err := nodehome.OpenHome(ctx, nodehome.Options{Home: k.home.Dir(), Cosigners: cosigners})
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // told to end before it took anything
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.Close()) }()
	defer func() { <-k.served }() // what is under way is answered first
	if why := open.Writer.ReadOnly(); why != nil {
		k.log.Error("the ledger is read-only", "error", why)
	}
	k.node.Begin(open.Writing, open.Feeder.Lags)
	k.log.Info("taking events", "origin", k.home.Origin, "size", open.Writer.Size())
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return k.node.Run(ctx) })
	work.Go(func() error {
		open.Keep(ctx, func(err error) { k.log.Error("cosignatures are not kept yet", "error", err) })
		return nil
	})
	if len(k.ledgers.named) > 0 {
		a, err := crossanchor.Open(k.anchors(open))
		if err != nil {
			return err
		}
		work.Go(func() error { a.Run(ctx); return nil })
	}
	return work.Wait()
}

// anchors says how other ledgers' checkpoints are recorded in this one.
func (k keeping) anchors(open *nodehome.Open) crossanchor.Config {
	return crossanchor.Config{
		Ask: k.ledgers.sources,
		Dir: filepath.Join(k.home.Dir(), "ledger", "crossanchor"), Counts: k.home.Counts, Log: open.Log, Every: k.every,
		Append: func(ctx context.Context, l ledger.Leaf) (uint64, error) {
			r, err := open.Writer.Submit(ctx, l)
			if err != nil {
				return 0, err
			}
			return r[0].Index, r[0].Refused
		},
		Report: func(err error) { k.log.Error("another ledger's checkpoint is not recorded", "error", err) },
	}
}

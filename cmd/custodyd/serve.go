package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/node"
)

// serve is custodyd serve.
func serve(c *cli.Context, std ui.Streams, log *slog.Logger) (err error) {
	ctx := c.Context
	if c.Bool("until-eof") {
		ctx = untilEOF(ctx, std.In)
	}
	ledgers, closers, err := parseLedgers(c.StringSlice("ledger"))
	if err != nil {
		return err
	}
	defer func() { closers.close() }()
	cert, err := certificate(c.Path("tls-cert"), c.Path("tls-key"), log)
	if err != nil {
		return err
	}
	home, err := desk.OpenServed(c.Path("home"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	takes := nodehome.Made(home.Dir())
	ended := make([]node.Ended, len(home.Ended))
	for i, e := range home.Ended {
		ended[i] = node.Ended(e)
	}
	n, err := node.New(node.Config{
		Tiles: home.Tiles, Cosigned: home.Cosigned, Ended: ended, Witness: home.Witness, Auditor: home.Auditor,
		Followed: home.Followed, Ledgers: ledgers, Takes: takes, Log: log,
	})
	if err != nil {
		return err
	}
	public, err := listen(ctx, "listen", c.String("listen"), cert != nil)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	if at := c.String("metrics"); at != "" {
		if err := serveMetrics(ctx, work, at, n); err != nil {
			return errors.Join(err, public.Close())
		}
	}
	log.Info("serving", "origin", home.Origin, "state", home.State, "address", public.Addr().String(), "tls", cert != nil)
	// What is read, and this state's cosigners, are served while the ledger is opened:
	// other states' nodes may be waiting for them to open theirs.
	served := make(chan struct{})
	work.Go(func() error {
		defer close(served)
		return node.Serve(ctx, public, n, cert, n.Limits.Time)
	})
	if takes {
		work.Go(func() error {
			return keep(ctx, keeping{node: n, home: home, ledgers: ledgers, every: c.Duration("cross-anchor"), served: served, log: log})
		})
	}
	err = work.Wait()
	log.Info("ended")
	return err
}

// untilEOF ends a context when in ends.
func untilEOF(ctx context.Context, in io.Reader) context.Context {
	ctx, end := context.WithCancel(ctx)
	go func() {
		defer end()
		_, _ = io.Copy(io.Discard, in) // however it ends, nobody is there any more
	}()
	return ctx
}

func serveMetrics(ctx context.Context, work *errgroup.Group, at string, n *node.Node) error {
	own, err := listen(ctx, "metrics", at, false)
	if err != nil {
		return err
	}
	n.Log.Info("metrics", "address", own.Addr().String())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", n.Metrics())
	work.Go(func() error { return node.Serve(ctx, own, mux, nil, n.Limits.Time) })
	return nil
}

// nodes are clients to be closed.
type nodes []*client.Node

func (n nodes) close() {
	for _, c := range n {
		_ = c.Close() // of connections that are not in use
	}
}

// parseLedgers reads ORIGIN=URL.
func parseLedgers(flags []string) (map[evidence.Origin]*client.Log, nodes, error) {
	all, clients := map[evidence.Origin]*client.Log{}, nodes(nil)
	for _, f := range flags {
		name, address, _ := strings.Cut(f, "=")
		o, errO := evidence.ParseOrigin(name)
		n, errA := client.New(address, nil)
		if err := errors.Join(errO, errA); err != nil {
			return nil, nil, ui.Usage("--ledger bb.example/ledger=https://node.bb.example", "--ledger %s: %v", f, err)
		}
		if all[o] != nil {
			return nil, nil, ui.Usage("name each ledger once", "--ledger names %s twice", o)
		}
		all[o], clients = n.Log(), append(clients, n)
	}
	return all, clients, nil
}

func certificate(cert, key string, log *slog.Logger) (*node.Certificate, error) {
	switch {
	case cert == "" && key == "":
		return nil, nil
	case cert == "" || key == "":
		return nil, ui.Usage("give both, or neither", "--tls-cert and --tls-key go together")
	}
	return node.NewCertificate(cert, key, log)
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
	"example.org/custody/ledger/node"
)

// serve is custodyd serve.
func serve(c *cli.Context, std ui.Streams, log *slog.Logger) (err error) {
	ctx := daemon.Lifetime(c, std)
	ledgers, err := parseLedgers(c.StringSlice("ledger"))
	if err != nil {
		return err
	}
	defer ledgers.close()
	cert, err := certificate(c.Path("tls-cert"), c.Path("tls-key"), log)
	if err != nil {
		return err
	}
	home, err := desk.OpenServed(c.Path("home"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	ledgers.home = home
	takes := nodehome.Made(home.Dir())
	ended := make([]node.Ended, len(home.Ended))
	for i, e := range home.Ended {
		ended[i] = node.Ended(e)
	}
	n, err := node.New(node.Config{
		Tiles: home.Tiles, Cosigned: home.Cosigned, Ended: ended, Witness: home.Witness, Auditor: home.Auditor,
		Followed: home.Followed, Where: ledgers.at, Takes: takes, Log: log,
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
func certificate(cert, key string, log *slog.Logger) (*node.Certificate, error) {
	switch {
	case cert == "" && key == "":
		return nil, nil
	case cert == "" || key == "":
		return nil, ui.Usage("give both, or neither", "--tls-cert and --tls-key go together")
	}
	return node.NewCertificate(cert, key, log)
}

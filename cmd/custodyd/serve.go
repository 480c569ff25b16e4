package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/node"
)

// serve is custodyd serve.
func serve(c *cli.Context, log *slog.Logger) (err error) {
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
	n, err := node.New(node.Config{
		Tiles: home.Tiles, Cosigned: home.Cosigned, Witness: home.Witness, Auditor: home.Auditor,
		Followed: home.Followed, Ledgers: ledgers, Log: log,
	})
	if err != nil {
		return err
	}
	public, err := listen(c.Context, "listen", c.String("listen"), cert != nil)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(c.Context)
	if at := c.String("metrics"); at != "" {
		own, err := listen(c.Context, "metrics", at, false)
		if err != nil {
			return errors.Join(err, public.Close())
		}
		log.Info("metrics", "address", own.Addr().String())
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", n.Metrics())
		work.Go(func() error { return node.Serve(ctx, own, mux, nil, n.Limits.Time) })
	}
	log.Info("serving", "origin", home.Origin, "state", home.State, "address", public.Addr().String(), "tls", cert != nil)
	work.Go(func() error { return node.Serve(ctx, public, n, cert, n.Limits.Time) })
	err = work.Wait()
	log.Info("ended")
	return err
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

// listen takes an address. Without a certificate it must be on loopback: what
// crosses a network is encrypted, by this process or by a proxy on this machine.
func listen(ctx context.Context, flag, address string, encrypted bool) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	if at, ok := l.Addr().(*net.TCPAddr); !encrypted && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(ui.Usage("--tls-cert and --tls-key, or an address on loopback", "--%s %s is not on loopback and would not be encrypted", flag, address), l.Close())
	}
	return l, nil
}

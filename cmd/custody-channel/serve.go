package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/mod/sumdb/tlog"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// serve anchors and answers until its context ends.
func serve(c *cli.Context, std ui.Streams, log *slog.Logger) error {
	a, list, err := agreement(c.Path("agreement"), c.Path("trust"))
	if err != nil {
		return err
	}
	node, err := client.New(c.String("node"), nil)
	if err != nil {
		return ui.Usage("--node URL", "%v", err)
	}
	defer node.Close()
	origin, err := evidence.ParseOrigin(c.String("origin"))
	if err != nil {
		return ui.Usage("--origin NAME", "%v", err)
	}
	ch, err := connect(c, a, log)
	if err != nil {
		return err
	}
	defer ch.Close()
	f := &channel.Follower{
		Origin: origin, Ledger: public{node.Log()}, Channel: ch, Agreement: a, Trust: list, Dir: c.Path("proofs"), Every: c.Duration("every"),
		Report: func(err error) { log.Error("not anchored", "origin", origin, "error", err) },
	}
	l, err := listen(c.Path("socket"))
	if err != nil {
		return err
	}
	fmt.Fprintf(std.Err, "anchoring %s on channel %s, answering at %s\n", origin, a.Channel, c.Path("socket"))
	return both(daemon.Lifetime(c, std), f, l)
}

// connect connects to the channel as this state.
func connect(c *cli.Context, a *anchor.Agreement, log *slog.Logger) (_ *channel.Client, err error) {
	peers := c.StringSlice("peer")
	if len(peers) == 0 {
		if peers, err = firstPeers(c.Path("sdk"), c.String("org"), a); err != nil {
			return nil, err
		}
	}
	return channel.Open(channel.Config{
		SDK: c.Path("sdk"), Agreement: a,
		Org: c.String("org"), User: c.String("user"), Peers: peers,
		Odd: func(err *channel.OddError) { log.Warn("a peer answers otherwise", "error", err) },
	})
}

// both follows and answers until the context ends.
func both(ctx context.Context, f *channel.Follower, l net.Listener) error {
	s := &http.Server{Handler: handler(f), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	following, stop := context.WithCancel(ctx)
	followed := make(chan struct{})
	go func() { f.Run(following); close(followed) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	stop()
	<-followed
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, s.Shutdown(ending))
}

// agreement reads the agreement that the pinned trust list names, and that list.
func agreement(file, list string) (*anchor.Agreement, *trust.List, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	a, err := anchor.ParseAgreement(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	signed, err := os.ReadFile(list)
	if err != nil {
		return nil, nil, err
	}
	l, err := trust.Open(signed, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", list, err)
	}
	return a, l, a.PinnedBy(l)
}

// listen opens the socket for this user alone. One that nobody answers at is left over
// from a process that has ended.
func listen(path string) (net.Listener, error) {
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return nil, fmt.Errorf("%s: %w", path, errAnswers)
	}
	if i, err := os.Lstat(path); err == nil && i.Mode().Type() == os.ModeSocket {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := listenAlone(path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}

var errAnswers = errors.New("somebody answers there already")

// public is the ledger as the node shows it to anybody.
type public struct{ *client.Log }

// Hashes implements [channel.Ledger].
func (p public) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return p.At(size).Hashes(ctx, size)
}

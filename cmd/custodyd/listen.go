package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"example.org/custody/cmd/internal/ui"
)

// listen takes an address, or a descriptor that listens already, "fd:N". Without a
// certificate it must be on loopback: what crosses a network is encrypted, by this
// process or by a proxy on this machine.
func listen(ctx context.Context, flag, address string, encrypted bool) (net.Listener, error) {
	l, err := take(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	if at, ok := l.Addr().(*net.TCPAddr); !encrypted && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(ui.Usage("--tls-cert and --tls-key, or an address on loopback", "--%s %s is not on loopback and would not be encrypted", flag, address), l.Close())
	}
	return l, nil
}

func take(ctx context.Context, address string) (net.Listener, error) {
	number, is := strings.CutPrefix(address, "fd:")
	if !is {
		return new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n < 3 {
		return nil, fmt.Errorf("%q is no descriptor that can listen", address)
	}
	f := os.NewFile(uintptr(n), address)
	if f == nil {
		return nil, fmt.Errorf("%q is no descriptor", address)
	}
	defer f.Close() // the listener has one of its own
	return net.FileListener(f)
}

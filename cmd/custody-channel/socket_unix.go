//go:build unix

package main

import (
	"net"
	"syscall"
)

// listenAlone makes the socket so that nobody but this user can open it, from the first
// moment on: its mode comes from the process's mask.
func listenAlone(path string) (net.Listener, error) {
	defer syscall.Umask(syscall.Umask(0o077))
	return net.Listen("unix", path)
}

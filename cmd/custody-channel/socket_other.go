//go:build !unix

package main

import "net"

// listenAlone makes the socket, which has the rights of its folder here.
func listenAlone(path string) (net.Listener, error) { return net.Listen("unix", path) }

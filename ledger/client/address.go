package client

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ErrAddress reports an address that a node cannot have.
var ErrAddress = errors.New("not the address of a node")

// IsAddress tells an address from the path of a folder.
func IsAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// ParseAddress reads the address of a node or witness: https with any path, or
// http on this machine alone. It returns [ErrAddress] otherwise.
func ParseAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%.200q: %w", s, ErrAddress) // url's error repeats what may be a password
	case u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%.200q: scheme, host and path are all it has: %w", u.Redacted(), ErrAddress)
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	default:
		return nil, fmt.Errorf("%.200q: https, or http on loopback: %w", s, ErrAddress)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

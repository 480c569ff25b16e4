package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// recheck is how often the files of a certificate are looked at, at most.
const recheck = time.Second

// Certificate is the node's, read again when its files change: a new one takes
// effect without a restart. While the files do not fit together (they are two, and
// are replaced one after the other) the old one stays.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	now     *tls.Certificate
	looked  time.Time
	changed [2]time.Time
}

// NewCertificate reads a chain and its key, in PEM.
func NewCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	changed, err := c.times()
	if err != nil {
		return nil, err
	}
	return c, c.load(changed)
}

func (c *Certificate) times() (t [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return t, err
		}
		t[i] = info.ModTime()
	}
	return t, nil
}

func (c *Certificate) load(changed [2]time.Time) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("certificate %s: %w", c.certFile, err)
	}
	c.now, c.changed = &pair, changed
	return nil
}

// get implements [tls.Config] GetCertificate.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < recheck {
		return c.now, nil
	}
	c.looked = time.Now()
	changed, err := c.times()
	if err == nil && changed != c.changed {
		err = c.load(changed)
	}
	if err != nil {
		c.log.Error("certificate is not renewed", "error", err)
	}
	return c.now, nil
}

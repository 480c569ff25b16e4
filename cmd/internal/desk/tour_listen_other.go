//go:build !unix

package desk

import (
	"os"

	"example.org/custody/ledger/tesseralog"
)

// socket is what this system, which has no ledger, does without.
type socket struct{}

func takeAddress() (*socket, string, error) { return nil, "", tesseralog.ErrUnavailable }

func (s *socket) listen() (*os.File, error) { return nil, tesseralog.ErrUnavailable }

func (s *socket) close() {}

package pack

import (
	"bytes"
	"errors"
	"io"

	"example.org/custody/evidence/asic"
)

// Encrypt returns what encrypts to dst what is written to it, for recipients as
// readers.jsonl has them; closing it ends the file and not dst (readers.Encrypt).
// Header and nonce are written before it returns, as age.Encrypt does.
type Encrypt func(dst io.Writer, recipients []string) (io.WriteCloser, error)

// ErrNoKey reports keys of which none is that of a reader of an encrypted copy.
var ErrNoKey = errors.New("no key given is that of one of its readers")

// errNoEncrypt reports a dossier with readers and a writing without [Encrypt].
var errNoEncrypt = errors.New("it has readers, and nothing encrypts to them")

// create starts an entry, which is encrypted when the dossier names readers of it.
// h is that of the content.
func (p *payload) create(h asic.Header) (io.WriteCloser, error) {
	to := p.in.Dossier.ReadersOf(h.Name)
	if len(to) == 0 {
		return p.w.Create(h)
	}
	if p.in.Encrypt == nil {
		return nil, errNoEncrypt
	}
	s := &sealedEntry{head: &bytes.Buffer{}}
	plain, err := p.in.Encrypt(s, to)
	if err != nil {
		return nil, err
	}
	if h.Digest = nil; h.Size >= 0 {
		h.Size = int64(s.head.Len()) + ageBody(h.Size)
	}
	if s.entry, err = p.w.Create(h); err != nil {
		return nil, err
	}
	if _, err := s.entry.Write(s.head.Bytes()); err != nil {
		return nil, err
	}
	return &sealing{plain, s}, nil
}

// sealedEntry takes the encrypted bytes of an entry. What comes before the entry is
// there says how long the entry will be, and is kept until then.
type sealedEntry struct {
	head  *bytes.Buffer
	entry io.WriteCloser // nil until the size is known
}

// Write implements [io.Writer].
func (s *sealedEntry) Write(b []byte) (int, error) {
	if s.entry == nil {
		return s.head.Write(b)
	}
	return s.entry.Write(b)
}

// sealing takes the content of an entry that is encrypted.
type sealing struct {
	io.WriteCloser
	sealed *sealedEntry
}

// Close ends the encryption and then the entry.
func (s *sealing) Close() error {
	if err := s.WriteCloser.Close(); err != nil {
		return err
	}
	return s.sealed.entry.Close()
}

package vault

import (
	"errors"
	"io"
	"os"

	"filippo.io/age"

	"example.org/custody/evidence/store/durable"
)

// Spool keeps bytes that are too many for memory between their making and their
// use: written once, then read any number of times. They lie in the vault's
// temporary folder, encrypted under an identity that is in this process's memory
// alone: whoever finds them after a crash can read nothing. Only one goroutine
// may use it.
type Spool struct {
	vault  *Vault
	file   *durable.Temp
	key    *age.X25519Identity
	sealed io.WriteCloser // nil once it was read
	size   int64
}

// NewSpool returns an empty spool. It must be closed.
func (v *Vault) NewSpool() (*Spool, error) {
	s := &Spool{vault: v}
	var err error
	if s.key, err = age.GenerateX25519Identity(); err != nil {
		return nil, err
	}
	if s.file, err = v.files.CreateTemp(v.at(tempDir), 0o600); err != nil {
		return nil, err
	}
	if s.sealed, err = age.Encrypt(s.file, s.key.Recipient()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// ErrSpoolRead reports writing to a spool that was read already.
var ErrSpoolRead = errors.New("the spool was read already")

// Write implements [io.Writer].
func (s *Spool) Write(p []byte) (int, error) {
	if s.sealed == nil {
		return 0, ErrSpoolRead
	}
	n, err := s.sealed.Write(p)
	s.size += int64(n)
	return n, err
}

// Size returns how many bytes were written.
func (s *Spool) Size() int64 { return s.size }

// WriteTo implements [io.WriterTo] with all that was written. After it nothing
// more can be written.
func (s *Spool) WriteTo(w io.Writer) (int64, error) {
	if s.sealed != nil {
		if err := s.sealed.Close(); err != nil {
			return 0, err
		}
		s.sealed = nil
	}
	f, err := os.Open(s.file.Name())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r, err := age.Decrypt(f, s.key)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, r)
	if err == nil && n != s.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close removes the spool.
func (s *Spool) Close() error {
	return errors.Join(s.file.Close(), s.vault.files.Remove(s.file.Name()))
}

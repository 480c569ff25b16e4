package vault

import (
	"context"
	"errors"
	"io"
	"sync"

	"filippo.io/age"

	"example.org/custody/evidence"
)

// putObject stores what write writes, as name, under a fresh identity, and then
// its key. It returns what a record says of the object.
func (v *Vault) putObject(ctx context.Context, name evidence.ObjectName, protected bool, write func(io.Writer) error) (evidence.Stored, error) {
	k := &key{Object: name, Protected: protected, Holders: v.newHolders()}
	if err := v.encryptObject(ctx, k, write); err != nil {
		return evidence.Stored{}, err
	}
	if err := v.putKey(name, k); err != nil {
		return evidence.Stored{}, err
	}
	return evidence.Stored{Object: name, SHA256: k.SHA256}, nil
}

// encryptObject stores k.Object and fills in the rest of k.
func (v *Vault) encryptObject(ctx context.Context, k *key, write func(io.Writer) error) (err error) {
	if k.identity, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	e := &encrypting{to: k.identity.Recipient(), write: write}
	info, err := v.store.Put(ctx, k.Object, e)
	if err = errors.Join(err, e.Close()); err != nil {
		return err
	}
	k.SHA256, k.Size = info.SHA256, info.Size
	return nil
}

// encrypting is an object on its way into the store. A store that lets it write
// for itself (io.WriterTo) spares a copy of all bytes and a goroutine.
type encrypting struct {
	to    age.Recipient
	write func(io.Writer) error

	once sync.Once
	pipe *io.PipeReader // nil until somebody reads
	done chan struct{}
}

// WriteTo implements [io.WriterTo].
func (e *encrypting) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	sealed, err := age.Encrypt(c, e.to)
	if err != nil {
		return c.n, err
	}
	if err := e.write(sealed); err != nil {
		return c.n, err
	}
	err = sealed.Close()
	return c.n, err
}

// Read implements [io.Reader].
func (e *encrypting) Read(p []byte) (int, error) {
	e.once.Do(func() {
		r, w := io.Pipe()
		e.pipe, e.done = r, make(chan struct{})
		go func() {
			defer close(e.done)
			_, err := e.WriteTo(w)
			w.CloseWithError(err)
		}()
	})
	return e.pipe.Read(p)
}

// Close ends the writing and waits for it. What it returns is nil: an error of
// the writing was the reader's.
func (e *encrypting) Close() error {
	if e.pipe == nil {
		return nil
	}
	err := e.pipe.Close()
	<-e.done
	return err
}

type counter struct {
	w io.Writer
	n int64
}

// Write implements [io.Writer].
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

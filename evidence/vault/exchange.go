package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// Release returns the identity that opens an object, as age writes it, for the
// holder of recipient. That it was given to them is durable before it is
// returned: the report of an erasure will name them (rule P24).
func (v *Vault) Release(ctx context.Context, name evidence.ObjectName, recipient string) (string, error) {
	k, err := v.findKey(ctx, name)
	if err != nil {
		return "", err
	}
	if !k.holds(recipient) {
		k.Holders = append(k.Holders, Holder{recipient, v.now()})
		if err := v.putKey(name, k); err != nil {
			return "", err
		}
	}
	return k.identity.String(), nil
}

// Encrypted describes an object as it is stored.
type Encrypted struct {
	SHA256 evidence.Hash `json:"sha256"`
	Size   int64         `json:"size"` // bytes
}

// Export writes a copy of an object as it is stored. It returns [ErrDamaged]
// when what it wrote is not what was stored.
func (v *Vault) Export(ctx context.Context, name evidence.ObjectName, w io.Writer) (Encrypted, error) {
	k, err := v.findKey(ctx, name)
	if err != nil {
		return Encrypted{}, err
	}
	o, err := v.store.Open(ctx, k.Object)
	if err != nil {
		return Encrypted{}, fmt.Errorf("object %s: %w", name, err)
	}
	defer o.Close()
	got, err := copyHashed(ctx, w, o)
	if err == nil && got != (Encrypted{k.SHA256, k.Size}) {
		err = fmt.Errorf("object %s: %w", name, ErrDamaged)
	}
	return got, err
}

// copyHashed copies a whole object; w may be [io.Discard].
func copyHashed(ctx context.Context, w io.Writer, o store.Object) (Encrypted, error) {
	h := sha256.New()
	r := &watched{ctx, io.NewSectionReader(o, 0, o.Size()), noProgress{}}
	n, err := io.CopyBuffer(io.MultiWriter(w, h), r, make([]byte, 1<<20))
	return Encrypted{evidence.Hash(h.Sum(nil)), n}, err
}

// Adopt takes in an object that another desk exported, and the identity it
// released. An object that is kept here already is left as it is, so that an
// interrupted Adopt is repeated. It returns [ErrDamaged] when the object is not
// the one that was announced, or identity does not open it; then nothing of it
// is left.
func (v *Vault) Adopt(ctx context.Context, name evidence.ObjectName, announced Encrypted, identity string, r io.Reader) error {
	if _, err := v.readKey(ctx, name); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		return fmt.Errorf("object %s: its identity: %w: %w", name, ErrDamaged, err)
	}
	if err := v.adoptObject(ctx, name, announced, id, r); err != nil {
		return fmt.Errorf("object %s: %w", name, err)
	}
	return v.putKey(name, &key{
		identity: id, Object: name, SHA256: announced.SHA256, Size: announced.Size, Holders: v.newHolders(),
	})
}

// adoptObject stores the object, unless an interrupted Adopt has done so.
func (v *Vault) adoptObject(ctx context.Context, name evidence.ObjectName, announced Encrypted, id age.Identity, r io.Reader) error {
	info, err := v.store.Put(ctx, name, r)
	got := Encrypted{info.SHA256, info.Size}
	if errors.Is(err, store.ErrExists) {
		got, err = v.hashObject(ctx, name)
	}
	if err != nil {
		return err
	}
	if err := v.checkObject(ctx, name, got, announced, id); err != nil {
		return errors.Join(err, v.store.Delete(context.WithoutCancel(ctx), name))
	}
	return nil
}

// hashObject describes what the store has.
func (v *Vault) hashObject(ctx context.Context, name evidence.ObjectName) (Encrypted, error) {
	o, err := v.store.Open(ctx, name)
	if err != nil {
		return Encrypted{}, err
	}
	defer o.Close()
	return copyHashed(ctx, io.Discard, o)
}

// checkObject compares what the store has with what was announced, and tries the
// identity on its last piece, which also tells whether it was cut.
func (v *Vault) checkObject(ctx context.Context, name evidence.ObjectName, got, announced Encrypted, id age.Identity) error {
	if got != announced {
		return fmt.Errorf("it is not the one that was announced: %w", ErrDamaged)
	}
	o, err := v.store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer o.Close()
	if _, _, err := age.DecryptReaderAt(o, o.Size(), id); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

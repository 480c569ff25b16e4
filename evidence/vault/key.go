package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
)

// Holder is one for whom the key of an object was wrapped (rule P24).
type Holder struct {
	Recipient string    `json:"recipient"` // age recipient
	Since     time.Time `json:"since"`
}

// key is what opens an object (spec/vault.md "Key").
type key struct {
	identity  *age.X25519Identity
	Erased    spans               `json:"erased,omitempty"` // of the plaintext: zeros stand there
	Holders   []Holder            `json:"holders"`          // of this key and those before it, in order of time
	Object    evidence.ObjectName `json:"object"`           // where the bytes are now
	Protected bool                `json:"protected,omitempty"`
	SHA256    evidence.Hash       `json:"sha256"` // of the object as stored
	Size      int64               `json:"size"`   // of the object as stored, bytes
}

func keyName(name evidence.ObjectName) string { return keysDir + "/" + name.String() + ".age" }

// newHolders lists whom this desk wraps keys for.
func (v *Vault) newHolders() []Holder {
	now := v.now()
	all := make([]Holder, len(v.options.Recipients))
	for i, r := range v.options.Recipients {
		all[i] = Holder{r.String(), now}
	}
	return all
}

// holds reports whether the key was wrapped for recipient.
func (k *key) holds(recipient string) bool {
	return slices.ContainsFunc(k.Holders, func(h Holder) bool { return h.Recipient == recipient })
}

// putKey writes the key by which records know the object as name.
func (v *Vault) putKey(name evidence.ObjectName, k *key) error {
	b, err := k.marshal()
	if err != nil {
		return err
	}
	return v.putSealed(keyName(name), bytesOf(b))
}

// marshal returns an age identity file that says what it opens.
func (k *key) marshal() ([]byte, error) {
	line, err := evidence.Canonical(k)
	return fmt.Appendf(nil, "# %s\n%s\n", line, k.identity), err
}

// readKey returns the key of the object that records know as name. One that is
// not there gives an error that wraps [fs.ErrNotExist].
func (v *Vault) readKey(ctx context.Context, name evidence.ObjectName) (*key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := v.unseal(keyName(name))
	if err != nil {
		return nil, err
	}
	k, err := parseKey(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", keyName(name), ErrDamaged, err)
	}
	return k, nil
}

func parseKey(b []byte) (*key, error) {
	comment, rest, _ := bytes.Cut(b, []byte("\n"))
	text, ok := bytes.CutPrefix(comment, []byte("# "))
	if !ok {
		return nil, errors.New("it does not begin with what it opens")
	}
	k := new(key)
	if err := evidence.ParseCanonical(text, k); err != nil {
		return nil, err
	}
	if len(k.Holders) == 0 || k.Size <= 0 || !k.Erased.ascending() {
		return nil, errors.New("holders, size or erased parts")
	}
	line, ok := bytes.CutSuffix(rest, []byte("\n"))
	if !ok {
		return nil, errors.New("it is cut")
	}
	var err error
	k.identity, err = age.ParseX25519Identity(string(line))
	return k, err
}

// HasKey reports whether the key of an object is kept here.
func (v *Vault) HasKey(ctx context.Context, name evidence.ObjectName) (bool, error) {
	_, err := os.Lstat(v.at(keyName(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, ctx.Err()
	}
	return err == nil, err
}

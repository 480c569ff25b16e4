package readers

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"example.org/custody/verify/pack"
)

// Keys are the keys that a reader holds. It implements verify.Keys.
type Keys struct {
	identities []age.Identity
	recipients map[string]bool
}

// ParseKeys reads an age identity file, as age-keygen writes it: AGE-SECRET-KEY-1…
// or AGE-SECRET-KEY-PQ-1…, one a line, with comments. What is none is [ErrIdentity];
// no error has a key in it.
func ParseKeys(b []byte) (*Keys, error) {
	found, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		return nil, ErrIdentity // age's own error may quote the line
	}
	return NewKeys(found...)
}

// NewKeys returns keys of identities, which are X25519 or hybrid ones.
func NewKeys(identities ...age.Identity) (*Keys, error) {
	k := &Keys{identities: identities, recipients: map[string]bool{}}
	for _, i := range identities {
		switch i := i.(type) {
		case *age.X25519Identity:
			k.recipients[i.Recipient().String()] = true
		case *age.HybridIdentity:
			k.recipients[i.Recipient().String()] = true
		default:
			return nil, fmt.Errorf("an identity of the kind %T: %w", i, ErrIdentity)
		}
	}
	return k, nil
}

// Has reports whether a recipient is that of one of the keys.
func (k *Keys) Has(recipient string) bool { return k.recipients[recipient] }

// Open opens an age file of size bytes and returns what is in it, for access at
// random from several goroutines, and how many bytes it has. Every chunk is
// authenticated when it is read; errors are age's, or r's. Keys of nobody to whom it
// is encrypted are [pack.ErrNoKey].
func (k *Keys) Open(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	plain, n, err := age.DecryptReaderAt(r, size, k.identities...)
	if no := (*age.NoIdentityMatchError)(nil); errors.As(err, &no) {
		return nil, 0, pack.ErrNoKey
	}
	return plain, n, err
}

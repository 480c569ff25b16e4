package keyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"example.org/custody/signing/keyfile/internal/cost"
)

// maxLogN is the highest work factor accepted: what `age -p` writes, so that a
// file encrypted again with the age command still opens.
const maxLogN = 18

func encrypt(b []byte, to ...age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	err := encryptTo(&out, bytesOf(b), to...)
	return out.Bytes(), err
}

// encryptTo encrypts content on its way to out.
func encryptTo(out io.Writer, content writing, to ...age.Recipient) error {
	w, err := age.Encrypt(out, to...)
	if err != nil {
		return err
	}
	if err := content(w); err != nil {
		return err
	}
	return w.Close()
}

// decrypt returns the whole plaintext or nothing. no is the error for a file
// that is whole as far as can be told, but not for these identities.
func decrypt(b []byte, no error, with ...age.Identity) ([]byte, error) {
	if why := mangled(b); why != "" {
		return nil, fmt.Errorf("%s: %w", why, ErrDamaged)
	}
	r, err := age.Decrypt(bytes.NewReader(b), with...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, no
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain := bytes.NewBuffer(make([]byte, 0, len(b)+bytes.MinRead)) // it does not grow: secrets may be large
	if _, err := plain.ReadFrom(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain.Bytes(), nil
}

// mangled recognises what shells and editors do to binary files.
func mangled(b []byte) string {
	for _, p := range []struct{ prefix, why string }{
		{"\xff\xfe", "rewritten as UTF-16, as PowerShell's > does"},
		{"\xfe\xff", "rewritten as UTF-16"},
		{"\xef\xbb\xbf", "rewritten as UTF-8 with a byte order mark"},
		{"age-encryption.org/v1\r\n", "line ends rewritten"},
	} {
		if bytes.HasPrefix(b, []byte(p.prefix)) {
			return p.why
		}
	}
	return ""
}

// lock encrypts b under a passphrase.
func lock(b []byte, passphrase string) ([]byte, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(cost.LogN)
	defer cost.Release()
	return encrypt(b, r)
}

// unlock is the reverse of lock.
func unlock(b []byte, passphrase string) ([]byte, error) {
	if passphrase == "" {
		return nil, ErrPassphrase
	}
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	i.SetMaxWorkFactor(maxLogN)
	defer cost.Release()
	return decrypt(b, ErrPassphrase, i)
}

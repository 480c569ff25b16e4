package keyfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

const secretHeader = "# custody/secret/v1 "

// CreateSecret writes a desk's secret (the vault's identity, the ledger's key,
// the authority's key) to a new file, encrypted to each of to. name says what it
// is, 1 to 64 bytes of a–z, 0–9 and -, and must be given again to read it, so
// that no file can take another's place. Errors: [ErrExists], [ErrNotDurable].
func CreateSecret(path, name string, body []byte, to ...age.Recipient) error {
	return CreateSecretFrom(path, name, bytes.NewReader(body), to...)
}

// CreateSecretFrom is [CreateSecret] for a body that is encrypted as it is
// written, because it may be too large for memory.
func CreateSecretFrom(path, name string, body io.WriterTo, to ...age.Recipient) error {
	sealed, err := sealSecret(name, body, to)
	if err != nil {
		return err
	}
	return system.create(path, sealed)
}

// ReplaceSecret is [CreateSecret] for a file that is there already, as when
// another officer may read it from now on. Who could read the old file may have
// kept its content.
func ReplaceSecret(path, name string, body []byte, to ...age.Recipient) error {
	sealed, err := sealSecret(name, bytes.NewReader(body), to)
	if err != nil {
		return err
	}
	return system.replace(path, sealed)
}

// OpenSecret reads the secret called name with one of the identities. Errors:
// [ErrIdentity], [ErrDamaged], and what the system says when the file cannot be
// read.
//
// Anyone who knows a recipient can write such a file: what it holds is
// believed only as far as it fits what is known (the log's public key, the
// authority's certificate, the vault's recipient).
func OpenSecret(path, name string, with ...age.Identity) ([]byte, error) {
	sealed, err := read(path, maxSecret)
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(sealed, ErrIdentity, with...)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", path, err)
	}
	body, ok := bytes.CutPrefix(plain, []byte(secretHeader+name+"\n"))
	if !ok || !validSecretName(name) {
		return nil, fmt.Errorf("secret %s is not the secret %q: %w", path, name, ErrDamaged)
	}
	return body, nil
}

func sealSecret(name string, body io.WriterTo, to []age.Recipient) (writing, error) {
	if !validSecretName(name) {
		return nil, fmt.Errorf("secret name %.80q: 1 to 64 of a–z, 0–9 and - wanted", name)
	}
	return func(out io.Writer) error {
		return encryptTo(out, func(w io.Writer) error {
			if _, err := io.WriteString(w, secretHeader+name+"\n"); err != nil {
				return err
			}
			_, err := body.WriteTo(w)
			return err
		}, to...)
	}, nil
}

func validSecretName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

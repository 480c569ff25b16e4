package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"example.org/custody/evidence/store/durable"
)

// sealedPrefix begins the first line of every sealed file's plaintext; the rest
// of the line is the file's place (spec/vault.md "Vault").
const sealedPrefix = "# custody/vault/v1 "

// seal encrypts what the file at name, a slash-separated path below the vault,
// is to hold.
func (v *Vault) seal(name string, content []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(content) + len(content)/1024 + 2048) // of a large body there should be one copy
	w, err := age.Encrypt(&out, v.recipients()...)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, sealedPrefix+name+"\n"); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// unseal returns what the sealed file at name holds. A file that is not there
// gives an error that wraps [fs.ErrNotExist].
func (v *Vault) unseal(name string) ([]byte, error) {
	sealed, err := os.ReadFile(v.at(name))
	if err != nil {
		return nil, err
	}
	damaged := func(why any) error { return fmt.Errorf("%s: %v: %w", name, why, ErrDamaged) }
	r, err := age.Decrypt(bytes.NewReader(sealed), v.options.Identity)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("%s: %w", name, ErrIdentity)
	case err != nil:
		return nil, damaged(err)
	}
	plain := bytes.NewBuffer(make([]byte, 0, len(sealed)+bytes.MinRead))
	if _, err := plain.ReadFrom(r); err != nil {
		return nil, damaged(err)
	}
	content, ok := bytes.CutPrefix(plain.Bytes(), []byte(sealedPrefix+name+"\n"))
	if !ok {
		return nil, damaged("it was written for another place")
	}
	return content, nil
}

// putSealed writes the sealed file at name, durably, in place of what is there.
func (v *Vault) putSealed(name string, content []byte) error {
	sealed, err := v.seal(name, content)
	if err != nil {
		return err
	}
	return v.put(name, sealed)
}

// put writes the file at name, durably. What a file that was there held is
// overwritten.
func (v *Vault) put(name string, content []byte) error {
	old, err := os.OpenFile(v.at(name), os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if old != nil {
		defer old.Close()
	}
	temp, err := v.writeTemp(v.at(tempDir), content)
	if err != nil {
		return err
	}
	if err := v.files.Replace(temp, v.at(name)); err != nil {
		os.Remove(temp) // best effort: the next Open gets what stays
		return err
	}
	if err := v.files.SyncDir(filepath.Dir(v.at(name))); err != nil || old == nil {
		return err
	}
	return v.files.Overwrite(old)
}

// writeTemp makes a temporary file in dir durable and returns its path.
func (v *Vault) writeTemp(dir string, content []byte) (path string, err error) {
	t, err := v.files.CreateTemp(dir, 0o600)
	if err != nil {
		return "", err
	}
	if _, err = t.Write(content); err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err != nil {
		os.Remove(t.Name()) // best effort: the next Open gets what stays
		return "", err
	}
	return t.Name(), nil
}

// destroy removes the file at name and overwrites what it held. It is no error
// when the file is gone already.
func (v *Vault) destroy(name string) error {
	// First it loses its name, so that nobody ever finds half of it there.
	temp := filepath.Join(v.at(tempDir), durable.TempPrefix+rand.Text())
	err := v.files.Replace(v.at(name), temp)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := v.files.SyncDir(filepath.Dir(v.at(name))); err != nil {
		return err
	}
	return v.wipe(temp)
}

// wipe overwrites the file at path and removes it.
func (v *Vault) wipe(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = v.files.Overwrite(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return v.files.Remove(path)
}

package vault

import (
	"bufio"
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

// writing writes the whole content of a file.
type writing func(w io.Writer) error

// bytesOf writes b.
func bytesOf(b []byte) writing {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// seal encrypts what the file at name, a slash-separated path below the vault,
// is to hold, on its way into the file.
func (v *Vault) seal(name string, content writing) writing {
	return func(out io.Writer) error {
		w, err := age.Encrypt(out, v.recipients()...)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, sealedPrefix+name+"\n"); err != nil {
			return err
		}
		if err := content(w); err != nil {
			return err
		}
		return w.Close()
	}
}

// unseal returns what the sealed file at name holds. A file that is not there
// gives an error that wraps [fs.ErrNotExist].
func (v *Vault) unseal(name string) ([]byte, error) {
	sealed, err := os.Open(v.at(name))
	if err != nil {
		return nil, err
	}
	defer sealed.Close()
	info, err := sealed.Stat()
	if err != nil {
		return nil, err
	}
	damaged := func(why any) error { return fmt.Errorf("%s: %v: %w", name, why, ErrDamaged) }
	r, err := age.Decrypt(sealed, v.options.Identity)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("%s: %w", name, ErrIdentity)
	case err != nil:
		return nil, damaged(err)
	}
	plain := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead)) // it does not grow: of a large body there is one copy
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
func (v *Vault) putSealed(name string, content writing) error {
	return v.put(name, v.seal(name, content))
}

// put writes the file at name, durably. What a file that was there held is
// overwritten.
func (v *Vault) put(name string, content writing) error {
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
func (v *Vault) writeTemp(dir string, content writing) (path string, err error) {
	t, err := v.files.CreateTemp(dir, 0o600)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(t, 64<<10) // a small file is one write
	if err = content(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
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

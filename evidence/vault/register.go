package vault

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"example.org/custody/evidence"
)

// mark is an entry of the register (spec/vault.md "Register").
type mark [sha256.Size]byte

// openRegister makes the register when the vault has none, and reads its key.
func (v *Vault) openRegister() error {
	_, err := os.Lstat(v.at(registerFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = v.put(registerFile, bytesOf(nil))
	}
	if err != nil {
		return err
	}
	key, err := v.unseal(registerKey)
	if err == nil && len(key) != len(v.registerKey) {
		err = fmt.Errorf("%s: %w", registerKey, ErrDamaged)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return v.newRegisterKey()
	}
	copy(v.registerKey[:], key)
	return err
}

// newRegisterKey is for a new vault: entries of a lost key would be worthless.
func (v *Vault) newRegisterKey() error {
	if n, err := v.registerSize(); err != nil || n > 0 {
		return fmt.Errorf("%s is missing: %w", registerKey, errors.Join(ErrDamaged, err))
	}
	rand.Read(v.registerKey[:])
	return v.putSealed(registerKey, bytesOf(v.registerKey[:]))
}

func (v *Vault) registerSize() (int64, error) {
	info, err := os.Lstat(v.at(registerFile))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// mark returns the entry of a file's content, and whether it has any.
func (v *Vault) mark(f evidence.FileValue) (mark, bool) {
	if f.Digests == nil || f.Digests.Size == 0 {
		return mark{}, false
	}
	h := hmac.New(sha256.New, v.registerKey[:])
	h.Write([]byte("custody/register/v1"))
	h.Write(f.Digests.Tree[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.Digests.Size)))
	return mark(h.Sum(nil)), true
}

// Earlier counts the values whose content was sealed here before (rule P25). A
// file without content never was. Nil stands for what this process has just taken
// in ([Vault.Ingest]).
func (v *Vault) Earlier(values []evidence.FileValue) (n int, err error) {
	wanted := map[mark]int{}
	for _, m := range v.marksOf(values) {
		wanted[m]++
	}
	err = v.eachMark(func(m mark) error {
		n += wanted[m]
		delete(wanted, m)
		return nil
	})
	return n, err
}

// marksOf returns the entries of values; of nil those of what was just taken in.
func (v *Vault) marksOf(values []evidence.FileValue) []mark {
	if values == nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.taken
	}
	var all []mark
	for _, f := range values {
		if m, ok := v.mark(f); ok {
			all = append(all, m)
		}
	}
	return all
}

// eachMark reads the register in one pass.
func (v *Vault) eachMark(f func(mark) error) error {
	file, err := os.Open(v.at(registerFile))
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 1<<20)
	for {
		var m mark
		if _, err := io.ReadFull(r, m[:]); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF && v.pending != nil {
				return nil // an entry that is cut belongs to the sealing under way
			}
			return fmt.Errorf("%s: %w: %w", registerFile, ErrDamaged, err)
		}
		if err := f(m); err != nil {
			return err
		}
	}
}

// addMarks cuts the register to size and adds entries, durably.
func (v *Vault) addMarks(size int64, marks []mark) error {
	b := make([]byte, 0, len(marks)*len(mark{}))
	for _, m := range marks {
		b = append(b, m[:]...)
	}
	return v.files.Extend(v.at(registerFile), size, b)
}

// planMarks finds which entries of the register the order removes.
func (v *Vault) planMarks(r *Report, files []evidence.FileValue) error {
	wanted := map[mark]int{}
	for _, f := range files {
		if m, ok := v.mark(f); ok && f.Stored != nil {
			wanted[m]++
		}
	}
	size := int64(0)
	err := v.eachMark(func(m mark) error {
		if wanted[m] > 0 {
			wanted[m]--
			r.marks = append(r.marks, m)
		} else {
			size += int64(len(m))
		}
		return nil
	})
	r.register = size
	return err
}

// eraseMarks removes the planned entries: as many of each as were planned, and
// not once more when it is repeated, because the same content may have been
// sealed twice.
func (v *Vault) eraseMarks(r *Report) error {
	if size, err := v.registerSize(); err != nil || size == r.register {
		return err
	}
	left := make(map[mark]int, len(r.marks))
	for _, m := range r.marks {
		left[m]++
	}
	var b []byte
	err := v.eachMark(func(m mark) error {
		if left[m] > 0 {
			left[m]--
			return nil
		}
		b = append(b, m[:]...)
		return nil
	})
	if err != nil {
		return err
	}
	return v.put(registerFile, bytesOf(b))
}

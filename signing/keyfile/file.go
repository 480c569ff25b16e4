package keyfile

import "fmt"

// Create writes a new key file under a passphrase that passes
// [CheckPassphrase]. The file is durable when Create returns. Errors: [ErrWeak],
// [ErrExists] (the file there is untouched), [ErrNotDurable], [ErrCard].
func Create(path string, b *Bundle, passphrase string) error {
	sealed, err := seal(b, passphrase)
	if err != nil {
		return err
	}
	return system.create(path, bytesOf(sealed))
}

// Open reads a key file. Errors: [ErrPassphrase], [ErrDamaged], and what the
// system says when the file cannot be read. It takes the time and memory of one
// key derivation.
func Open(path, passphrase string) (*Bundle, error) {
	sealed, err := read(path, maxFile)
	if err != nil {
		return nil, err
	}
	b, err := unseal(sealed, passphrase)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return b, nil
}

// ChangePassphrase replaces the key file by one with the same content under
// another passphrase. Until the new file is durable the old one stands. Copies
// of the old file still open with the old passphrase: when that may be known to
// others, the key has to be revoked. Errors are those of [Open] and [Create].
func ChangePassphrase(path, from, to string) error {
	b, err := Open(path, from)
	if err != nil {
		return err
	}
	sealed, err := seal(b, to)
	if err != nil {
		return err
	}
	return system.replace(path, bytesOf(sealed))
}

func seal(b *Bundle, passphrase string) ([]byte, error) {
	if err := CheckPassphrase(passphrase); err != nil {
		return nil, err
	}
	plain, err := b.marshal()
	if err != nil {
		return nil, err
	}
	return lock(plain, passphrase)
}

func unseal(sealed []byte, passphrase string) (*Bundle, error) {
	plain, err := unlock(sealed, passphrase)
	if err != nil {
		return nil, err
	}
	return parseBundle(plain)
}

package keyfile

import "errors"

// What callers tell apart.
var (
	// ErrPassphrase reports a wrong passphrase. Damage to the 70 or so bytes
	// that the passphrase unwraps looks the same; damage elsewhere is
	// [ErrDamaged].
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrWeak reports a passphrase that is not taken for a new key file.
	ErrWeak = errors.New("passphrase is too weak")
	// ErrDamaged reports a file that is not one of ours, or no longer whole.
	ErrDamaged = errors.New("file is damaged, or not one of ours")
	// ErrIdentity reports a secret that none of the identities given can open.
	ErrIdentity = errors.New("not encrypted to any identity given")
	// ErrExists reports that a file is there already; it was left alone.
	ErrExists = errors.New("file exists already")
	// ErrNotDurable reports that the file is in place, but the system could not
	// confirm that it would survive a loss of power.
	ErrNotDurable = errors.New("written, but not known to be durable")
	// ErrCard reports bytes that are not a card in its one form.
	ErrCard = errors.New("not a card in its one form")
	// ErrRecovery reports text that holds no recovery identity, or one with a
	// mistake in it.
	ErrRecovery = errors.New("not a recovery identity")
)

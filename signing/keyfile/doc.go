// Package keyfile keeps an officer's keys in a file under a passphrase, a desk's
// other secrets in files under its vault's and the recovery identity, and
// describes a key to others on a card (spec/keys.md).
//
// Every secret file is an ordinary age file whose plaintext other tools read:
//
//	age -d officer.key | openssl pkey -text
//	age -d -i recovery.txt vault.age
//
// so that keys outlive this program. Files are written whole or not at all, are
// readable by their owner only, and never replace another one unasked.
//
// Every key file that a released version wrote is opened by every later one.
package keyfile

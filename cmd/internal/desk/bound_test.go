package desk_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// Whoever can write to a home, and has no key of it, cannot have anything
// encrypted to themselves, nor put another trust list in place.
func TestChangedHome(t *testing.T) {
	out := toured(t)
	other := toured(t)
	home := out.Homes[1]
	thief, err := age.GenerateX25519Identity()
	must(t, err)
	h, err := desk.Open(home)
	must(t, err)
	was := h.Config
	must(t, h.Close())
	change := func(old, to string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(to), 1) }
	}
	for name, tt := range map[string]struct {
		file   string
		change func([]byte) []byte
	}{
		"recovery":  {"custody.json", change(was.Recovery, thief.Recipient().String())},
		"cosigners": {"custody.json", change("fr/cosigner", "fs/cosigner")},
		"origin":    {"custody.json", change("custody.de.example", "custody.df.example")},
		"list": {"trust/list.note", func([]byte) []byte {
			b, err := os.ReadFile(other.Trust)
			must(t, err)
			return b
		}},
	} {
		path := filepath.Join(home, filepath.FromSlash(tt.file))
		before, err := os.ReadFile(path)
		must(t, err)
		after := tt.change(before)
		if bytes.Equal(before, after) {
			t.Fatalf("%s: nothing is changed", name)
		}
		must(t, os.WriteFile(path, after, 0o600))
		h, err := desk.Open(home)
		must(t, err)
		if s, err := h.Unlock(t.Context(), "lab", out.Passphrase); !errors.Is(err, desk.ErrHomeDamaged) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				must(t, s.Close())
			}
		}
		must(t, h.Close())
		must(t, os.WriteFile(path, before, 0o600))
	}
	h, err = desk.Open(home)
	must(t, err)
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	must(t, s.Close())
}

// A card that the desk did not write gets no copy of the vault's identity.
func TestForeignCard(t *testing.T) {
	out := toured(t)
	home := out.Homes[1]
	thief, err := age.GenerateX25519Identity()
	must(t, err)
	path := filepath.Join(home, "keys", "lab.card")
	raw, err := os.ReadFile(path)
	must(t, err)
	card, err := keyfile.ParseCard(raw)
	must(t, err)
	card.Age = thief.Recipient().String()
	forged, err := card.Marshal()
	must(t, err)
	must(t, os.WriteFile(path, forged, 0o600))
	h, err := desk.Open(home)
	must(t, err)
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	_, err = s.AddOfficer(t.Context(), desk.NewOfficer{Alias: "next", Role: evidence.RoleCustodian, Passphrase: out.Passphrase})
	if !errors.Is(err, desk.ErrHomeDamaged) {
		t.Errorf("an officer was added: %v", err)
	}
	sealed, err := os.Open(filepath.Join(home, "keys", "vault.age"))
	must(t, err)
	defer sealed.Close()
	if _, err := age.Decrypt(sealed, thief); err == nil {
		t.Error("the thief opens the vault")
	}
}

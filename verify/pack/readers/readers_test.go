package readers_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
)

// pair is a key of a reader: its text and its recipient.
type pair struct{ key, recipient string }

func newPairs(t *testing.T) (classic, quantum pair) {
	t.Helper()
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	h, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return pair{x.String(), x.Recipient().String()}, pair{h.String(), h.Recipient().String()}
}

func encrypt(t *testing.T, content string, to ...string) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	w, err := readers.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// What is encrypted to readers opens with the key of each, of either kind, and with
// no other.
func TestReaders(t *testing.T) {
	classic, quantum := newPairs(t)
	stranger, _ := newPairs(t)
	for _, p := range []pair{classic, quantum} {
		b, err := encrypt(t, "the content", p.recipient)
		if err != nil {
			t.Fatal(err)
		}
		k, err := readers.ParseKeys([]byte("# a comment\n" + p.key + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if !k.Has(p.recipient) || k.Has(stranger.recipient) {
			t.Error("does not know its own recipient, or knows another's")
		}
		r, n, err := k.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(r, 0, n))
		if err != nil || string(got) != "the content" {
			t.Errorf("%q %v", got, err)
		}
		other, err := readers.ParseKeys([]byte(stranger.key))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := other.Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, pack.ErrNoKey) {
			t.Errorf("a stranger's key: %v", err)
		}
		b[len(b)-1] ^= 1
		if _, _, err := k.Open(bytes.NewReader(b), int64(len(b))); err == nil || errors.Is(err, pack.ErrNoKey) {
			t.Errorf("damaged: %v", err)
		}
	}
}

func TestMixedReadersRefused(t *testing.T) {
	classic, quantum := newPairs(t)
	if _, err := encrypt(t, "x", classic.recipient, quantum.recipient); !errors.Is(err, readers.ErrMixed) {
		t.Errorf("mixed: %v", err)
	}
}

func TestParseRecipients(t *testing.T) {
	classic, quantum := newPairs(t)
	got, err := readers.ParseRecipients([]byte("# of a court\n\n" + quantum.recipient + "\r\n" + classic.recipient + "\n" + classic.recipient + "\n"))
	want := []string{classic.recipient, quantum.recipient}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for name, text := range map[string]string{
		"empty": "", "comment": "# nobody\n", "key": classic.key, "upper case": strings.ToUpper(classic.recipient),
		"one letter": strings.Replace(classic.recipient, classic.recipient[20:21], "b", 1), "ssh": "ssh-ed25519 AAAA",
	} {
		if got, err := readers.ParseRecipients([]byte(text)); !errors.Is(err, readers.ErrRecipient) {
			t.Errorf("%s: %v %v", name, got, err)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error tells the key", name)
		}
	}
}

// A file that holds no key is refused, and the refusal does not say what it holds.
func TestParseKeysRefused(t *testing.T) {
	classic, _ := newPairs(t)
	for name, text := range map[string]string{"empty": "", "recipient": classic.recipient, "a letter missing": classic.key[:len(classic.key)-1]} {
		_, err := readers.ParseKeys([]byte(text))
		if !errors.Is(err, readers.ErrIdentity) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error tells the key", name)
		}
	}
	scrypt, err := age.NewScryptIdentity("passphrase")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readers.NewKeys(scrypt); !errors.Is(err, readers.ErrIdentity) {
		t.Errorf("passphrase: %v", err)
	}
}

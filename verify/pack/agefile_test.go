package pack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"

	"example.org/custody/verify/pack"
)

// sealedBytes is n bytes encrypted to recipients.
func sealedBytes(t testing.TB, n int, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func x25519(t testing.TB) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// The size of what is encrypted can be told from the size of the file.
func TestAgeSizes(t *testing.T) {
	one, two := x25519(t), x25519(t)
	const chunk = 64 << 10
	for _, n := range []int{0, 1, 15, 16, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 7} {
		b := sealedBytes(t, n, one.Recipient(), two.Recipient())
		h, err := pack.ReadAgeHeader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := h.PlainSize(int64(len(b))); !ok || got != int64(n) {
			t.Errorf("%d bytes: size %d %t", n, got, ok)
		}
		if fmt.Sprint(h.Stanzas) != "[X25519 X25519]" {
			t.Errorf("stanzas %v", h.Stanzas)
		}
		want, err := age.ExtractHeader(bytes.NewReader(b))
		if err != nil || h.Length != int64(len(want)) {
			t.Errorf("header of %d bytes, age says %d (%v)", h.Length, len(want), err)
		}
	}
}

// A length that no encrypted file has is told from one that a file has.
func TestAgeSizesOfNothing(t *testing.T) {
	h := &pack.AgeHeader{Length: 100}
	const whole = 64<<10 + 16
	for _, body := range []int64{-100, 0, 1, 15, whole + 1, whole + 16, 2*whole + 15} {
		if n, ok := h.PlainSize(100 + 16 + body); ok {
			t.Errorf("a body of %d bytes: %d", body, n)
		}
	}
}

func TestAgeHeaderRefused(t *testing.T) {
	good := sealedBytes(t, 3, x25519(t).Recipient())
	mac := bytes.Index(good, []byte("\n--- ")) + 1
	for name, b := range map[string][]byte{
		"empty":         {},
		"another":       []byte("-----BEGIN AGE ENCRYPTED FILE-----\n"),
		"cut":           good[:mac+10],
		"no recipients": append([]byte("age-encryption.org/v1\n"), good[mac:]...),
		"short mac":     append(bytes.Clone(good[:mac]), "--- abc\n"...),
		"stray line":    append([]byte("age-encryption.org/v1\nabc\n"), good[22:]...),
		"endless line":  append([]byte("age-encryption.org/v1\n-> "), bytes.Repeat([]byte("x"), 8<<10)...),
		"endless":       append([]byte("age-encryption.org/v1\n"), bytes.Repeat([]byte("-> x\n"), 1<<20)...),
	} {
		if h, err := pack.ReadAgeHeader(bytes.NewReader(b)); !errors.Is(err, pack.ErrForm) {
			t.Errorf("%s: %v %v", name, h, err)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := pack.ReadAgeHeader(io.MultiReader(bytes.NewReader(good[:30]), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// What age takes for a header has the length that we find, and the same stanzas
// whoever counts them.
func FuzzAgeHeader(f *testing.F) {
	f.Add(sealedBytes(f, 3, x25519(f).Recipient()))
	f.Add([]byte("age-encryption.org/v1\n-> X25519 a\n\n--- \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		want, err := age.ExtractHeader(bytes.NewReader(b))
		h, mine := pack.ReadAgeHeader(bytes.NewReader(b))
		if err == nil && mine == nil && h.Length != int64(len(want)) {
			t.Errorf("header of %d bytes, age says %d", h.Length, len(want))
		}
		if err == nil && mine != nil && len(want) < 4<<10 {
			t.Errorf("age reads %q and we do not: %v", want, mine)
		}
	})
}

package vault_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"testing"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

// handed is an object on its way from one desk to another.
type handed struct {
	name     evidence.ObjectName
	is       vault.Encrypted
	identity string
	bytes    []byte
}

func (d *desk) hand(name evidence.ObjectName, to *desk) handed {
	d.t.Helper()
	var b bytes.Buffer
	is, err := d.Export(d.t.Context(), name, &b)
	if err != nil {
		d.t.Fatal(err)
	}
	identity, err := d.Release(d.t.Context(), name, to.own.Recipient().String())
	if err != nil {
		d.t.Fatal(err)
	}
	return handed{name, is, identity, b.Bytes()}
}

func (d *desk) adopt(h handed) error {
	return d.Adopt(d.t.Context(), h.name, h.is, h.identity, bytes.NewReader(h.bytes))
}

// TestHandoff carries objects to another desk, a pack with an erased file too.
func TestHandoff(t *testing.T) {
	giver, receiver := newDesk(t), newDesk(t)
	want := map[string][]byte{"a": []byte("aaa"), "b": []byte("bb"), "large": noise(1, 3*mib)}
	values := giver.seal(folder(t, want))
	if _, err := giver.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values[:1]}); err != nil {
		t.Fatal(err)
	}
	for _, f := range values[1:] {
		h := giver.hand(f.Stored.Object, receiver)
		if evidence.Hash(sha256.Sum256(h.bytes)) != h.is.SHA256 || int64(len(h.bytes)) != h.is.Size {
			t.Errorf("%s: exported %d bytes, said %+v", f.Path, len(h.bytes), h.is)
		}
		if f.Path == "large" && h.is.SHA256 != f.Stored.SHA256 {
			t.Error("the object is not the one of the record")
		}
		for range 2 { // it may be repeated
			if err := receiver.adopt(h); err != nil {
				t.Fatal(err)
			}
		}
	}
	receiver.reopen()
	receiver.checkContent(values[1:], want)
	if got, err := receiver.content(values[0]); err != nil || !bytes.Equal(got, make([]byte, 3)) {
		t.Errorf("in place of the erased file: %q, %v", got, err)
	}
	if err := values[0].Digests.Check(evidence.DigestBytes(make([]byte, 3), evidence.WithSHA256)); err == nil {
		t.Error("zeros have the digests of the erased file")
	}
}

// TestAdoptRefuses: what is not what was announced leaves nothing.
func TestAdoptRefuses(t *testing.T) {
	giver := newDesk(t)
	values := giver.seal(folder(t, map[string][]byte{"a": noise(1, 100_000)}))
	for name, spoil := range map[string]func(*handed){
		"one byte":         func(h *handed) { h.bytes[5000] ^= 1 },
		"cut":              func(h *handed) { h.bytes = h.bytes[:len(h.bytes)-1] },
		"more":             func(h *handed) { h.bytes = append(h.bytes, 0) },
		"empty":            func(h *handed) { h.bytes = nil },
		"another size":     func(h *handed) { h.is.Size++ },
		"another identity": func(h *handed) { h.identity = newIdentity(t).String() },
		"no identity":      func(h *handed) { h.identity = "AGE-SECRET-KEY-1" },
		"not age": func(h *handed) {
			h.bytes = noise(2, 1000)
			h.is = vault.Encrypted{SHA256: sha256.Sum256(h.bytes), Size: 1000}
		},
		"cut, and announced so": func(h *handed) {
			h.bytes = h.bytes[:70_000]
			h.is = vault.Encrypted{SHA256: sha256.Sum256(h.bytes), Size: 70_000}
		},
	} {
		receiver := newDesk(t)
		h := giver.hand(values[0].Stored.Object, receiver)
		good := handed{h.name, h.is, h.identity, bytes.Clone(h.bytes)}
		spoil(&h)
		if err := receiver.adopt(h); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if left := receiver.everything(); len(left) > 0 {
			t.Errorf("%s: left %q", name, left)
		}
		if err := receiver.adopt(good); err != nil {
			t.Errorf("%s, then the right one: %v", name, err)
		}
		receiver.close()
	}
}

// TestAdoptInterrupted fails every change of an adoption once; a second adoption
// finishes it.
func TestAdoptInterrupted(t *testing.T) {
	giver := newDeskIn(t, memoryDir(t))
	want := map[string][]byte{"a": noise(1, 100_000)}
	values := giver.seal(folder(t, want))
	for n := 1; ; n++ {
		receiver := newDeskIn(t, memoryDir(t))
		h := giver.hand(values[0].Stored.Object, receiver)
		at := 0
		receiver.files = durable.Files{Fault: func(durable.Op, string) (bool, error) {
			if at++; at == n {
				return n%2 == 0, errBroken
			}
			return false, nil
		}}
		receiver.reopen()
		err := receiver.adopt(h)
		receiver.files = durable.Files{}
		receiver.reopen()
		if at < n {
			if err != nil || n < 8 {
				t.Errorf("%d changes, %v", at, err)
			}
			return
		}
		if err == nil {
			t.Errorf("change %d failed unnoticed", n)
		}
		if err := receiver.adopt(h); err != nil {
			t.Errorf("after change %d: %v", n, err)
		}
		receiver.checkContent(values, want)
		receiver.close()
	}
}

// TestDamagedObject: every flipped byte of an object is noticed when it is read.
func TestDamagedObject(t *testing.T) {
	d := newDeskIn(t, memoryDir(t))
	want := map[string][]byte{"a": noise(1, 300)}
	values := d.seal(folder(t, want))
	path := d.store.Path(values[0].Stored.Object)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		d.reopen() // nothing may be open from before
		if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		write(b)
		if got, err := d.content(values[0]); err == nil {
			t.Errorf("byte %d: read %d bytes", i, len(got))
		}
		if _, err := d.Export(t.Context(), values[0].Stored.Object, new(bytes.Buffer)); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("byte %d: exported: %v", i, err)
		}
	}
	write(whole[:len(whole)-1])
	if _, err := d.content(values[0]); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("cut: %v", err)
	}
	write(whole)
	d.checkContent(values, want)
}

// TestByHand opens an object with age alone, from the recovery identity (spec/
// vault.md "Key").
func TestByHand(t *testing.T) {
	d := newDesk(t)
	want := map[string][]byte{"large": noise(1, 2*mib)}
	object := d.seal(folder(t, want))[0].Stored.Object
	f, err := os.Open(d.dir + "/vault/keys/" + object.String() + ".age")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	key, err := age.Decrypt(f, d.recovery)
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(key)
	if err != nil || len(identities) != 1 {
		t.Fatalf("%d identities, %v", len(identities), err)
	}
	o, err := os.Open(d.store.Path(object))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	r, err := age.Decrypt(o, identities...)
	if err != nil {
		t.Fatal(err)
	}
	digests, err := evidence.DigestReader(r, evidence.TreeOnly, nil)
	if err != nil || digests != evidence.DigestBytes(want["large"], evidence.TreeOnly) {
		t.Errorf("%+v, %v", digests, err)
	}
	if _, err := age.Decrypt(o, d.own, d.recovery); err == nil {
		t.Error("the object is encrypted to the desk itself")
	}
}

package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

// TestSpool: what was written is read, as often as wanted; on the disk it cannot
// be read, and afterwards it is gone.
func TestSpool(t *testing.T) {
	d := newDesk(t)
	s, err := d.NewSpool()
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("NEEDLE "), 50_000)
	for at := 0; at < len(want); at += 70_000 {
		if _, err := s.Write(want[at:min(at+70_000, len(want))]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var got bytes.Buffer
		if n, err := s.WriteTo(&got); err != nil || n != s.Size() || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d bytes of %d, %v", n, len(want), err)
		}
	}
	if _, err := s.Write([]byte("more")); !errors.Is(err, vault.ErrSpoolRead) {
		t.Errorf("written after it was read: %v", err)
	}
	left := d.everything()
	if len(left) != 1 {
		t.Fatalf("there are %q", left)
	}
	if b, err := os.ReadFile(filepath.Join(d.dir, left[0])); err != nil || bytes.Contains(b, []byte("NEEDLE")) || len(b) < len(want) {
		t.Errorf("%d bytes in clear, %v", len(b), err)
	}
	if err := s.Close(); err != nil || len(d.everything()) > 0 {
		t.Errorf("left %q, %v", d.everything(), err)
	}
}

// TestSpoolLeft: what a process that died has left of a spool is gone after the
// next open.
func TestSpoolLeft(t *testing.T) {
	d := newDesk(t)
	s, err := d.NewSpool()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	d.reopen()
	if left := d.everything(); len(left) > 0 || d.Recovered().Temps != 1 {
		t.Errorf("left %q", left)
	}
}

// TestSpoolFaults: a disk that fails is said, by the end of the writing at the latest.
func TestSpoolFaults(t *testing.T) {
	for _, op := range []durable.Op{durable.OpCreate, durable.OpWrite} {
		d, failing := newDesk(t), false
		d.close()
		d.files.Fault = func(is durable.Op, _ string) (bool, error) {
			if failing && is == op {
				return false, errBroken
			}
			return false, nil
		}
		d.open()
		failing = true
		s, err := d.NewSpool()
		if err == nil {
			_, err = s.Write(noise(1, 100_000))
			if err == nil {
				_, err = s.WriteTo(&bytes.Buffer{})
			}
			failing = false
			if err := s.Close(); err != nil {
				t.Errorf("%s: closed: %v", op, err)
			}
		}
		failing = false
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", op, err)
		}
		if left := d.everything(); len(left) > 0 {
			t.Errorf("%s: left %q", op, left)
		}
	}
}

package durable

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// TestWrites writes in pieces of any length: the file holds all of them.
func TestWrites(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		temp, err := (Files{}).CreateTemp(dir, 0o600)
		if err != nil {
			rt.Fatal(err)
		}
		defer os.Remove(temp.Name())
		var want []byte
		for i, n := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 4096, 1<<20 - 1, 1 << 20, writeback + 1}), 0, 5).Draw(rt, "lengths") {
			p := make([]byte, n)
			for j := range p {
				p[j] = byte(i + j%251 + 1)
			}
			want = append(want, p...)
			if m, err := temp.Write(p); m != n || err != nil {
				rt.Fatal(m, err)
			}
		}
		if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
			rt.Fatal(err)
		}
		got, err := os.ReadFile(temp.Name())
		if err != nil || !bytes.Equal(got, want) {
			rt.Errorf("%d bytes instead of %d, %v", len(got), len(want), err)
		}
	})
}

// TestSyncAhead: what the system said of lost bytes while a file was still being written
// is not forgotten when the last Sync finds nothing.
func TestSyncAhead(t *testing.T) {
	broken := errors.New("bad sector")
	var syncs atomic.Int64
	files := Files{Fault: func(op Op, _ string) (bool, error) {
		if op == OpSync && syncs.Add(1) == 1 {
			return true, broken
		}
		return false, nil
	}}
	temp, err := files.CreateTemp(t.TempDir(), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, syncAhead/4)
	for range 9 {
		if _, err := temp.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := temp.Sync(); !errors.Is(err, broken) {
			t.Errorf("the last Sync: %v", err)
		}
	}
	if n := syncs.Load(); n < 3 {
		t.Errorf("%d Syncs, none of them ahead", n)
	}
	if err := temp.Close(); err != nil {
		t.Error(err)
	}
}

// TestOverwrite: nothing of what a file held is left in it, whoever still has it
// open.
func TestOverwrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, size := range []int{0, 1, 1 << 20, 2<<20 + 3} {
		if err := os.WriteFile(path, bytes.Repeat([]byte{7}, size), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := (Files{}).Overwrite(f); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != string(make([]byte, size)) {
			t.Errorf("%d bytes: %d are left", size, len(got))
		}
		f.Close()
	}
}

// TestExtend cuts and adds; a change that fails says so.
func TestExtend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("head, and what was cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be repeated
		if err := (Files{}).Extend(path, 4, []byte(" tail")); err != nil || read(t, path) != "head tail" {
			t.Errorf("%q, %v", read(t, path), err)
		}
	}
	broken := errors.New("bad sector")
	for _, failing := range []Op{OpWrite, OpSync} {
		files := Files{Fault: func(op Op, _ string) (bool, error) {
			if op == failing {
				return false, broken
			}
			return false, nil
		}}
		if err := files.Extend(path, 4, nil); !errors.Is(err, broken) {
			t.Errorf("%s: %v", failing, err)
		}
	}
	if err := (Files{}).Extend(path+"x", 0, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

package keyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

var errDisk = errors.New("disk says no")

// faults makes one system call fail: before it took effect, or after.
var faults = map[string]func(*disk){
	"write, not persisted":   func(d *disk) { d.write = func(*os.File, []byte) error { return errDisk } },
	"write, half persisted":  func(d *disk) { d.write = func(f *os.File, b []byte) error { f.Write(b[:len(b)/2]); return errDisk } },
	"write, persisted":       func(d *disk) { d.write = func(f *os.File, b []byte) error { f.Write(b); return errDisk } },
	"sync":                   func(d *disk) { d.sync = func(*os.File) error { return errDisk } },
	"publish, not persisted": func(d *disk) { d.link = fail2; d.rename = fail2 },
	"publish, persisted": func(d *disk) {
		d.link = func(a, b string) error { os.Link(a, b); return errDisk }
		d.rename = func(a, b string) error { os.Rename(a, b); return errDisk }
	},
	"sync folder": func(d *disk) { d.syncDir = func(string) error { return errDisk } },
}

func fail2(string, string) error { return errDisk }

// after reads the folder: the one file's content, or none; never a leftover.
func after(t *testing.T, path string) []byte {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) > 1 {
		t.Fatalf("in the folder: %v, %v", entries, err)
	}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return b
}

// TestFaults: whatever fails, the file is the old one, the new one, or none;
// and when it is the new one the caller is told.
func TestFaults(t *testing.T) {
	old, new := []byte("the old content"), []byte("the new content")
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			d := system
			fault(&d)

			path := filepath.Join(t.TempDir(), "file")
			err := d.create(path, bytesOf(new))
			if err == nil {
				t.Fatal("create: no error")
			}
			switch got := after(t, path); {
			case got == nil && !errors.Is(err, ErrNotDurable):
			case bytes.Equal(got, new) && (errors.Is(err, ErrNotDurable) || errors.Is(err, ErrExists)):
			default:
				t.Errorf("create: %q is there, and says %v", got, err)
			}

			path = filepath.Join(t.TempDir(), "file")
			if err := system.create(path, bytesOf(old)); err != nil {
				t.Fatal(err)
			}
			err = d.replace(path, bytesOf(new))
			if err == nil {
				t.Fatal("replace: no error")
			}
			switch got := after(t, path); {
			case bytes.Equal(got, old) && errors.Is(err, errDisk) && !errors.Is(err, ErrNotDurable):
			case bytes.Equal(got, new) && errors.Is(err, errDisk):
			default:
				t.Errorf("replace: %q is there, and says %v", got, err)
			}
			if err := system.replace(path, bytesOf(new)); err != nil || !bytes.Equal(after(t, path), new) {
				t.Errorf("again, on a mended disk: %v", err)
			}
		})
	}
}

// TestOrder: content is durable before it has a name, and the name before anyone
// is told.
func TestOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var order []string
	d := disk{
		write:   func(f *os.File, b []byte) error { order = append(order, "write"); return system.write(f, b) },
		sync:    func(f *os.File) error { order = append(order, "sync"); return system.sync(f) },
		link:    func(a, b string) error { order = append(order, "link"); return system.link(a, b) },
		rename:  func(a, b string) error { order = append(order, "rename"); return system.rename(a, b) },
		syncDir: func(p string) error { order = append(order, "sync folder"); return system.syncDir(p) },
	}
	for _, c := range []struct {
		put  func(string, writing) error
		want string
	}{{d.create, "[write sync link sync folder]"}, {d.replace, "[write sync rename sync folder]"}} {
		order = nil
		if err := c.put(path, bytesOf([]byte("x"))); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(order); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestNoLinks: on a file system without hard links an existing file is still
// left alone.
func TestNoLinks(t *testing.T) {
	d := system
	d.link = fail2
	path := filepath.Join(t.TempDir(), "file")
	if err := d.create(path, bytesOf([]byte("one"))); err != nil {
		t.Fatal(err)
	}
	if err := d.create(path, bytesOf([]byte("two"))); !errors.Is(err, ErrExists) {
		t.Errorf("over another file: %v", err)
	}
	if got := after(t, path); string(got) != "one" {
		t.Errorf("%q", got)
	}
}

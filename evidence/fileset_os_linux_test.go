package evidence

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOSSourceOddities has what only a Unix file system can hold.
func TestOSSourceOddities(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"bad\xff\xfe": "1", `back\slash`: "2", "new\nline": "3", "dot.": "4", "space ": "5", "-x": "6"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	src := openSource(t, dir)
	want := map[string]string{"bad\xff\xfe": "1", `back\slash`: "2", "new\nline": "3", "dot.": "4", "space ": "5", "-x": "6", "pipe": "special"}
	if diff := cmp.Diff(want, readAll(t, src)); diff != "" {
		t.Error(diff)
	}
	// A pipe nobody writes to must not stop the seal when it is swapped in.
	f, err := src.Open("pipe")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// TestAccessTimeStays reads a file whose access time a plain read would move:
// it is older than the modification time (mount option relatime).
func TestAccessTimeStays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "x"})
	p := filepath.Join(dir, "f")
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(p, old, old.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	readAll(t, openSource(t, dir))
	info, err := os.Stat(p)
	if err != nil {
		t.Fatal(err)
	}
	if at := info.Sys().(*syscall.Stat_t).Atim; at.Sec != old.Unix() {
		t.Errorf("sealing moved the access time to %v", time.Unix(at.Unix()))
	}
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/ledger/batch"
	"example.org/custody/ledger/ledgertest"
)

// made returns the folder of a closed ledger with n leaves.
func made(t testing.TB, n uint64) string {
	t.Helper()
	dir := filepath.Join(ledgertest.Folder(t), "ledger")
	signer, _ := keys(t)
	if err := Create(t.Context(), dir, signer); err != nil {
		t.Fatal(err)
	}
	if n > 0 {
		l := opened(t, dir)
		appended(t, l, 0, n)
		closed(t, l)
	}
	return dir
}

func opened(t testing.TB, dir string) *Log {
	t.Helper()
	signer, _ := keys(t)
	l, err := Open(t.Context(), dir, signer)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func appended(t testing.TB, l *Log, from, to uint64) {
	t.Helper()
	if _, err := l.Append(t.Context(), ledgertest.Events(from, to)); err != nil {
		t.Fatal(err)
	}
}

func closed(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// remove removes a file or folder of a ledger's folder.
func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := ledgertest.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// edit replaces the content of a file.
func edit(t *testing.T, dir, name string, f func([]byte) []byte) {
	t.Helper()
	name = filepath.Join(dir, name)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, f(b), 0o644); err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b = bytes.Clone(b); b[at] ^= 1; return b }
}

// TestOpenRefuses opens folders of a ledger with 300 leaves to which something
// has happened.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	bundle := "log/tile/entries/001.p/44"
	for name, test := range map[string]struct {
		harm func(t *testing.T, dir string)
		want error
	}{
		"nothing there":     {func(t *testing.T, d string) { remove(t, d, "log"); remove(t, d, "format") }, ErrNone},
		"no format":         {func(t *testing.T, d string) { remove(t, d, "format") }, ErrHalf},
		"no log":            {func(t *testing.T, d string) { remove(t, d, "log") }, ErrHalf},
		"public files only": {func(t *testing.T, d string) { remove(t, d, "log/.state") }, ErrHalf},
		"no checkpoint":     {func(t *testing.T, d string) { remove(t, d, "log/checkpoint") }, ErrHalf},
		"newer version":     {func(t *testing.T, d string) { edit(t, d, "format", flip(15)) }, ErrVersion},
		"other origin":      {func(t *testing.T, d string) { edit(t, d, "format", flip(20)) }, ErrOrigin},
		"format cut off":    {func(t *testing.T, d string) { edit(t, d, "format", func(b []byte) []byte { return b[:25] }) }, ErrDamaged},
		"tessera's version": {func(t *testing.T, d string) {
			edit(t, d, "log/.state/version", func([]byte) []byte { return []byte("2") })
		}, ErrDamaged},
		"tree state cut off": {func(t *testing.T, d string) {
			edit(t, d, "log/.state/treeState", func(b []byte) []byte { return b[:9] })
		}, ErrDamaged},
		"tree state empty": {func(t *testing.T, d string) { edit(t, d, "log/.state/treeState", func([]byte) []byte { return nil }) }, ErrDamaged},
		"tree state of before": {func(t *testing.T, d string) {
			edit(t, d, "log/.state/treeState", func([]byte) []byte { return []byte(`{"size":299}`) })
		}, ErrDamaged},
		"checkpoint changed":   {func(t *testing.T, d string) { edit(t, d, "log/checkpoint", flip(25)) }, ErrDamaged},
		"checkpoint of others": {func(t *testing.T, d string) { edit(t, d, "log/checkpoint", flip(2)) }, ErrDamaged},
		"checkpoint cut off":   {func(t *testing.T, d string) { edit(t, d, "log/checkpoint", func(b []byte) []byte { return b[:40] }) }, ErrDamaged},
		"tile changed":         {func(t *testing.T, d string) { edit(t, d, "log/tile/0/001.p/44", flip(7)) }, ErrDamaged},
		"upper tile changed":   {func(t *testing.T, d string) { edit(t, d, "log/tile/1/000.p/1", flip(7)) }, ErrDamaged},
		"tile cut off": {func(t *testing.T, d string) {
			edit(t, d, "log/tile/0/001.p/44", func(b []byte) []byte { return b[:32*43] })
		}, ErrDamaged},
		"tile gone":      {func(t *testing.T, d string) { remove(t, d, "log/tile/1") }, ErrDamaged},
		"leaf changed":   {func(t *testing.T, d string) { edit(t, d, bundle, flip(99*43+50)) }, ErrDamaged},
		"leaf's length":  {func(t *testing.T, d string) { edit(t, d, bundle, flip(99*20+1)) }, ErrDamaged},
		"bundle cut off": {func(t *testing.T, d string) { edit(t, d, bundle, func(b []byte) []byte { return b[:99*43] }) }, ErrDamaged},
		"bundle gone":    {func(t *testing.T, d string) { remove(t, d, bundle) }, ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t, 300)
			test.harm(t, dir)
			before := listing(t, dir)
			signer, _ := keys(t)
			l, err := Open(t.Context(), dir, signer)
			if err == nil {
				l.Close()
			}
			if !errors.Is(err, test.want) {
				t.Fatalf("open: %v, want %v", err, test.want)
			}
			if after := listing(t, dir); !slices.Equal(before, after) {
				t.Errorf("a refused open changed the folder:\n%v\n%v", before, after)
			}
		})
	}
}

// listing returns names and sizes of the files in dir, without tessera's lock files.
func listing(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "lock") {
			return err
		}
		b, err := os.ReadFile(path)
		files = append(files, path+" "+string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestOpenMakesNothing(t *testing.T) {
	t.Parallel()
	dir := ledgertest.Folder(t)
	signer, _ := keys(t)
	if _, err := Open(t.Context(), dir, signer); !errors.Is(err, ErrNone) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("open of an empty folder: %v", err)
	}
	if es, _ := os.ReadDir(dir); len(es) != 0 {
		t.Fatalf("open of an empty folder left %v", es)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	signer, _ := keys(t)
	for name, test := range map[string]struct {
		state func(t *testing.T) string
		want  error
	}{
		"new folder":   {func(t *testing.T) string { return filepath.Join(ledgertest.Folder(t), "a", "b") }, nil},
		"empty folder": {func(t *testing.T) string { return ledgertest.Folder(t) }, nil},
		"ended making the log": {func(t *testing.T) string {
			d := made(t, 0)
			remove(t, d, "format")
			rename(t, d, "log", "log.new")
			remove(t, d, "log.new/checkpoint")
			return d
		}, nil},
		"ended before renaming": {func(t *testing.T) string {
			d := made(t, 0)
			remove(t, d, "format")
			rename(t, d, "log", "log.new")
			return d
		}, nil},
		"ended before format": {func(t *testing.T) string { d := made(t, 0); remove(t, d, "format"); return d }, nil},
		"there is one":        {func(t *testing.T) string { return made(t, 0) }, ErrExists},
		"format was lost":     {func(t *testing.T) string { d := made(t, 3); remove(t, d, "format"); return d }, ErrHalf},
		"log was lost":        {func(t *testing.T) string { d := made(t, 3); remove(t, d, "log"); return d }, ErrHalf},
		"another version":     {func(t *testing.T) string { d := made(t, 3); edit(t, d, "format", flip(15)); return d }, ErrVersion},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := test.state(t)
			if err := Create(t.Context(), dir, signer); !errors.Is(err, test.want) {
				t.Fatalf("create: %v, want %v", err, test.want)
			}
			if test.want != nil {
				return
			}
			l := opened(t, dir)
			appended(t, l, 0, 2)
			closed(t, l)
		})
	}
}

func rename(t *testing.T, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		t.Fatal(err)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	dir := made(t, 0)
	l := opened(t, dir)
	defer l.Close()
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	for n := uint64(0); n < 600; n += 97 {
		appended(t, l, n, n+97)
		if err := l.publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		leaves, err := ledgertest.Verify(t.Context(), r)
		if err != nil || !slices.Equal(leaves, ledgertest.Events(0, n+97)) {
			t.Fatalf("at size %d: %d leaves, %v", n+97, len(leaves), err)
		}
	}
	appended(t, l, 1000, 1001) // not published
	if n, err := r.Size(t.Context()); err != nil || n != 679 {
		t.Fatalf("size %d, %v, want that of the published checkpoint", n, err)
	}
	if _, err := OpenReader(ledgertest.Folder(t)); !errors.Is(err, ErrNone) {
		t.Fatalf("reader of an empty folder: %v", err)
	}
}

// TestSweep appends a few leaves at a time, which leaves partial bundles and tiles
// behind, and expects those of full ones gone when the log is closed.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := made(t, 0)
	var n uint64
	for _, until := range []uint64{200, 258, 259, 520} { // the second and the last make bundles full
		l := opened(t, dir)
		for next := n; n < until; n = next {
			next = min(n+29, until)
			appended(t, l, n, next)
		}
		closed(t, l)
		var left []string
		_ = filepath.WalkDir(TilesDir(dir), func(path string, d fs.DirEntry, err error) error {
			full, ok := strings.CutSuffix(path, ".p")
			if ok {
				if _, err := os.Stat(full); err == nil {
					left = append(left, path)
				}
			}
			return err
		})
		if len(left) != 0 {
			t.Errorf("at size %d these partial files are left beside full ones: %v", n, left)
		}
	}
	r, _ := OpenReader(dir)
	if _, err := ledgertest.Verify(t.Context(), r); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	_, key := keys(t)
	// Of damage the checker may wait for ever, and a second is enough to find or miss it;
	// what is whole gets as long as a busy machine needs.
	check := func(dir string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return Check(ctx, dir, key)
	}
	dir := made(t, 700)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := Check(ctx, dir, key); err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), dir, key); err == nil {
		t.Error("check without a deadline: no error")
	}
	for _, name := range []string{"log/tile/0/000", "log/tile/entries/001", "log/tile/entries/002.p/188", "log/checkpoint"} {
		dir := made(t, 700)
		edit(t, dir, name, flip(100))
		if err := check(dir); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTimeout) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}

// TestCloseCommits closes a log while an Append is waiting.
func TestCloseCommits(t *testing.T) {
	t.Parallel()
	dir := made(t, 0)
	l := opened(t, dir)
	r := batch.NewLeaves(t.Context(), ledgertest.Events(0, 3)...)
	l.queue.Put(r)
	closed(t, l)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	l = opened(t, dir)
	defer l.Close()
	if n, _ := l.Size(t.Context()); n != 3 {
		t.Fatalf("size %d after Close and Open, want 3", n)
	}
}

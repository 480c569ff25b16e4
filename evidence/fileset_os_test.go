package evidence

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(data), 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func openSource(t *testing.T, paths ...string) *OSSource {
	t.Helper()
	src, err := OpenSource(paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	return src
}

// readAll walks and reads, and returns path → content.
func readAll(t *testing.T, src Source) map[string]string {
	t.Helper()
	found, err := Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, f := range found {
		var data []byte
		v, err := ReadFound(src, f, func(r io.Reader, size int64) (d Digests, err error) {
			data, err = io.ReadAll(r)
			if int64(len(data)) != size {
				t.Errorf("%s has %d bytes, said to be %d", f.Path, len(data), size)
			}
			return DigestBytes(data, WithSHA256), err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got[f.Path] = string(data); v.Kind != KindFile {
			got[f.Path] = string(v.Kind)
		}
	}
	return got
}

func TestOSSource(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"one/a.txt": "A", "one/sub/b": "B", "two/a.txt": "C", "c.txt": "D"})
	if err := os.Mkdir(filepath.Join(dir, "one", "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		paths []string
		want  map[string]string
	}{
		"a folder":        {[]string{in("one")}, map[string]string{"a.txt": "A", "sub/b": "B", "empty": "dir"}},
		"a file":          {[]string{in("c.txt")}, map[string]string{"c.txt": "D"}},
		"an empty folder": {[]string{in("one/empty")}, map[string]string{".": "dir"}},
		"several": {[]string{in("one"), in("c.txt"), in("two")},
			map[string]string{"one/a.txt": "A", "one/sub/b": "B", "one/empty": "dir", "c.txt": "D", "two/a.txt": "C"}},
	} {
		if diff := cmp.Diff(c.want, readAll(t, openSource(t, c.paths...))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := OpenSource(in("one/a.txt"), in("two/a.txt")); !errors.Is(err, ErrSameName) {
		t.Errorf("one name for two: %v", err)
	}
	if _, err := OpenSource(in("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	src := openSource(t, in("c.txt"), in("one"))
	for _, outside := range []string{"../c.txt", "c.txt/x", "two/a.txt", "one/../two/a.txt", "one/../../c.txt"} {
		if f, err := src.Open(outside); err == nil {
			f.Close()
			t.Errorf("%s was opened", outside)
		}
	}
}

// TestOSSourceLinks is about symbolic links, which Windows allows to few.
func TestOSSourceLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"set/real": "R", "set/d/x": "X", "secret": "S"})
	for link, target := range map[string]string{
		"set/out": "../secret", "set/in": "real", "set/folder": "d", "set/loop": "loop", "set/broken": "none", "given": "set",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	src := openSource(t, filepath.Join(dir, "given"))
	want := map[string]string{"real": "R", "d/x": "X",
		"out": "symlink", "in": "symlink", "folder": "symlink", "loop": "symlink", "broken": "symlink"}
	if diff := cmp.Diff(want, readAll(t, src)); diff != "" {
		t.Error(diff)
	}
	// A link that took the place of a file after the walk is not followed.
	for _, link := range []string{"in", "out"} {
		v, err := ReadFound(src, Found{Path: link, Kind: KindFile}, digestFound)
		if err != nil || v.Kind != KindVanished {
			t.Errorf("%s: %+v, %v", link, v, err)
		}
		if _, _, f := openFound(unlisted{src}, Found{Path: link, Kind: KindFile}); f.Kind == KindFile {
			t.Errorf("%s was followed when it was swapped in after lstat", link)
		}
	}
	found, err := Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(f Found) bool { return f.Path == "out" })
	if found[i].Target != "../secret" {
		t.Errorf("target %q", found[i].Target)
	}
}

// unlisted describes every path as another, regular file: what lstat saw
// before somebody swapped it.
type unlisted struct{ *OSSource }

func (u unlisted) Lstat(string) (fs.FileInfo, error) { return u.OSSource.Lstat("d/x") }

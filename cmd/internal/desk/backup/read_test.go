package backup

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// archive writes a tar with one entry and nothing else.
func archive(t *testing.T, h tar.Header, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	h.Size, h.Mode = int64(len(content)), 0o600
	if err := w.WriteHeader(&h); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sparseArchive says of a file of no bytes that it is a hole of a terabyte. Go's writer
// refuses to make such an entry, so its header is renamed afterwards.
func sparseArchive(t *testing.T) []byte {
	t.Helper()
	const size = "1099511627776"
	records := map[string]string{"CUS.sparse.major": "1", "CUS.sparse.minor": "0", "CUS.sparse.realsize": size, "CUS.sparse.name": "keys/a"}
	b := archive(t, tar.Header{Name: "keys/a", Typeflag: tar.TypeReg, PAXRecords: records}, fmt.Sprintf("%-512s", "1\n"+size+"\n0\n"))
	return bytes.ReplaceAll(b, []byte("CUS.sparse."), []byte("GNU.sparse."))
}

// Whatever a backup calls its entries, nothing is written outside of the folder, and no
// more than it brings.
func TestUnpackRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"outside":  archive(t, tar.Header{Name: "../a", Typeflag: tar.TypeReg}, "x"),
		"absolute": archive(t, tar.Header{Name: "/a", Typeflag: tar.TypeReg}, "x"),
		"a link":   archive(t, tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "/"}, ""),
		"a hole":   sparseArchive(t),
		"no list":  archive(t, tar.Header{Name: "a", Typeflag: tar.TypeReg}, "x"),
		"no tar":   []byte("x"),
		"empty":    nil,
	} {
		dir := filepath.Join(t.TempDir(), "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := Unpack(bytes.NewReader(b), dir); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if above, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(above) != 1 {
			t.Errorf("%s: %d files above, %v", name, len(above), err)
		}
	}
}

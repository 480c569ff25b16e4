package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence/intake"
)

// quick fails when reading takes longer than any file of that size may: a file
// that whoever delivers it made for that would stop its own sealing.
func quick(t *testing.T, files map[string][]byte) *intake.Intake {
	t.Helper()
	start := time.Now()
	in := read(t, files)
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("reading took %s", d)
	}
	return in
}

func TestLongFoldedLines(t *testing.T) {
	head := []byte("BagIt-Version: 1.0\n" + strings.Repeat(" a\n", 2_000_000))
	in := quick(t, map[string][]byte{"bag/bagit.txt": head})
	if v := kept(t, in, "bagit")["bagit-version"]; len(v) > 500 {
		t.Errorf("%d characters are kept", len(v))
	}
}

// A directory that claims, or has, more members than are read is refused before
// room is made for them.
func TestManyMembers(t *testing.T) {
	claims := zipped(t, "report.xml", "<project/>")
	end := bytes.LastIndex(claims, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(claims[end+10:], 0xffff)
	in := quick(t, map[string][]byte{"a.ufdr": claims})
	if len(in.Fields) > 0 || len(in.Notes) != 1 {
		t.Errorf("answers %v, notes %v", in.Fields, in.Notes)
	}

	var b bytes.Buffer
	z := zip.NewWriter(&b)
	name := strings.Repeat("n", 300)
	for range 16<<20/300 + 1 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	in = quick(t, map[string][]byte{"b.ufdr": b.Bytes()})
	if len(in.Notes) != 1 || !strings.Contains(in.Notes[0].Text, "more than is read") {
		t.Errorf("notes %v", in.Notes)
	}
	many := bytes.Clone(claims) // as a zip64 would claim them
	binary.LittleEndian.PutUint16(many[end+10:], 2)
	record := append([]byte("PK\x06\x06"), make([]byte, 52)...)
	binary.LittleEndian.PutUint64(record[32:], 100_001)
	locator := append([]byte("PK\x06\x07"), make([]byte, 16)...)
	binary.LittleEndian.PutUint64(locator[8:], uint64(end))
	many = slices.Insert(many, end, append(record, locator...)...)
	in = quick(t, map[string][]byte{"c.ufdr": many})
	if len(in.Notes) != 1 || !strings.Contains(in.Notes[0].Text, "100001 members") {
		t.Errorf("notes %v", in.Notes)
	}
}

func TestManyResources(t *testing.T) {
	var list strings.Builder
	list.WriteString(`{"resources":[`)
	for i := range 50_000 {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteString(`{"path":"x","hash":"sha256:00","bytes":1}`)
	}
	list.WriteString(`]}`)
	in := quick(t, map[string][]byte{"a.wacz": zipped(t, "datapackage.json", list.String())})
	if len(in.Notes) > 201 {
		t.Errorf("%d notes", len(in.Notes))
	}
	want(t, in, "archive-check", "fails")
}

func TestManyRows(t *testing.T) {
	in := quick(t, map[string][]byte{"manifest.json": []byte("[" + strings.Repeat("{},", 2_000_000) + "{}]")})
	if len(in.Fields) > 0 || len(in.Notes) != 1 {
		t.Errorf("answers %v, notes %v", in.Fields, in.Notes)
	}
}

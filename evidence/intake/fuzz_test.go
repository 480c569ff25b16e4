package intake_test

import (
	"encoding/binary"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/intake"
)

// Whatever a file holds, reading it ends, and what comes of it fits into a record.
func FuzzRead(f *testing.F) {
	f.Add("usb.E01", sample(f, "usb.E01"))
	f.Add("c.wacz", wacz(f, "page", sha([]byte("page")), ""))
	f.Add("p.jpg", photo(binary.BigEndian, "MM\x00*", true))
	f.Add("p.ufdr", zipped(f, "report.xml", `<project a="b"><item name="x">y</item></project>`))
	f.Add("manifest.csv", []byte("path,sha256\na,00\n"))
	f.Add("manifest.json", []byte(`[{"path":"a","sha256":"00"}]`))
	f.Add("manifest_store.json", []byte(`{"active_manifest":"a","manifests":{},"validation_status":[{"code":"x"}]}`))
	f.Add("bagit.txt", []byte("BagIt-Version: 1.0\nA: b\n c\n"))
	f.Add("sha256sums", []byte("00  a\n"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if len(name) > 100 || !localName(name) {
			return
		}
		in := read(t, map[string][]byte{name: b})
		fields := map[string]any{}
		for n, v := range in.Fields {
			fields[n] = v
		}
		if len(in.Kept) > 0 {
			fields[intake.Field] = in.Kept
		}
		if _, err := evidence.NewRecord(evidence.RecordKey{}, fields); err != nil {
			t.Errorf("%v of %v", err, fields)
		}
	})
}

// localName keeps the fuzzer's names to what a file can be called.
func localName(name string) bool {
	for _, r := range name {
		if r < '!' || r > '~' || r == '/' || r == '\\' {
			return false
		}
	}
	return name != "" && name != "." && name != ".."
}

package intake_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/intake"
)

// wacz packs a capture; digest changes what datapackage-digest.json says.
func wacz(t testing.TB, page, stated, signed string) []byte {
	t.Helper()
	p := fmt.Sprintf(`{"profile":"data-package","wacz_version":"1.1.1","software":"archiver 1.7","created":"2026-03-03T09:59:00Z","mainPageURL":"https://social.example/p/77",
"resources":[{"name":"page","path":"pages/pages.jsonl","hash":"sha256:%s","bytes":%d}]}`, stated, len(page))
	d := fmt.Sprintf(`{"path":"datapackage.json","hash":"sha256:%s"%s}`, sha([]byte(p)), signed)
	return zipped(t, "pages/pages.jsonl", page, "datapackage.json", p, "datapackage-digest.json", d)
}

func TestWACZ(t *testing.T) {
	page := `{"url":"https://social.example/p/77"}`
	in := read(t, map[string][]byte{"capture.wacz": wacz(t, page, sha([]byte(page)), "")})
	want(t, in, "archive", "capture.wacz")
	want(t, in, "archive-check", "holds")
	want(t, in, "archive-signature", "none")
	want(t, in, "url", "https://social.example/p/77")
	want(t, in, "browser", "archiver 1.7")
	if kept(t, in, "wacz")["created"] != "2026-03-03T09:59:00Z" || len(in.Notes) > 0 {
		t.Errorf("kept %v, notes %v", in.Kept, in.Notes)
	}
}

// What does not fit is said, and the answer is never "holds".
func TestWACZThatDoesNotFit(t *testing.T) {
	page := `{"url":"https://social.example/p/77"}`
	good := sha([]byte(page))
	signed := read(t, map[string][]byte{"c.wacz": wacz(t, page, good, `,"signedData":{"signature":"AA"}`)})
	want(t, signed, "archive-check", "holds")
	want(t, signed, "archive-signature", "not-checked")
	want(t, read(t, map[string][]byte{"c.wacz": wacz(t, page, sha(nil), "")}), "archive-check", "fails")
	want(t, read(t, map[string][]byte{"c.wacz": wacz(t, "longer "+page, good, "")}), "archive-check", "fails")
	missing := zipped(t, "datapackage.json", `{"resources":[{"path":"x","hash":"sha256:`+good+`","bytes":1}]}`)
	want(t, read(t, map[string][]byte{"c.wacz": missing}), "archive-check", "fails")
	other := zipped(t, "x", page, "datapackage.json", `{"resources":[{"path":"x","hash":"blake3:00","bytes":1}]}`)
	want(t, read(t, map[string][]byte{"c.wacz": other}), "archive-check", "not-checked")
	changed := zipped(t, "x", page, "datapackage.json", fmt.Sprintf(`{"resources":[{"path":"x","hash":"sha256:%s","bytes":%d}]}`, good, len(page)),
		"datapackage-digest.json", `{"path":"datapackage.json","hash":"sha256:`+good+`"}`)
	want(t, read(t, map[string][]byte{"c.wacz": changed}), "archive-check", "fails")
	for _, b := range [][]byte{nil, []byte("PK\x03\x04"), zipped(t, "x", "y"), zipped(t, "datapackage.json", "{")} {
		if in := read(t, map[string][]byte{"c.wacz": b}); len(in.Fields) > 0 || len(in.Notes) != 1 {
			t.Errorf("answers %v, notes %v", in.Fields, in.Notes)
		}
	}
}

func TestBag(t *testing.T) {
	in := read(t, map[string][]byte{
		"bag/bagit.txt":           []byte("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
		"bag/bag-info.txt":        []byte("Source-Organization: AA laboratory\nExternal-Description: exported\n messages\nContact: one\nContact: two\n"),
		"bag/manifest-md5.txt":    []byte("00000000000000000000000000000000  data/a.txt\n"),
		"bag/manifest-sha256.txt": []byte(sha([]byte("a")) + "  data/a.txt\n"),
		"bag/data/a.txt":          []byte("a"),
	})
	want(t, in, "manifest", "[map[digest:sha256:"+sha([]byte("a"))+" path:bag/data/a.txt]]")
	k := kept(t, in, "bagit")
	if k["external-description"] != "exported messages" || k["contact-2"] != "two" || len(in.Notes) > 0 {
		t.Errorf("kept %v, notes %v", k, in.Notes)
	}
}

func TestBagThatLacksFiles(t *testing.T) {
	in := read(t, map[string][]byte{
		"bagit.txt": []byte("BagIt-Version: 1.0\n"), "manifest-sha256.txt": []byte(sha([]byte("a")) + "  data/a.txt\n"), "data/b.txt": []byte("b"), "data/c.txt": []byte("c"),
	})
	if !noted(in, "lists 1 files, 2 are there") {
		t.Errorf("notes %v", in.Notes)
	}
}

func TestLists(t *testing.T) {
	a := sha([]byte("a"))
	row := "[map[digest:sha256:" + a + " path:a.txt size:1]]"
	for name, text := range map[string]string{
		"manifest.csv":      "\ufeffFile Name,Size,MD5,SHA-256\na.txt,1,00,\"" + a + "\"\n",
		"hashes.csv":        "path,bytes,digest\na.txt,1," + strings.ToUpper(a) + "\n",
		"delivery.json":     `{"files":[{"path":"a.txt","size":1,"sha256":"` + a + `"}]}`,
		"manifest-77.json":  `[{"name":"a.txt","size":1,"hash":"` + a + `"}]`,
		"file_list_01.json": `{"note":"x","items":[{"file":"a.txt","bytes":1,"sha256":"` + a + `"}]}`,
	} {
		want(t, read(t, map[string][]byte{name: []byte(text), "a.txt": []byte("a")}), "manifest", row)
	}
	want(t, read(t, map[string][]byte{"in/SHA256SUMS": []byte(a + " *a.txt\n"), "in/a.txt": []byte("a")}), "manifest", "[map[digest:sha256:"+a+" path:in/a.txt]]")
}

// A delivery of many rows is evidence, not a list of files; and a list that is too
// long for a record is said to be.
func TestListsThatAreNone(t *testing.T) {
	var rows, long strings.Builder
	rows.WriteString("time,from,to,text\n")
	long.WriteString("path,sha256\n")
	for i := range 100_000 {
		fmt.Fprintf(&rows, "2026-03-01T00:00:00Z,account-%d,account-2,hello\n", i)
		if i < 401 {
			fmt.Fprintf(&long, "f%d,%s\n", i, sha(nil))
		}
	}
	in := read(t, map[string][]byte{"delivery.csv": []byte(rows.String())})
	if len(in.Fields)+len(in.Notes) > 0 {
		t.Errorf("answers %v, notes %v", in.Fields, in.Notes)
	}
	in = read(t, map[string][]byte{"manifest.csv": []byte(long.String())})
	want(t, in, "manifest", "")
	if !noted(in, "lists 401 files") {
		t.Errorf("notes %v", in.Notes)
	}
}

func TestUFDR(t *testing.T) {
	report := `<?xml version="1.0"?><project id="p" name="phone" reportVersion="5.0" xmlns="http://pa.example/report/2.0"><metadata section="Device Info">` +
		`<item name="DeviceInfoSelectedManufacturer" systemtype="System.String"><![CDATA[Nokia]]></item></metadata><taggedFiles count="1"><item name="file">secret</item></taggedFiles></project>`
	in := read(t, map[string][]byte{"phone.ufdr": zipped(t, "report.xml", report)})
	want(t, in, "image-format", "ufdr")
	want(t, in, "segment", "[phone.ufdr]")
	k := kept(t, in, "ufdr")
	if k["DeviceInfoSelectedManufacturer"] != "Nokia" || k["reportVersion"] != "5.0" || k["file"] != "" {
		t.Errorf("kept %v", k)
	}
	if in := read(t, map[string][]byte{"phone.ufdr": zipped(t, "report.xml", "<html/>")}); len(in.Fields) > 0 || len(in.Notes) != 1 {
		t.Errorf("answers %v, notes %v", in.Fields, in.Notes)
	}
}

// photo is the head of a JPEG with EXIF of one text in each of two directories, and
// a latitude.
func photo(order binary.AppendByteOrder, mark string, c2pa bool) []byte {
	b := append([]byte(mark), 0, 0, 0, 0)
	copy(b[4:], order.AppendUint32(nil, 8))
	entry := func(tag, kind uint16, n, v uint32) {
		b = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), n), v)
	}
	b = order.AppendUint16(b, 3)
	entry(0x010f, 2, 6, 80)
	entry(0x8769, 4, 1, 50)
	entry(0x8825, 4, 1, 110)
	b = append(order.AppendUint32(b, 0), make([]byte, 50-len(b)-4)...)
	b = order.AppendUint16(b, 1)
	entry(0x9003, 2, 20, 90)
	b = append(b, make([]byte, 80-len(b))...)
	b = append(b, "Nokia\x00\x00\x00\x00\x002026:03:03 09:31:00\x00"...)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(order.AppendUint16(b, 1), 1), 2), 2) // north
	b = append(b, 'N', 0, 0, 0, 0, 0, 0, 0)
	b = append([]byte("Exif\x00\x00"), b...)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(b)+2)), b...)
	if c2pa {
		out = append(out, 0xff, 0xeb, 0, 12)
		out = append(out, "JP..jumbc2pa"[:10]...)
		out[len(out)-4], out[len(out)-3], out[len(out)-2], out[len(out)-1] = 'c', '2', 'p', 'a'
	}
	return append(out, 0xff, 0xda, 0, 2, 0xff, 0xd9)
}

func TestPhotograph(t *testing.T) {
	for mark, order := range map[string]binary.AppendByteOrder{"II*\x00": binary.LittleEndian, "MM\x00*": binary.BigEndian} {
		in := read(t, map[string][]byte{"front.JPG": photo(order, mark, true)})
		k := kept(t, in, "exif")
		if k["make"] != "Nokia" || k["taken"] != "2026:03:03 09:31:00" || k["coordinates"] != "present" {
			t.Errorf("%q: %v, notes %v", mark, k, in.Notes)
		}
		if c := kept(t, in, "c2pa"); c["manifest"] != "present" || c["result"] != "not-checked" {
			t.Errorf("%q: %v", mark, c)
		}
	}
	in := read(t, map[string][]byte{"front.jpg": photo(binary.BigEndian, "MM\x00*", false), "text.jpg": []byte("no photograph")})
	if len(in.Kept) != 1 || !noted(in, "does not begin as a JPEG") {
		t.Errorf("kept %v, notes %v", in.Kept, in.Notes)
	}
}

// What a laboratory's tool stated of a C2PA manifest is kept as its word, for the
// photograph beside which it lies; without it the manifest is there and not validated.
func TestReportOfC2PA(t *testing.T) {
	report := func(more string) []byte {
		return []byte(`{"active_manifest":"urn:c2pa:1","manifests":{"urn:c2pa:1":{"title":"x"}}` + more + `}`)
	}
	mismatch := `[{"code":"assertion.dataHash.mismatch","url":"self#jumbf=a","explanation":"no"}]`
	for _, c := range []struct {
		name, file string
		report     []byte
		want       map[string]string // nil: nothing is kept of it
	}{
		{"valid", "in/front.json", report(`,"validation_state":"Valid","validation_results":{"activeManifest":{"success":[{"code":"claimSignature.validated"},{"code":"assertion.dataHash.match"}],"failure":[]}}`),
			map[string]string{"result": "no failure stated", "state": "Valid", "successes": "2", "of": "in/front.jpg", "checked": "not-checked"}},
		{"failures", "in/front.jpg.json", report(`,"validation_status":` + mismatch), map[string]string{"result": "failures stated", "failures": "assertion.dataHash.mismatch", "of": "in/front.jpg"}},
		{"failures of results", "in/front-c2pa.json", report(`,"validation_state":"Invalid","validation_results":{"activeManifest":{"success":[],"failure":` + mismatch + `}}`), map[string]string{"result": "failures stated", "state": "Invalid", "failures": "assertion.dataHash.mismatch"}},
		{"of an ingredient", "in/front_c2pa.json", report(`,"validation_results":{"activeManifest":{"failure":[]},"ingredientDeltas":[{"validationDeltas":{"failure":` + mismatch + `}}]}`), map[string]string{"result": "failures stated"}},
		{"invalid, and no code", "in/front.json", report(`,"validation_state":"Invalid"`), map[string]string{"result": "failures stated"}},
		{"nothing stated", "in/front/manifest_store.json", report(``), map[string]string{"result": "no result stated", "of": "in/front.jpg", "state": "", "failures": ""}},
		{"a state of tomorrow", "in/front.json", report(`,"validation_state":"Perfect"`), map[string]string{"result": "no result stated", "state": "Perfect"}},
		{"of no photograph here", "detailed.json", report(`,"validation_state":"Trusted"`), map[string]string{"result": "no failure stated", "of": ""}},
		{"beside no photograph", "in/back.json", report(`,"validation_state":"Valid"`), nil},
		{"another document", "in/front.json", []byte(`{"validation_state":"Valid"}`), nil},
		{"no object", "in/front.json", []byte(`[1]`), nil},
	} {
		in := read(t, map[string][]byte{"in/front.jpg": photo(binary.BigEndian, "MM\x00*", true), c.file: c.report})
		if m := kept(t, in, "c2pa"); m["manifest"] != "present" || m["result"] != "not-checked" {
			t.Errorf("%s: the photograph says %v", c.name, m)
		}
		if len(in.Notes) > 0 {
			t.Errorf("%s: notes %v", c.name, in.Notes)
		}
		if c.want == nil {
			if len(in.Kept) != 2 {
				t.Errorf("%s: kept %v", c.name, in.Kept)
			}
			continue
		}
		got := kept(t, in, "c2pa-report")
		for name, v := range c.want {
			if got[name] != v {
				t.Errorf("%s: %s is %q, want %q", c.name, name, got[name], v)
			}
		}
	}
}

// What people may type into a header never becomes more than a short text of one
// line.
func TestKeptTextIsBounded(t *testing.T) {
	long := strings.Repeat("ä", 10_000) + "\x1b[31m"
	in := read(t, map[string][]byte{"bagit.txt": []byte("BagIt-Version: 1.0\n" + "Long: " + long + "\nBell: a\x07b\n")})
	k := kept(t, in, "bagit")
	if len([]rune(k["long"])) != 500 || k["bell"] != "ab" {
		t.Errorf("%d, %q", len([]rune(k["long"])), k["bell"])
	}
}

// A photograph with EXIF, as ExifTool 12 prints it.
func TestPhotographOfACamera(t *testing.T) {
	k := kept(t, read(t, map[string][]byte{"front.jpg": sample(t, "front.jpg")}), "exif")
	for name, value := range map[string]string{"make": "Test Camera Works", "model": "TC-1 model", "taken": "2026:03:03 09:31:00", "taken-offset": "+01:00"} {
		if k[name] != value {
			t.Errorf("%s is %q, want %q", name, k[name], value)
		}
	}
}

// What many files say of themselves still fits into one value of a record.
func TestKeptFitsIntoARecord(t *testing.T) {
	files := map[string][]byte{}
	var info strings.Builder
	for i := range 60 {
		fmt.Fprintf(&info, "Label-%d: %s\n", i, strings.Repeat("ä\"", 200))
	}
	for i := range 190 {
		dir := fmt.Sprintf("bag-%d/", i)
		files[dir+"bagit.txt"], files[dir+"bag-info.txt"] = []byte("BagIt-Version: 1.0\n"), []byte(info.String())
	}
	in := read(t, files)
	if _, err := evidence.NewRecord(evidence.RecordKey{}, map[string]any{intake.Field: in.Kept}); err != nil || len(in.Kept) < 5 {
		t.Errorf("%d kept: %v", len(in.Kept), err)
	}
	if !noted(in, "takes no more") {
		t.Error("nothing says that some is not kept")
	}
}

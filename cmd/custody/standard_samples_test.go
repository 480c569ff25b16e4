package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/spec"
)

// samples are what is sealed under each standard: files as tools and people make
// them. Answers that differ from those of vectors/standards stand beside them; an
// answer of nil is left to what the files say of themselves.
func samples(t *testing.T) map[string]sampleItem {
	image := acquired(t)
	image["tool.log"] = []byte("2026-03-03T09:00:00Z started\n")
	photo := func(of string) []byte { return append(intakeSample(t, "front.jpg"), of...) } // a second sealing would need a reason
	capture, rows := wacz(t), manyRows()
	log := []byte("2026-03-03T09:00:00Z started\n")
	return map[string]sampleItem{
		"device-seizure": {files: map[string][]byte{
			"photos/in-place.jpg": photo("1"), "photos/front.jpg": photo("2"), "photos/back.jpg": photo("3"), "photos/screen.jpg": photo("4"), "photos/numbers.jpg": photo("5")}},
		"forensic-image": {derive: "acquired-from", files: image,
			answers: map[string]any{"image-format": nil, "segments": nil, "segment": nil, "bytes": nil, "legacy-digest": nil, "imager-version": nil, "ended": "2026-03-03T08:00:01Z"}},
		"live-volatile": {files: map[string][]byte{"memory.raw": []byte("memory"), "actions.log": log},
			answers: map[string]any{"memory-digest": "sha256:" + hexSHA([]byte("memory"))}},
		"web-capture": {files: map[string][]byte{"capture.wacz": capture, "page.pdf": []byte("%PDF-1.7\n"), "page.html": []byte("<html></html>\n")},
			answers: map[string]any{"archive": nil, "archive-check": nil, "archive-signature": nil, "url": nil, "browser": nil, "capture-token": "2026-03-03T10:01:00Z"}},
		"interview-recording": {files: map[string][]byte{"part1.mkv": []byte("one"), "part2.mkv": []byte("two")}, answers: map[string]any{"master-token": "2026-03-03T10:05:30Z"}},
		"provider-disclosure": {files: map[string][]byte{"delivery.csv": rows, "letter.pdf": []byte("%PDF-1.7\n"),
			"manifest.csv": fmt.Appendf(nil, "file name,bytes,SHA-256\ndelivery.csv,%d,%s\n", len(rows), hexSHA(rows))}, answers: map[string]any{"manifest": nil}},
		"physical-exhibit": {files: map[string][]byte{"bag.jpg": photo("bag"), "last.jpg": photo("last")}},
		"border-document":  {files: map[string][]byte{"scan/front.png": photo("front"), "scan/back.png": photo("back"), "scan/ir.png": photo("ir"), "scan/uv.png": photo("uv")}},
		"analysis-report":  {derive: "extracted", files: map[string][]byte{"report.pdf": []byte("%PDF-1.7\n"), "tool.log": log}},
		"interception-set": {derive: "converted", files: map[string][]byte{"set.db": []byte("set"), "inventory.csv": []byte("i\n"), "keys.csv": []byte("k\n"),
			"one-sided.csv": []byte("o\n"), "id-map.csv": []byte("m\n"), "tool.log": log}},
	}
}

type sampleItem struct {
	derive  string // from an item sealed before, so
	files   map[string][]byte
	answers map[string]any
}

// Every standard is kept by an item that is sealed with the tool, from files as
// laboratories have them, and the package shows it rule by rule.
func TestEveryStandardSeals(t *testing.T) {
	t.Setenv("CUSTODY_HOME", filepath.Join(t.TempDir(), "home"))
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	t.Setenv("CUSTODY_PROGRESS", "off")
	mustTool(t, "init", "--state", "AA", "--officer", "ann", "--role", "examiner", "--no-recovery")
	before := time.Now().Add(-8 * time.Hour).UTC().Format(time.RFC3339)
	parent := mustTool(t, "seal", "--object", "usb stick, blue", "--exhibit", "E-0016", "--at", before, "--clock", "ntp", "--json")
	all := samples(t)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		t.Run(id, func(t *testing.T) { all[id].seal(t, id, itemOf(t, parent)) })
	}
}

func (s sampleItem) seal(t *testing.T, id, parent string) {
	dir := t.TempDir()
	line := []string{"seal"}
	if s.derive != "" {
		line = []string{"derive", parent, "--kind", s.derive}
	}
	line = append(line, s.flags(t, dir, id, vectorsOf(t, id).Base.Record)...)
	sealed, said, code := deskTool(line...)
	if code != 0 {
		t.Fatalf("%v: exit code %d\n%s", line, code, said)
	}
	for name, v := range s.answers {
		if taken := name + " is taken from the files"; v == nil && !strings.Contains(said, taken) {
			t.Errorf("nothing says that %s; said was\n%s", taken, said)
		}
	}
	item := itemOf(t, sealed)
	out := filepath.Join(dir, "p.asice")
	pack := []string{"pack", item, "--out", out}
	if s.derive != "" {
		pack = append(pack, parent)
	}
	mustTool(t, pack...)
	verdict, errs, _ := deskTool("verify", out, "--json")
	checkRules(t, id, verdict, errs)
}

// standardVectors is what is used here of a file of vectors/standards.
type standardVectors struct {
	Base struct {
		Record map[string]any `json:"record"`
	} `json:"base"`
	Cases []struct {
		Rule   string         `json:"rule"`
		Expect string         `json:"expect"`
		Set    map[string]any `json:"set"`
	} `json:"cases"`
}

func vectorsOf(t *testing.T, id string) (v standardVectors) {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/standards/" + id + "-1.json")
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// flags writes the sample's files and a record's answers, moved to now, into a
// folder, and returns what names them to the tool.
func (s sampleItem) flags(t *testing.T, dir, id string, record map[string]any) []string {
	t.Helper()
	for name, b := range s.files {
		writeSample(t, filepath.Join(dir, "set", filepath.FromSlash(name)), b)
	}
	for name, v := range s.answers {
		record[name] = v
		if v == nil {
			delete(record, name)
		}
	}
	shift := time.Since(time.Date(2026, 3, 3, 10, 6, 0, 0, time.UTC)).Truncate(time.Second)
	fields, err := json.Marshal(moved(record, shift))
	if err != nil {
		t.Fatal(err)
	}
	writeSample(t, filepath.Join(dir, "fields.json"), fields)
	at := time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC).Add(shift)
	return []string{filepath.Join(dir, "set"), "--standard", id, "--fields", filepath.Join(dir, "fields.json"), "--json",
		"--at", at.Format(time.RFC3339), "--until", at.Add(5 * time.Minute).Format(time.RFC3339), "--clock", "ntp"}
}

// Every rule that blocks, broken by an answer, refuses the draft and is named. What
// the personal data guard finds first it refuses itself, naming the field.
func TestBlockingRulesRefuse(t *testing.T) {
	t.Setenv("CUSTODY_HOME", filepath.Join(t.TempDir(), "none"))
	t.Setenv("CUSTODY_PROGRESS", "off")
	all, refused := samples(t), 0
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if all[id].derive != "" { // a draft has no parent to be held against
			continue
		}
		for _, c := range append(vectorsOf(t, "common").Cases, vectorsOf(t, id).Cases...) {
			if c.Expect != "fails" || len(c.Set) == 0 || !blocking[c.Rule] {
				continue
			}
			record := vectorsOf(t, id).Base.Record
			maps.Copy(record, c.Set)
			_, errs, code := deskTool(append([]string{"standard", "check"}, all[id].flags(t, t.TempDir(), id, record)...)...)
			named := strings.Contains(errs, "rule "+c.Rule+" ") || strings.Contains(errs, "E-FIELD")
			if code != 1 || !named {
				t.Errorf("%s, %s broken by %v: exit code %d\n%s", id, c.Rule, c.Set, code, errs)
			}
			refused++
		}
	}
	if refused < 30 {
		t.Errorf("%d drafts were refused", refused)
	}
}

// blocking are the rules that refuse a sealing for an answer.
var blocking = map[string]bool{
	"G-02": true, "G-15": true, "G-13B": true, "P1-06": true, "P1-09": true, "P3-01": true, "P3-08": true, "P4-07": true,
	"P5-01": true, "P5-02": true, "P6-01": true, "P6-07": true, "P6-09": true, "P8-01": true, "P8-06": true,
}

// moved adds shift to every text that is a time, whole days to one that is a day.
func moved(v any, shift time.Duration) any {
	switch v := v.(type) {
	case string:
		if d, err := time.Parse(time.DateOnly, v); err == nil {
			return d.Add(shift.Truncate(24 * time.Hour)).Format(time.DateOnly)
		}
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.Add(shift).Format(time.RFC3339)
		}
	case []any:
		for i := range v {
			v[i] = moved(v[i], shift)
		}
	case map[string]any:
		for k := range v {
			v[k] = moved(v[k], shift)
		}
	}
	return v
}

// checkRules wants every rule of the standard to hold or not to apply. On the word
// of one state alone it is not decided where a derived item comes from.
func checkRules(t *testing.T, id, verdict, errs string) {
	t.Helper()
	rules := 0
	for _, f := range findings(t, verdict) {
		if !strings.HasPrefix(f.Subject, id+"/1 ") && !strings.HasPrefix(f.Subject, "common/1 ") {
			continue
		}
		rules++
		alone := f.Subject == "common/1 G-01" && f.Status == "undecided" && strings.Contains(f.Detail, "item.rooted")
		if f.Status != "holds" && f.Status != "not applicable" && !alone {
			t.Errorf("%s is %s: %s", f.Subject, f.Status, f.Detail)
		}
	}
	if rules < 29 { // the common ones, and six at least of its own
		t.Errorf("%d rules in the verdict; %s\n%.2000s", rules, errs, verdict)
	}
}

type shownFinding struct{ Subject, Status, Detail string }

// findings lists all findings anywhere in lines of JSON.
func findings(t *testing.T, lines string) (all []shownFinding) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			subject, _ := v["subject"].(string)
			status, is := v["status"].(string)
			if detail, _ := v["detail"].(string); is && subject != "" {
				all = append(all, shownFinding{subject, status, detail})
			}
			for _, one := range v {
				walk(one)
			}
		}
	}
	for line := range strings.Lines(lines) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %.300s", err, line)
		}
		walk(v)
	}
	return all
}

func mustTool(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := deskTool(args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d\n%s", args, code, errs)
	}
	return out
}

// deskTool runs a command line with the environment of the test.
func deskTool(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = run(args, ui.Streams{In: strings.NewReader(""), Out: &o, Err: &e, Getenv: os.Getenv}, verbs)
	return o.String(), e.String(), code
}

// itemOf returns the item that a sealing says it made.
func itemOf(t *testing.T, out string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		var v struct {
			Item string `json:"item"`
		}
		if json.Unmarshal([]byte(line), &v) == nil && v.Item != "" {
			return v.Item
		}
	}
	t.Fatalf("no item in %s", out)
	return ""
}

func writeSample(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// intakeSample is a file that a tool made: a photograph with EXIF.
func intakeSample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "evidence", "intake", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hexSHA(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// manyRows is a delivery of 100,000 messages as CSV.
func manyRows() []byte {
	var b bytes.Buffer
	b.WriteString("time,from,to,text\n")
	for i := range 100_000 {
		fmt.Fprintf(&b, "2026-01-%02dT%02d:00:00Z,account-%d,account-%d,message %d\n", i%31+1, i%24, i%500, i%300, i)
	}
	return b.Bytes()
}

// wacz is a capture of one page.
func wacz(t *testing.T) []byte {
	t.Helper()
	page := `{"format":"json-pages-1.0","id":"pages"}` + "\n" + `{"url":"https://social.example/p/77","ts":"2026-03-03T09:58:00Z"}` + "\n"
	about := fmt.Sprintf(`{"profile":"data-package","wacz_version":"1.1.1","software":"archiver 1.7","mainPageURL":"https://social.example/p/77",`+
		`"resources":[{"name":"pages.jsonl","path":"pages/pages.jsonl","hash":"sha256:%s","bytes":%d}]}`, hexSHA([]byte(page)), len(page))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range [][2]string{{"pages/pages.jsonl", page}, {"datapackage.json", about}, {"datapackage-digest.json", `{"path":"datapackage.json","hash":"sha256:` + hexSHA([]byte(about)) + `"}`}} {
		w, err := z.Create(m[0])
		if err == nil {
			_, err = w.Write([]byte(m[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

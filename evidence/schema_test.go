package evidence_test

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/spec"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema compiles one of the schemas of this package's formats.
func schema(t *testing.T, format string) *jsonschema.Schema {
	t.Helper()
	name := path.Join("schema", format+".schema.json")
	b, err := fs.ReadFile(spec.Schemas, name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accepts reports whether b is JSON that the schema allows.
func accepts(s *jsonschema.Schema, b []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// beyondSchema lists the vectors that break what a schema cannot say.
var beyondSchema = []string{
	// encoding
	"event-bad-space", "event-bad-order", "event-bad-twice", "event-bad-fraction", "event-bad-exponent",
	"event-bad-minus-zero", "event-bad-escape", "event-bad-solidus", "event-bad-text-nfc",
	"record-view-space", "record-view-member-twice",
	// what depends on another member
	"event-bad-signers-same", "event-bad-birth", "event-bad-birth-not-closed", "event-bad-next-elsewhere",
	"event-bad-next-same", "event-bad-due-before", "event-bad-due-before-offset", "event-bad-interval",
	"event-bad-offset-year", "event-bad-enrols-key", "event-bad-offer-self",
	"record-view-order", "record-view-twice", "record-view-file-hole",
}

func TestSchemasAgreeWithVectors(t *testing.T) {
	for _, c := range []struct{ format, prefix, file string }{
		{"event", "event-", "event.json"},
		{"record-view", "record-", "view.json"},
	} {
		s := schema(t, c.format)
		for _, v := range vectors(t, c.prefix) {
			if v.files[c.file] == nil || strings.HasSuffix(v.want, ".roots") {
				continue
			}
			err := accepts(s, v.files[c.file])
			wants := v.want == "holds" || slices.Contains(beyondSchema, v.name)
			if (err == nil) != wants {
				t.Errorf("%s (%s): schema says %v", v.name, v.want, err)
			}
		}
	}
}

func TestFileSchemaAgreesWithVectors(t *testing.T) {
	s := schema(t, "record-file")
	n := 0
	for _, v := range vectors(t, "record-") {
		if v.files["files.json"] == nil {
			continue
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(v.files["files.json"]))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range doc.([]any) {
			n++
			if err := s.Validate(file); err != nil {
				t.Errorf("%s: %v", v.name, err)
			}
		}
	}
	if n == 0 {
		t.Error("no vector has a file")
	}
}

// Schema and code are two statements of one format: what one refuses in these
// values, the other must refuse too.
func TestFileSchemaAgreesWithCode(t *testing.T) {
	s := schema(t, "record-file")
	digests := `"digests":{"size":0,"tree":"` + strings.Repeat("0", 64) + `"}`
	for value, want := range map[string]bool{
		`{` + digests + `,"kind":"file","mode":"0644","path":"a"}`:                                                true,
		`{"kind":"dir","path":"a"}`:                                                                               true,
		`{"kind":"file","mode":"0644","path":"a"}`:                                                                false,
		`{` + digests + `,"kind":"file","path":"a"}`:                                                              false,
		`{` + digests + `,"kind":"file","mode":"644","path":"a"}`:                                                 false,
		`{` + digests + `,"kind":"dir","path":"a"}`:                                                               false,
		`{` + digests + `,"kind":"changed","mode":"0644","path":"a"}`:                                             false,
		`{` + digests + `,"kind":"file","mode":"0644","path":"a","replaced":true}`:                                false,
		`{"kind":"dir","path":""}`:                                                                                false,
		`{"kind":"folder","path":"a"}`:                                                                            false,
		`{"kind":"symlink","path":"a"}`:                                                                           false,
		`{"kind":"dir","path":"a","target":"b"}`:                                                                  false,
		`{"kind":"special","path":"a"}`:                                                                           false,
		`{"kind":"special","path":"a","special":"door"}`:                                                          false,
		`{"kind":"unreadable","path":"a"}`:                                                                        false,
		`{"kind":"dir","path":"a","reason":"b"}`:                                                                  false,
		`{"collides":false,"kind":"dir","path":"a"}`:                                                              false,
		`{"kind":"dir","path":"a","size":1}`:                                                                      false,
		`{` + digests + `,"kind":"file","mode":"0644","path":"a","stored":{"object":"0"}}`:                        false,
		`{"digests":{"size":-1,"tree":"` + strings.Repeat("0", 64) + `"},"kind":"file","mode":"0644","path":"a"}`: false,
	} {
		if err := accepts(s, []byte(value)); (err == nil) != want {
			t.Errorf("%s: schema says %v", value, err)
		}
		if _, err := evidence.ParseFileValue([]byte(value)); (err == nil) != want {
			t.Errorf("%s: code says %v", value, err)
		}
	}
}

package verify_test

import (
	"bytes"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"

	"example.org/custody/signing"
	"example.org/custody/spec"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas compiles every schema of spec/schema that this package's formats name.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	names, err := fs.Glob(spec.Schemas, "schema/*.schema.json")
	if err != nil {
		panic(err)
	}
	var ids []string
	for _, name := range names {
		b, err := spec.Schemas.ReadFile(name)
		if err != nil {
			panic(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			panic(err)
		}
		id := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			panic(err)
		}
		ids = append(ids, id)
	}
	out := map[string]*jsonschema.Schema{}
	for _, id := range ids {
		if strings.HasPrefix(id, "custody:verb") {
			continue
		}
		s, err := c.Compile(id)
		if err != nil {
			panic(err)
		}
		out[id] = s
	}
	return out
})

// fits reports why b is not JSON that the schema allows.
func fits(id string, b []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return schemas()[id].Validate(doc)
}

// validVerdict checks that a verdict has the form that the schema says.
func validVerdict(t testing.TB, v *verify.Verdict) {
	t.Helper()
	b, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := fits("custody:verdict", b); err != nil {
		t.Errorf("verdict: %v", err)
	}
}

// linesOf says which schema the lines of a file have.
var linesOf = map[string]string{
	pack.ItemsName: "custody:package-item", pack.EventsName: "custody:package-event",
	pack.LogsName: "custody:package-log", pack.NotesName: "custody:package-note", pack.ReadersName: "custody:package-reader", pack.AnchorsName: "custody:package-anchor",
}

// Schema and code are two statements of one format: what a vector has that is
// read, the schemas take.
func TestSchemasTakeVectors(t *testing.T) {
	lines, statements, registers := 0, 0, 0
	for name, v := range vectors(t) {
		files := maps.Clone(v.files)
		if v.expect == "undecided:dossier.form" {
			continue
		}
		for file, id := range linesOf {
			for line := range bytes.Lines(files[file]) {
				lines++
				if err := fits(id, line); err != nil {
					t.Errorf("%s: %s: %v", name, file, err)
				}
			}
		}
		if b := files[pack.SignatureName]; b != nil {
			statements++
			env, err := signing.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if err := fits("custody:package", env.Payload); err != nil {
				t.Errorf("%s: statement: %v", name, err)
			}
			if err := fits("custody:sender-verdict", files[pack.VerdictName]); err != nil {
				t.Errorf("%s: sender's verdict: %v", name, err)
			}
			for file, id := range map[string]string{pack.InventoryJSONName: "custody:package-inventory", pack.WithheldJSONName: "custody:package-withheld"} {
				if b := files[file]; b != nil && strings.HasPrefix(v.expect, "holds") {
					registers++
					if err := fits(id, b); err != nil {
						t.Errorf("%s: %s: %v", name, file, err)
					}
				}
			}
		}
	}
	if lines == 0 || statements == 0 || registers != 2 {
		t.Errorf("%d lines, %d statements, %d registers", lines, statements, registers)
	}
}

// What the code refuses in a line, its schema refuses as well.
func TestSchemasRefuse(t *testing.T) {
	v := vectors(t)[baseVerdict]
	first := func(file string) string {
		line, _, _ := strings.Cut(string(v.files[file]), "\n")
		return line
	}
	for _, c := range []struct{ file, old, new string }{
		{pack.ItemsName, `"payload":[]`, `"payload":null`},
		{pack.ItemsName, `"payload":[]`, `"payload":[{"entry":"a.txt","file":"file/1"}]`},
		{pack.ItemsName, `"payload":[]`, `"extra":1,"payload":[]`},
		{pack.EventsName, `"index":`, `"index":-`},
		{pack.EventsName, `"salt":"`, `"salt":"0`},
		{pack.EventsName, `"receipt":{`, `"receipt":{"extra":true,`},
		{pack.EventsName, `"envelope":"`, `"envelope":"*`},
		{pack.LogsName, `"leaf":"`, `"leaf":"00`},
		{pack.LogsName, `"closed":[{"proof":{`, `"closed":[{"proof":{"extra":1,`},
		{pack.LogsName, `"origin":"`, `"origin":"a b+`},
		{pack.NotesName, `"note":"`, `"note":"=`},
		{pack.NotesName, `"note"`, `"Note"`},
	} {
		line := first(c.file)
		changed := strings.Replace(line, c.old, c.new, 1)
		if changed == line {
			t.Errorf("%s: nothing like %s", c.file, c.old)
		}
		if fits(linesOf[c.file], []byte(line)) != nil || fits(linesOf[c.file], []byte(changed)) == nil {
			t.Errorf("%s: the schema does not tell %s from %s", c.file, c.new, c.old)
		}
		files := maps.Clone(v.files)
		v.reader(t, files)
		v.options(t, files)
		files[c.file] = bytes.Replace(files[c.file], []byte(line), []byte(changed), 1)
		if _, err := pack.Decode(files); err == nil {
			t.Errorf("%s: the code takes %s", c.file, c.new)
		}
	}
}

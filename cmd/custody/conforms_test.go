package main

import (
	"bytes"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/spec"
)

// schemas compiles the schemas of the specification; they may refer to each other
// by their $id.
var schemas = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	names, err := fs.Glob(spec.Schemas, "schema/*.schema.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := spec.Schemas.ReadFile(name)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		id, _ := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			return nil, err
		}
	}
	return c, nil
})

// conforms reports whether every line of text is JSON that the schema allows; text
// has at least one.
func conforms(schema, text string) error {
	c, err := schemas()
	if err != nil {
		return err
	}
	s, err := c.Compile("custody:" + schema)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			return err
		}
		if err := s.Validate(doc); err != nil {
			return err
		}
	}
	return nil
}

func scriptConforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: conforms SCHEMA FILE")
	}
	err := conforms(args[0], ts.ReadFile(args[1]))
	switch {
	case err != nil && !neg:
		ts.Fatalf("%s is not what spec/schema/%s.schema.json says: %v", args[1], args[0], err)
	case err == nil && neg:
		ts.Fatalf("%s is what spec/schema/%s.schema.json says", args[1], args[0])
	}
}

// A schema that allows anything tests nothing.
func TestConforms(t *testing.T) {
	good := `{"message_type":"summary","verb":"hold","dry_run":false,"acts":[],"refused":[]}`
	if err := conforms("verb-hold", good); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "{}", good + "\n{}", strings.Replace(good, "hold", "offer", 1),
		strings.Replace(good, `"refused":[]`, `"refused":[],"more":1`, 1), strings.Replace(good, `"acts":[]`, `"acts":[{}]`, 1)} {
		if conforms("verb-hold", bad) == nil {
			t.Errorf("%q conforms", bad)
		}
	}
}

// Package spectest holds documents against the JSON schemas of the specification, in tests.
package spectest

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/spec"
)

// Schema returns schema/NAME.schema.json, compiled; the test ends where there is none.
func Schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	b, err := spec.Schemas.ReadFile("schema/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("custody:"+name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("custody:" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Check returns what a schema says against a JSON document, nil for nothing.
func Check(s *jsonschema.Schema, document []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

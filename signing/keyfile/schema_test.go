package keyfile

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/spec"
)

// beyondSchema are the bad cards whose fault a schema cannot say.
var beyondSchema = []string{"card-space", "card-member-order", "card-key-id", "card-key-point", "card-suite-unknown", "card-vault-checksum"}

// Schema and code are two statements of one format.
func TestCardSchemaAgreesWithVectors(t *testing.T) {
	b, err := spec.Schemas.ReadFile("schema/card.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("custody:card", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("custody:card")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("../../spec/vectors/keys-*card*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d vectors: %v", len(names), err)
	}
	for _, name := range names {
		name = filepath.Base(name)
		card := vectorFiles(t, name)["card.json"]
		if card == nil {
			continue
		}
		takes := name == "keys-card.txtar"
		for _, beyond := range beyondSchema {
			takes = takes || name == "keys-bad-"+beyond+".txtar"
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(card)))
		if err == nil {
			err = s.Validate(doc)
		}
		if (err == nil) != takes {
			t.Errorf("%s: the schema says %v", name, err)
		}
	}
}

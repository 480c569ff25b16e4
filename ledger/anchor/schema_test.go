package anchor_test

import (
	"bytes"
	"testing"

	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/spec"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What is written is what the schemas describe.
func TestSchemas(t *testing.T) {
	n := newNetwork(t)
	writes := n.checkpoint()
	p := anchortest.Make(n.request(writes...), n.peers["AA"], n.peers["BB"])
	envelope := p.Envelope(n.client)
	proof, err := n.proof(envelope, anchortest.Answer(n.peers["AA"], "qscc", envelope, 0)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	agreement, err := n.agreement.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"anchor": proof, "channel": agreement, "anchored": writes[0].Value} {
		conforms(t, name, b)
	}
}

func conforms(t *testing.T, name string, b []byte) {
	t.Helper()
	f, err := spec.Schemas.ReadFile("schema/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

//go:build engines

package caseuco_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shapesDigest is the SHA-256 of CASE 1.4.0 with its imports in one file, which its own
// tools carry (spec/case.md).
const shapesDigest = "b294fbb99737a5bacd196fe786fed01259fd03f52d0d981780bcb17d4f45219e"

// broken are changes to a graph that conforms, each with what a validator must say of it.
// The last shows only when SPARQL constraints are enabled.
var broken = []struct{ name, old, new, says string }{
	{"two performers", `"uco-action:performer":`, `"uco-action:performer":[{"@id":"urn:uuid:00000000-0000-4000-8000-000000000000"},{"@id":"urn:uuid:00000000-0000-4000-8000-000000000001"}],"x":`, "action/performer MaxCountConstraintComponent"},
	{"hash without method", `"uco-types:hashMethod":"SHA256",`, ``, "types/hashMethod MinCountConstraintComponent"},
	{"size that is text", `"uco-observable:sizeInBytes":{"@type":"xsd:integer"`, `"uco-observable:sizeInBytes":{"@type":"xsd:string"`, "observable/sizeInBytes DatatypeConstraintComponent"},
	{"leaf without origin", `"custody:origin":"log.AA.example/1",`, ``, "urn:custody:case:v1:origin MinCountConstraintComponent"},
	{"seal that is no hash", `"custody:closesSeal":{"@type":"xsd:hexBinary"`, `"custody:closesSeal":{"@type":"xsd:string"`, "urn:custody:case:v1:closesSeal DatatypeConstraintComponent"},
	{"blank facet", `"uco-core:hasFacet":[`, `"uco-core:hasFacet":[{"@type":"uco-observable:FileFacet","uco-observable:fileName":"x"},`, "UcoThings are required to not be blank nodes"},
}

// The graphs conform to the shapes of CASE 1.4.0 and to ours, and no broken one does.
func TestEngineShapes(t *testing.T) {
	dir := t.TempDir()
	good := graphOf(t, story(t, full))
	bad := good // a validator takes half a minute for each graph
	for _, b := range broken {
		if !bytes.Contains(bad, []byte(b.old)) {
			t.Fatalf("%s: nothing to change", b.name)
		}
		bad = bytes.Replace(bad, []byte(b.old), []byte(b.new), 1)
	}
	files := map[string][]byte{"good": good, "family": graphOf(t, family()), "bad": bad}
	shapes, err := filepath.Abs("testdata/shacl/case-1.4.0.ttl")
	must(t, err)
	text, err := os.ReadFile(shapes)
	must(t, err)
	if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != shapesDigest {
		t.Fatalf("shapes with SHA-256 %x", got)
	}
	own, err := filepath.Abs("../../../spec/case/custody.ttl")
	must(t, err)
	args := []string{"validate.mjs", shapes, own, "--"}
	for name, b := range files {
		path := filepath.Join(dir, name+".jsonld")
		must(t, os.WriteFile(path, b, 0o600))
		args = append(args, path)
	}
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Dir = "../../../tmp/servers/shacl"
	out, err := cmd.Output()
	must(t, err)
	said := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, what, _ := strings.Cut(strings.TrimSpace(line), "\t")
		said[strings.TrimSuffix(filepath.Base(path), ".jsonld")] = what
	}
	for name := range files {
		if name != "bad" && said[name] != "conforms" {
			t.Errorf("%s: %s", name, said[name])
		}
	}
	for _, b := range broken {
		if !strings.Contains(said["bad"], b.says) {
			t.Errorf("%s: no %s in %s", b.name, b.says, said["bad"])
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

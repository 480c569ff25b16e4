package caseuco_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/verifytest"
)

var update = flag.Bool("update", false, "write the golden graph")

// files are those of a story.
var files = []verifytest.File{{Path: "photos/a.jpg", Content: []byte("first")}, {Path: "b.txt", Content: []byte("second")}}

// story is a package about an item that was collected, handed over and examined, with
// an exhibit number, a place, an authority and use limits in its record.
func story(t testing.TB, fields map[string]any) *pack.Dossier {
	t.Helper()
	return storyOf(t, fields, files...)
}

func storyOf(t testing.TB, fields map[string]any, files ...verifytest.File) *pack.Dossier {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	ann, bob := w.State("AA").Enrol(evidence.RoleCollector), w.State("BB").Enrol(evidence.RoleCustodian)
	item := ann.Collect(verifytest.Record{Files: files, Fields: fields})
	item.Offer(ann, bob)
	item.Accept(bob)
	b := w.Package(verifytest.Packing{By: bob, Items: []*verifytest.Item{item}, Files: [][]verifytest.File{files}})
	p, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return p.Dossier
}

// full is a record that says everything the graph has a place for.
var full = map[string]any{
	"authority":     map[string]any{"kind": "search warrant", "reference": "GI-2026-118", "from": "2026-11-02T06:00:00Z", "to": "2026-11-03T06:00:00Z"},
	"case":          "KOS-2026-0042",
	"description":   "Phone, sealed",
	"exhibit":       "AB/3",
	"physical-seal": []any{"S-1", "S-2"},
	"place":         "Exhibit store A",
	"use-limits":    "Use limited to proceedings GI-2026-118",
}

func graphOf(t testing.TB, d *pack.Dossier) []byte {
	t.Helper()
	b, err := caseuco.Graph(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The graph of version 1 never changes: packages have it in them.
func TestGolden(t *testing.T) {
	got := graphOf(t, story(t, full))
	golden := filepath.Join("testdata", "graph.jsonld")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %d wanted", len(got), len(want))
	}
	canonical, err := evidence.Canonical(json.RawMessage(got))
	if err != nil || !bytes.Equal(append(canonical, '\n'), got) {
		t.Errorf("not canonical: %v", err)
	}
}

// Files are written byte for byte: whatever a path has in it, the graph is canonical and
// says it again.
func TestFileNames(t *testing.T) {
	odd := []string{"plain", "é/ü.jpg", `q"uote/b\ackslash`, "line\nfeed\t\x01", "sep\u2028arator", "<&>", "/\x7f", "many/folders/in/it", "x", "y"}
	var files []verifytest.File
	for i, path := range odd {
		files = append(files, verifytest.File{Path: path, Content: []byte{byte(i)}})
	}
	b := graphOf(t, storyOf(t, nil, files...))
	canonical, err := evidence.Canonical(json.RawMessage(b))
	if err != nil || !bytes.Equal(append(canonical, '\n'), b) {
		t.Errorf("not canonical: %v", err)
	}
	for _, path := range odd {
		said, err := evidence.Canonical(path)
		if err != nil || !bytes.Contains(b, append([]byte(`"uco-observable:filePath":`), said...)) {
			t.Errorf("%q is not in the graph as %s, %v", path, said, err)
		}
	}
}

// What is held back is counted and not said, and no node is blank, dangling or twice.
func TestGraph(t *testing.T) {
	d := story(t, full)
	for i := range d.Events {
		d.Events[i].Record = d.Events[i].Record.Withhold(func(e evidence.ViewEntry) *evidence.Withholding {
			if e.Name == "place" || e.Name == "file/1" {
				return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "Court", Code: evidence.ReasonScope, Review: "2027-01-01"}}
			}
			return nil
		})
	}
	b := graphOf(t, d)
	for _, gone := range []string{"Exhibit store A", "photos/a.jpg", "a.jpg"} {
		if bytes.Contains(b, []byte(gone)) {
			t.Errorf("the graph says %q", gone)
		}
	}
	kinds := wellFormed(t, b)
	if kinds["case-investigation:InvestigativeAction"] != 3 || kinds["uco-observable:File"] != 1 || kinds["uco-identity:Identity"] != 2 || kinds["case-investigation:Investigation"] != 1 {
		t.Errorf("%v", kinds)
	}
}

// An item that an act names and the package is not about has its node, once: an act is
// about things, not about their names.
func TestNamedAlone(t *testing.T) {
	for name, d := range map[string]*pack.Dossier{"derive, child not enclosed": childNotEnclosed(), "derive, parent not enclosed": parentNotEnclosed()} {
		t.Run(name, func(t *testing.T) {
			b := graphOf(t, d)
			if kinds := wellFormed(t, b); kinds["uco-observable:ObservableObject"] != 2 || kinds["case-investigation:ProvenanceRecord"] != 1 {
				t.Errorf("%v", kinds)
			}
			for _, more := range []string{"Exhibit store A", "Phone, sealed", "photos/a.jpg"} {
				if name == "derive, parent not enclosed" && bytes.Contains(b, []byte(more)) {
					t.Errorf("the graph says %q of what is not enclosed", more)
				}
			}
		})
	}
}

// Of several things some of which came from others, each has one node.
func TestFamily(t *testing.T) {
	if kinds := wellFormed(t, graphOf(t, family())); kinds["uco-observable:ObservableObject"] != 4 || kinds["case-investigation:InvestigativeAction"] != 4 {
		t.Errorf("%v", kinds)
	}
}

// A dossier with one of everything says all of it.
func TestEverything(t *testing.T) {
	b := graphOf(t, everything())
	wellFormed(t, b)
	for _, said := range []string{`"custody:ErasedFacet"`, `"custody:due"`, `"custody:carrier":"Carrier, van 7"`, `"custody:tracking":"T-4711"`, `"custody:physicalSealAfter"`, `"court BB chamber 3"`, `"uco-action:participant"`, `"custody:withheld":{"@type":"xsd:integer","@value":"2"}`} {
		if !bytes.Contains(b, []byte(said)) {
			t.Errorf("the graph lacks %s", said)
		}
	}
}

// wellFormed checks that no node of a graph is blank, twice, or named and not there. It
// returns how many there are of each type.
func wellFormed(t *testing.T, b []byte) map[string]int {
	t.Helper()
	var g struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	named, used, kinds := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, n := range g.Graph {
		id, _ := n["@id"].(string)
		if !strings.HasPrefix(id, "urn:uuid:") || named[id] {
			t.Errorf("node %q is blank or twice: %v", id, n)
		}
		named[id] = true
		kinds[n["@type"].(string)]++
		for k, v := range n {
			if k != "@id" {
				collect(v, used)
			}
		}
	}
	for id := range used {
		if !named[id] {
			t.Errorf("node %s is named and not there", id)
		}
	}
	return kinds
}

// TestNothingReadable: events that cannot be read are not in the graph, and hinder none.
func TestNothingReadable(t *testing.T) {
	d := story(t, nil)
	for i := range d.Events {
		d.Events[i].Envelope = []byte(`{"payload":"e30=","payloadType":"x","signatures":[{"keyid":"` + strings.Repeat("0", 64) + `","sig":"AA=="}]}`)
	}
	if b := graphOf(t, d); !bytes.Contains(b, []byte(`"uco-core:object":[]`)) {
		t.Errorf("%s", b)
	}
	d.Events = nil
	graphOf(t, d)
}

// collect gathers the names of nodes that a value refers to.
func collect(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["@id"].(string); ok {
			into[id] = true
		}
	case []any:
		for _, x := range v {
			collect(x, into)
		}
	}
}

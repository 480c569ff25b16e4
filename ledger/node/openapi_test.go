package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/spec"
)

// document is spec/openapi.yaml.
type document struct {
	Paths map[string]map[string]struct {
		OperationID string `yaml:"operationId"`
		Parameters  []struct {
			Ref string `yaml:"$ref"`
		}
		RequestBody struct {
			Content map[string]media
		} `yaml:"requestBody"`
		Responses map[string]struct {
			Ref     string `yaml:"$ref"`
			Content map[string]media
		}
	}
	Components struct {
		Parameters map[string]struct {
			In, Name string
			Schema   struct{ Pattern string }
		}
		Responses map[string]struct{ Content map[string]media }
	}
}

type media struct {
	Schema struct {
		Ref string `yaml:"$ref"`
	}
}

var openAPI = sync.OnceValues(func() (d document, err error) {
	err = yaml.Unmarshal(spec.OpenAPI, &d)
	return d, err
})

var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	names, err := fs.Glob(spec.Schemas, "schema/*.schema.json")
	if err != nil {
		return nil, err
	}
	ids := map[string]*jsonschema.Schema{}
	for _, name := range names {
		b, err := spec.Schemas.ReadFile(name)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		id := "custody:" + strings.TrimSuffix(path.Base(name), ".schema.json")
		if err := c.AddResource(id, doc); err != nil {
			return nil, err
		}
		ids[id] = nil
	}
	for id := range ids {
		s, err := c.Compile(id)
		if err != nil {
			return nil, err
		}
		ids[id] = s
	}
	return ids, nil
})

// conforms holds an exchange to the document: the route, the method, the status, the
// media type and the body must be in it.
func (s *office) conforms(r *http.Request, got reply) {
	s.Helper()
	d, err := openAPI()
	if err != nil {
		s.Fatal(err)
	}
	if err := d.check(r.Method, r.URL.Path, got); err != nil {
		s.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (d document) check(method, at string, got reply) error {
	template, ok := d.route(at)
	if !ok {
		if got.status != http.StatusNotFound && got.status != http.StatusTooManyRequests {
			return fmt.Errorf("%d of an address that is not in openapi.yaml", got.status)
		}
		return nil
	}
	op, ok := d.Paths[template][strings.ToLower(method)]
	if !ok {
		if got.status != http.StatusMethodNotAllowed {
			return fmt.Errorf("%d of a method that is not in openapi.yaml", got.status)
		}
		return nil
	}
	resp, ok := op.Responses[strconv.Itoa(got.status)]
	if !ok {
		return fmt.Errorf("status %d is not in openapi.yaml", got.status)
	}
	content := resp.Content
	if name, is := strings.CutPrefix(resp.Ref, "#/components/responses/"); is {
		content = d.Components.Responses[name].Content
	}
	if len(content) == 0 {
		if len(got.body) > 0 {
			return fmt.Errorf("%d has a body", got.status)
		}
		return nil
	}
	m, ok := content[got.media]
	if !ok {
		return fmt.Errorf("media type %q of %d is not in openapi.yaml", got.media, got.status)
	}
	return validate(m.Schema.Ref, got)
}

// route finds the template of an address, by the patterns of its parameters.
func (d document) route(at string) (string, bool) {
	for template, ops := range d.Paths {
		expr := regexp.QuoteMeta(template)
		for _, p := range d.Components.Parameters {
			if p.In == "path" {
				expr = strings.ReplaceAll(expr, regexp.QuoteMeta("{"+p.Name+"}"), "(?:"+strings.Trim(p.Schema.Pattern, "^$")+")")
			}
		}
		if len(ops) > 0 && regexp.MustCompile("^"+expr+"$").MatchString(at) {
			return template, true
		}
	}
	return "", false
}

func validate(ref string, got reply) error {
	if ref == "" {
		return nil
	}
	all, err := schemas()
	if err != nil {
		return err
	}
	schema, ok := all[ref]
	if !ok {
		return fmt.Errorf("there is no schema %s", ref)
	}
	bodies := [][]byte{got.body}
	if got.media == "application/jsonl" {
		bodies = bytes.SplitAfter(got.body, []byte("\n"))
		bodies = bodies[:len(bodies)-1]
	}
	for _, b := range bodies {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			return err
		}
		if err := schema.Validate(v); err != nil {
			return err
		}
	}
	return nil
}

// Every route of the node is in the document, with its methods, and every one of the
// document is a route of the node.
func TestOpenAPIRoutes(t *testing.T) {
	d, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	node := must[*Node](t)(New(Config{
		Tiles: t.TempDir(), Followed: func() ([]evidence.Origin, error) { return nil, nil }, Log: slog.New(slog.DiscardHandler),
		Witness: nobody{}, Auditor: nobody{}, Takes: true,
	}))
	have := map[string]bool{}
	for _, pattern := range node.routes {
		have[pattern] = pattern != signedCalls
	}
	// The address of a tile is a path, which the mux does not take apart.
	for pattern, template := range map[string]string{"GET /tile/": "GET /tile/{L}/{N}", "GET /ended/{origin}/tile/{tile...}": "GET /ended/{origin}/tile/{L}/{N}"} {
		have[template] = have[pattern]
		delete(have, pattern)
	}
	for template, ops := range d.Paths {
		for method := range ops {
			pattern := strings.ToUpper(method) + " " + template
			if !have[pattern] {
				t.Errorf("%s is in openapi.yaml and is no route", pattern)
			}
			delete(have, pattern)
		}
	}
	for pattern, is := range have {
		if is {
			t.Errorf("%s is not in openapi.yaml", pattern)
		}
	}
}

// nobody is a cosigner that is only there.
type nobody struct{ ledger.Cosigner }

// The open routes answer as the document says, too.
func TestOpenAPIOpenRoutes(t *testing.T) {
	s := newOffice(t)
	s.enrol(evidence.RoleCollector)
	if err := os.MkdirAll(filepath.Join(s.dir, "tile", "0"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "tile", "0", "000.p-1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path   string
		status int
	}{{"/checkpoint", 200}, {"/healthz", 200}, {"/readyz", 200}, {"/tile/0/000.p/1", 404}, {"/tile/entries/x001/234", 404}, {"/tile/0/1", 404}, {"/tile", 404}, {"/metrics", 404}} {
		if got := s.ask(ask{path: c.path}); got.status != c.status {
			t.Errorf("%s: %d, want %d", c.path, got.status, c.status)
		}
	}
	if got := s.ask(ask{method: "PUT", path: "/checkpoint"}); got.status != 405 {
		t.Errorf("PUT: %d", got.status)
	}
}

// What a check of the document is worth: it refuses what is not in it.
func TestOpenAPIRefuses(t *testing.T) {
	d, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("0", 64)
	good := reply{status: 200, media: "application/json", body: []byte(`{"seal":"` + hash + `"}`)}
	if err := d.check("GET", "/v1/seals/"+hash, good); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, at string
		got        reply
	}{
		"address": {"GET", "/v1/secrets", good},
		"method":  {"PUT", "/v1/seals/" + hash, good},
		"status":  {"GET", "/v1/seals/" + hash, reply{418, good.media, good.body, nil}},
		"media":   {"GET", "/v1/seals/" + hash, reply{200, "text/html", good.body, nil}},
		"member":  {"GET", "/v1/seals/" + hash, reply{200, good.media, []byte(`{"name":"Ann","seal":"` + hash + `"}`), nil}},
		"value":   {"GET", "/v1/seals/" + hash, reply{200, good.media, []byte(`{"seal":"x"}`), nil}},
		"problem": {"GET", "/v1/seals/" + hash, reply{404, "application/problem+json", []byte(`{"code":"gone"}`), nil}},
	} {
		if err := d.check(c.method, c.at, c.got); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// The codes of the node, of the schema and of the page are the same.
func TestProblemCodes(t *testing.T) {
	b, err := spec.Schemas.ReadFile("schema/node-problem.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties struct{ Code struct{ Enum []string } }
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	page, err := spec.Pages.ReadFile("node.md")
	if err != nil {
		t.Fatal(err)
	}
	for code, k := range kinds {
		if !slices.Contains(s.Properties.Code.Enum, code) || !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("%s is not in the schema, or not on the page", code)
		}
		if k.title == "" || k.means == "" || k.do == "" || k.status < 400 {
			t.Errorf("%s: three lines are wanted", code)
		}
	}
	for _, code := range s.Properties.Code.Enum {
		if _, ok := kinds[code]; !ok {
			t.Errorf("%s is no code of the node", code)
		}
	}
}

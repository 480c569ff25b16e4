//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

//go:embed page
var pageFiles embed.FS

// parts are what the page is put together from.
type parts struct {
	wasm   *module
	packed []byte   // gzip of the module
	deps   []string // packages compiled into it
	glue   string   // wasm_exec.js of this Go
	list   []byte   // trust list to build in; empty: none
}

func newParts(ctx context.Context, list string) (*parts, error) {
	p := &parts{}
	var err error
	if list != "" {
		if p.list, err = os.ReadFile(list); err != nil {
			return nil, err
		}
		if _, err := readList(p.list, verify.SourcePinned); err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
	}
	if p.wasm, err = compile(ctx); err != nil {
		return nil, err
	}
	if p.packed, err = packed(p.wasm.bare); err != nil {
		return nil, err
	}
	deps, err := goTool(ctx, "list", "-deps", verifier)
	if err != nil {
		return nil, err
	}
	p.deps = strings.Fields(deps)
	root, err := goTool(ctx, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", "wasm_exec.js"))
	p.glue = string(glue)
	return p, err
}

// verifier is this package, which is the verifier in the page when compiled for it.
const verifier = "example.org/custody/cmd/courtroom"

// goTool runs the go command for js/wasm. Nothing of this machine's environment
// may change what it makes.
func goTool(ctx context.Context, args ...string) (string, error) {
	run := exec.CommandContext(ctx, "go", args...)
	run.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOWASM=", "GOFLAGS=", "GOEXPERIMENT=")
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return string(out), nil
}

// compile builds this package for js/wasm. No path and no version control goes
// into it: the same source gives the same bytes. The names of its functions are
// read, for the sizes, and left out.
func compile(ctx context.Context) (*module, error) {
	dir, err := os.MkdirTemp("", "courtroom-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "courtroom.wasm")
	if _, err := goTool(ctx, "build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o", out, verifier); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return parseModule(b)
}

// packed compresses without name or time.
func packed(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// joined is what the template takes.
type joined struct {
	Policy, Title, Style, Script, Glue, Hasher, Worker, Catalogues, List, Wasm, Made string

	Words     map[string]string
	Languages []*report.Language
}

// join puts the page together.
func (p *parts) join() ([]byte, error) {
	frame, script := pageFile("frame.css"), pageFile("page.js")
	j := joined{
		Style: report.Style() + pageFile("page.css"), Script: script,
		Glue: p.glue, Hasher: pageFile("hasher.js"), Worker: pageFile("worker.js"),
		List: base64.StdEncoding.EncodeToString(p.list), Wasm: asText(p.packed),
		Languages: report.Languages(), Made: "custody courtroom, " + runtime.Version(),
	}
	j.Words = j.Languages[0].Words("court")
	j.Title = j.Words["title"]
	j.Policy = policy(script, j.Style, frame)
	catalogues, err := cataloguesOf(j.Languages, frame)
	if err != nil {
		return nil, err
	}
	j.Catalogues = catalogues
	for end, text := range map[string]string{"</style": j.Style, "</script": j.Script + j.Glue + j.Hasher + j.Worker + j.Catalogues} {
		if strings.Contains(strings.ToLower(text), end) {
			return nil, fmt.Errorf("a part of the page would end its own element: it has %s in it", end)
		}
	}
	t, err := template.New("page.html").ParseFS(pageFiles, "page/page.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, j)
	return b.Bytes(), err
}

// policy forbids every request, and every script and style but those given.
func policy(script string, styles ...string) string {
	source := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	list := make([]string, len(styles))
	for i, s := range styles {
		list[i] = source(s)
	}
	return "default-src 'none'; script-src " + source(script) + " 'wasm-unsafe-eval'; worker-src blob:; style-src " +
		strings.Join(list, " ") + "; img-src data:; base-uri 'none'; form-action 'none'"
}

// cataloguesOf is the page's own words in every language, as JSON that can stand
// in a script element.
func cataloguesOf(languages []*report.Language, frame string) (string, error) {
	all := map[string]any{"frame": frame}
	for _, l := range languages {
		all[l.Code] = map[string]any{"direction": l.Direction, "words": l.Words("court")}
	}
	b, err := json.Marshal(all) // which escapes < and >
	return string(b), err
}

func pageFile(name string) string {
	b, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return string(b)
}

// listed is how many packages are printed with their size.
const listed = 20

// report prints what the page is made of.
func (p *parts) report(w io.Writer, page int) {
	sizes := p.wasm.sizes(p.deps)
	rest := 0
	for _, s := range sizes[min(listed, len(sizes)):] {
		rest += s.bytes
	}
	for _, s := range sizes[:min(listed, len(sizes))] {
		fmt.Fprintf(w, "%9d  %s\n", s.bytes, s.path)
	}
	fmt.Fprintf(w, "%9d  code of all other packages\n%9d  tables, types and texts\n", rest, p.wasm.data)
	fmt.Fprintf(w, "%9d  the verifier; compressed %d, as text %d\n", len(p.wasm.bare), len(p.packed), len(asText(p.packed)))
	fmt.Fprintf(w, "%9d  Go's support\n%9d  trust list, as text\n%9d  the page\n", len(p.glue), base64.StdEncoding.EncodedLen(len(p.list)), page)
}

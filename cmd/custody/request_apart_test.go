package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/spec"
)

// No file of a package has an answer that is for an authority alone, neither of the
// draft nor of the step that stated the form anew, unless it was said who gets it.
func TestKeptFromTheProvider(t *testing.T) {
	const draft, anew = "a lorry at the pass", "two lorries at the pass"
	dir := t.TempDir()
	t.Setenv("CUSTODY_HOME", filepath.Join(dir, "home"))
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	t.Setenv("CUSTODY_PROGRESS", "off")
	mustTool(t, "init", "--state", "DE", "--officer", "ann", "--role", "custodian", "--no-recovery")
	form := filepath.Join(dir, "form.json")
	writeSample(t, form, productionOrder(t, draft))
	mustTool(t, "request", "new", "--instrument", "e-evidence", "--form-id", "epoc", "--to", "IE", "--measure", "traffic-data", "--exhibit", "P-1", "--from-file", form)
	writeSample(t, form, productionOrder(t, anew))
	mustTool(t, "request", "check", "P-1", "--from-file", form)
	for name, more := range map[string][]string{"kept": nil, "shown": {"--to-authority"}} {
		file := filepath.Join(dir, name+".asice")
		mustTool(t, append([]string{"pack", "P-1", "--out", file}, more...)...)
		for _, text := range []string{draft, anew} {
			has := 0
			for _, b := range packed(t, file) {
				if readable(b, text) {
					has++
				}
			}
			if has > 0 != (more != nil) {
				t.Errorf("%s: %d files have %q", name, has, text)
			}
		}
	}
}

// productionOrder is the complete form of the vector with another summary.
func productionOrder(t *testing.T, summary string) []byte {
	t.Helper()
	raw, err := spec.Vectors.ReadFile("vectors/form-epoc.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	for _, f := range txtar.Parse(raw).Files {
		if f.Name == "complete.json" {
			err = json.Unmarshal(f.Data, &fields)
		}
	}
	fields["m-summary"] = summary
	b, err2 := json.Marshal(fields)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return b
}

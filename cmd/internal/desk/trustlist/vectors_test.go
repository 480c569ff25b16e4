package trustlist

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/spec"
)

var update = flag.Bool("update", false, "write the vectors of the trust file")

// A trust file is taken in its one form alone (spec/trust.md, "Trust file"). The file of
// a vector ends with a newline that is not part of it.
func TestVectors(t *testing.T) {
	names, err := fs.Glob(spec.Vectors, "vectors/trustfile-*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		_, want, _ := strings.Cut(string(a.Comment), "expect: ")
		got := "holds"
		if _, err := ParseFile(bytes.TrimSuffix(a.Files[0].Data, []byte("\n"))); errors.Is(err, ErrNote) {
			got = "fails:form"
		} else if err != nil {
			got = err.Error()
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("%s: %s, want %s", path.Base(name), got, want)
		}
	}
}

// TestMakeVectors writes the vectors with -update.
func TestMakeVectors(t *testing.T) {
	if !*update {
		return
	}
	f := trustFile(t)
	good := string(marshalled(t, f))
	_, signatures, _ := strings.Cut(string(f.Note), "\n\n")
	first, _, _ := strings.Cut(signatures, "\n")
	policy, _, _ := strings.Cut(good[strings.Index(good, `"policies":[`)+len(`"policies":[`):], `",`)
	for name, v := range map[string][2]string{
		"plain":        {"A list of two states with its policies and certificates.", good},
		"signing":      {"The list while one of the signatures is missing: it is the same list.", strings.Replace(good, strings.ReplaceAll(first, "\n", `\n`)+`\n`, "", 1)},
		"format":       {"A file of a later format.", strings.Replace(good, "trust/v1", "trust/v2", 1)},
		"space":        {"JSON that is not canonical.", strings.Replace(good, `,"format"`, `, "format"`, 1)},
		"member":       {"A member that version 1 does not have.", strings.Replace(good, `"format"`, `"forma":1,"format"`, 1)},
		"policy-twice": {"A policy that is there twice.", strings.Replace(good, `"policies":[`, `"policies":[`+policy+`",`, 1)},
		"policy-more":  {"A text that the list does not name.", strings.Replace(good, `"policies":[`, `"policies":["x",`, 1)},
		"no-list":      {"What it carries is no trust list.", strings.Replace(good, "custody-trust/v1", "custody-trust/v0", 1)},
		"cut":          {"The file ends early.", good[:len(good)/2]},
	} {
		want := "fails:form"
		if name == "plain" || name == "signing" {
			want = "holds"
		} else if v[1] == good {
			t.Fatalf("%s changes nothing", name)
		}
		a := &txtar.Archive{Comment: []byte(v[0] + "\n\nexpect: " + want + "\n"), Files: []txtar.File{{Name: "trust.json", Data: []byte(v[1] + "\n")}}}
		if err := os.WriteFile("../../../../spec/vectors/trustfile-"+name+".txtar", txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

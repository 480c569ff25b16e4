package anchor_test

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

// Every vector, of which a real network of three states made the proofs, gives the
// answer that it expects.
func TestVectors(t *testing.T) {
	names, err := fs.Glob(spec.Vectors, "vectors/anchor-*.txtar")
	if err != nil || len(names) < 15 {
		t.Fatalf("%d vectors, %v", len(names), err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		want, _, _ := strings.Cut(strings.TrimPrefix(string(a.Comment), "expect: "), "\n")
		files := map[string][]byte{}
		for _, f := range a.Files {
			files[f.Name] = bytes.TrimSuffix(f.Data, []byte("\n"))
		}
		t.Run(strings.TrimSuffix(path.Base(name), ".txtar"), func(t *testing.T) { vector(t, want, files) })
	}
}

func vector(t *testing.T, want string, files map[string][]byte) {
	a, err := anchor.ParseAgreement(files["agreement.json"])
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, "channel", files["agreement.json"])
	conforms(t, "anchor", files["proof.json"])
	p, err := anchor.ParseProof(files["proof.json"])
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Verify(a)
	if c := checkOf(t, err); c != "" {
		if want != "fails:"+string(c) {
			t.Errorf("%v, want %s", err, want)
		}
		return
	}
	result, err := evidence.Canonical(map[string]any{"answered": append([]string{}, r.Answered...), "endorsers": r.Endorsers, "kind": r.Kind, "origin": r.Origin, "transaction": r.ID})
	if err != nil || want != "holds" || !bytes.Equal(result, files["result.json"]) {
		t.Errorf("%s, want %s %s (%v)", result, want, files["result.json"], err)
	}
	// Nothing that is signed can change.
	if len(p.Answers) > 0 {
		p.Answers[0] = bytes.Replace(p.Answers[0], []byte("qscc"), []byte("qscd"), 1)
		if _, err := p.Verify(a); err == nil {
			t.Error("an answer changed, and holds")
		}
	}
}

package certificate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
	"example.org/custody/verify"
	"example.org/custody/verify/report"
	"example.org/custody/verify/report/certificate"
	"example.org/custody/verify/verifytest"
)

// verified is a package of an item that went from one state to the other, and the
// verdict on it under a trust list.
func verified(t *testing.T, under func(*verifytest.World) verify.Trust) (*verify.Verdict, report.Options) {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	ann, bob := w.State("AA").Enrol(evidence.RoleCollector), w.State("BB").Enrol(evidence.RoleExaminer)
	files := []verifytest.File{{Path: "{q1} a.txt", Content: []byte("what was found")}}
	item := ann.Collect(verifytest.Record{Fields: map[string]any{"exhibit": "AB/3 {id}", "description": "one file"}, Files: files})
	item.Offer(ann, bob)
	item.Accept(bob)
	b := w.Package(verifytest.Packing{By: bob, Items: []*verifytest.Item{item}, Files: [][]verifytest.File{files}})
	v, p, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), under(w), verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v, report.Options{Dossier: p.Dossier}
}

func listed(w *verifytest.World) verify.Trust { return w.Trust() }

// text is all that a statement says.
func text(d *certificate.Document) string {
	var b strings.Builder
	for _, p := range d.Parts {
		fmt.Fprintln(&b, p.Heading+p.Text)
		if p.Table != nil {
			fmt.Fprintln(&b, p.Table.Caption, p.Table.Rows)
		}
	}
	return b.String()
}

var filledIn = regexp.MustCompile(`\{[a-z0-9-]+\}`)

// Every statement is a draft with its values filled in: nothing that only a person can
// say, and nothing that a record says is taken for a place in which a value stands.
func TestStatements(t *testing.T) {
	v, o := verified(t, listed)
	says := map[string][]string{
		"hash":       {"Certificate of digests", "{q1} a.txt", "HOLDS. What is enclosed is, byte for byte, what was sealed", "40a7f0cb"},
		"continuity": {"Statement of continuity", "Criminal Justice Act 1967", "Signature witnessed by: [signature", "examiner of BB key"},
		"fre-902-13": {"902(13)", "under penalty of perjury", "Who vouches for the ledger: HOLDS"},
		"fre-902-14": {"902(14)", "under penalty of perjury", "[device, storage medium or file]"},
	}
	for _, id := range certificate.IDs() {
		d, err := certificate.New(id, v, o, evidence.Hash{7})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join([]string{d.Title, d.Law, d.Draft, d.Note, text(d)}, "\n")
		for _, want := range append(says[id], v.Package.Manifest, v.Trust.SHA256, "AB/3 {id}", v.Items[0].Item.String(), "DRAFT", "[full name]") {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in\n%s", id, want, all)
			}
		}
		rest := strings.NewReplacer("AB/3 {id}", "", "{q1} a.txt", "").Replace(all)
		if left := filledIn.FindString(rest); left != "" || says[id] == nil || d.Form != id+"/1" {
			t.Errorf("%s as %s: %q is left", id, d.Form, left)
		}
		if !strings.HasPrefix(d.Running(), "DRAFT · ") {
			t.Errorf("%s: %s", id, d.Running())
		}
	}
}

// A statement is drafted of a package that holds, and of no other.
func TestRefused(t *testing.T) {
	v, o := verified(t, func(*verifytest.World) verify.Trust { return verify.Trust{} })
	if _, err := certificate.New("hash", v, o, evidence.Hash{}); !errors.Is(err, certificate.ErrOpen) {
		t.Errorf("without a trust list: %v", err)
	}
	v, o = verified(t, listed)
	v.Items[0].Questions[5].Status = verify.Undecided
	if _, err := certificate.New("fre-902-13", v, o, evidence.Hash{}); !errors.Is(err, certificate.ErrOpen) {
		t.Errorf("who vouches is open: %v", err)
	}
	if _, err := certificate.New("hash", v, o, evidence.Hash{}); err != nil {
		t.Errorf("which has nothing to do with digests: %v", err)
	}
	if _, err := certificate.New("oath", v, o, evidence.Hash{}); !errors.Is(err, certificate.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
}

// The files of the statements keep their schema, and are all read.
func TestForms(t *testing.T) {
	names, err := fs.Glob(spec.Certificates, "certificates/*.json")
	if err != nil || len(names) < len(certificate.IDs()) || len(names) < 4 {
		t.Fatalf("%v, %v", names, err)
	}
	schema := spectest.Schema(t, "certificate")
	for _, name := range names {
		b, err := spec.Certificates.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := spectest.Check(schema, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

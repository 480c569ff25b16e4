package verify_test

import (
	"bytes"
	"io"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/verifytest"
)

// A package of what was handed over holds, its copies loose or in bags of either form.
func TestPackageHolds(t *testing.T) {
	s := newStage(verifytest.Config{})
	files := []verifytest.File{{Path: "a.txt", Content: []byte("a")}, {Path: "b.jpg", Content: bytes.Repeat([]byte("b"), 3<<20)}}
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	for _, p := range []verifytest.Packing{{}, {Bags: true}, {Plain: true}} {
		p.By, p.Items, p.Files = s.bob, []*verifytest.Item{s.item}, [][]verifytest.File{files}
		b := s.w.Package(p)
		v, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), s.w.Trust(), verify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v.Exit != verify.ExitHolds {
			t.Errorf("bags %v, plain %v: exit %d: %s", p.Bags, p.Plain, v.Exit, v.Sentence)
		}
		for _, f := range v.Container {
			if f.Status != verify.Holds {
				t.Errorf("bags %v, plain %v: %s of %s is %s: %s", p.Bags, p.Plain, f.Check, f.Subject, f.Status, f.Detail)
			}
		}
	}
}

// A graph that is larger than one may be is left out, whole, and the package holds.
func TestGraphTooLarge(t *testing.T) {
	d := deliveredBy(func(s *stage) verifytest.Packing {
		return verifytest.Packing{By: s.bob, Graph: func(w io.Writer, d *pack.Dossier) error {
			if err := caseuco.Write(w, d); err != nil {
				return err
			}
			return caseuco.ErrLimit
		}}
	})
	if _, there := d.files[pack.GraphName]; there {
		t.Error("the graph is enclosed")
	}
	if v := d.as().verdict(t); v.Exit != verify.ExitHolds {
		t.Errorf("exit %d: %s", v.Exit, v.Sentence)
	}
}

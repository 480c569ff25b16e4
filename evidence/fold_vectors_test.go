package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"github.com/google/go-cmp/cmp"
)

// linkLine is one line of links.jsonl. The leaf hashes of these vectors are
// stand-ins, and their views are of no record.
type linkLine struct {
	Closes    evidence.Seal     `json:"closes,omitzero"`
	Erasure   *evidence.Erasure `json:"erasure,omitempty"`
	Event     json.RawMessage   `json:"event,omitempty"`
	Leaf      evidence.Hash     `json:"leaf"`
	Moved     bool              `json:"moved,omitempty"`
	NotAfter  time.Time         `json:"not_after,omitzero"`
	NotBefore time.Time         `json:"not_before,omitzero"`
	View      *evidence.View    `json:"view,omitempty"`
}

func links(t *testing.T, b []byte) []evidence.Link {
	var list []evidence.Link
	for line := range bytes.Lines(b) {
		var l linkLine
		if err := evidence.ParseCanonical(bytes.TrimSuffix(line, []byte("\n")), &l); err != nil {
			t.Fatal(err)
		}
		link := evidence.Link{
			Leaf: l.Leaf, View: l.View, Closes: l.Closes, Erasure: l.Erasure,
			Moved: l.Moved, NotBefore: l.NotBefore, NotAfter: l.NotAfter,
		}
		if l.Event != nil {
			link.Event = new(evidence.Event)
			wire := struct {
				*evidence.Event
				Format string `json:"format"`
			}{Event: link.Event}
			// Some vectors hold events that are not valid: Fold must say so.
			if err := evidence.ParseCanonical(l.Event, &wire); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, link)
	}
	return list
}

func TestFoldVectors(t *testing.T) {
	for _, v := range vectors(t, "fold-") {
		t.Run(v.name, func(t *testing.T) {
			asOf, err := time.Parse(time.RFC3339, string(v.files["as_of"]))
			if err != nil {
				t.Fatal(err)
			}
			timeline, err := evidence.Fold(links(t, v.files["links.jsonl"]), asOf)
			if got := foldAnswer(timeline, err); got != v.want {
				t.Errorf("got %s, want %s (%v)", got, v.want, err)
			}
			if diff := cmp.Diff(string(v.files["timeline"]), render(timeline)); diff != "" {
				t.Errorf("timeline (-want +got):\n%s", diff)
			}
			if _, err := evidence.Canonical(timeline); err != nil {
				t.Errorf("timeline has no canonical form: %v", err)
			}
		})
	}
}

// foldAnswer puts the answer in the words of the vectors: the first gap decides.
func foldAnswer(tl *evidence.Timeline, err error) string {
	var chain *evidence.ChainError
	switch {
	case errors.As(err, &chain):
		return "fails:" + string(chain.Check)
	case err != nil:
		return err.Error()
	case len(tl.Gaps) > 0:
		return "undecided:" + string(tl.Gaps[0].Code)
	}
	return "holds"
}

// render writes a timeline as the short lines of the vectors; keys are named by
// their first digit.
func render(tl *evidence.Timeline) string {
	var b strings.Builder
	key := func(k evidence.KeyID) string { return k.String()[:1] }
	party := func(c evidence.Counterparty) string {
		if c.Kind == evidence.PartyKey {
			return key(c.Key)
		}
		return string(c.Kind)
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ".."
		}
		return t.Format(time.RFC3339Nano)
	}
	fmt.Fprintf(&b, "state %s\n", tl.State)
	if c := tl.Custodian; c != nil {
		fmt.Fprintf(&b, "custodian %s\n", key(c.Key))
	}
	if p := tl.Pending; p != nil {
		fmt.Fprintf(&b, "pending %d %s to %s %s\n", p.Seq, key(p.Giver.Key), party(p.To), at(p.Due))
	}
	if tl.Holds > 0 {
		fmt.Fprintf(&b, "holds %d\n", tl.Holds)
	}
	if tl.Erased > 0 {
		fmt.Fprintf(&b, "erased %d\n", tl.Erased)
	}
	for _, s := range tl.Spans {
		words := []string{"span", string(s.Kind)}
		if s.Custodian != nil {
			words = append(words, key(s.Custodian.Key))
		}
		if s.OfferedTo != nil {
			words = append(words, "to", party(*s.OfferedTo))
		}
		seqs := fmt.Sprint(s.BeginSeq)
		if s.EndSeq != nil {
			seqs += fmt.Sprintf("-%d", *s.EndSeq)
		}
		words = append(words, at(s.Begin), at(s.End), "seq", seqs)
		fmt.Fprintln(&b, strings.Join(words, " "))
	}
	for _, o := range tl.Open {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("open %s %d %s", o.Purpose, o.Seq, o.Origin)))
	}
	for _, g := range tl.Gaps {
		fmt.Fprintf(&b, "gap %s %d", g.Code, g.Seq)
		if !g.Begin.IsZero() || !g.End.IsZero() {
			fmt.Fprintf(&b, " %s %s", at(g.Begin), at(g.End))
		}
		fmt.Fprintln(&b)
	}
	for _, g := range tl.Undecided {
		fmt.Fprintf(&b, "undecided %s %d\n", g.Code, g.Seq)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

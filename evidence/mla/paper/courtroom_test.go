//go:build courtroom

package paper_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/paper"
)

// TestCourtroomForms writes every form as a page, complete, empty, and with answers
// that it cannot have, to be looked at in a browser.
func TestCourtroomForms(t *testing.T) {
	dir := os.Getenv("COURTROOM_CASES")
	if dir == "" {
		t.Fatal("COURTROOM_CASES names no folder")
	}
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		odd := map[string]any{"no-such-field": "x"}
		for _, s := range form.Sections {
			odd[s.Fields[0]] = []any{"an answer that this field cannot have, in سامي's words"}
		}
		for as, fields := range map[string]map[string]any{"complete": complete(t, name), "empty": nil, "odd": odd} {
			d := document(t, paper.Filled{Instrument: i, Form: form, Fields: fields, Signed: as == "complete"}, mla.Issuing, "xx")
			if err := os.WriteFile(filepath.Join(dir, name+"-"+as+".html"), []byte(page(t, d)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
}

package mla_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
)

// Everything that can be ticked in a published form can be ticked in ours, and what
// we add is known to be ours: each list of codes of the Union's forms is exactly
// that of testdata/choices.txt, of which those of an annex are 32.
func TestFormsHaveEveryChoice(t *testing.T) {
	b, err := os.ReadFile("testdata/choices.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); len(cells) == 3 && line[0] != '#' {
			listed[cells[0]+" "+cells[1]] = cells[2]
		}
	}
	for id, form := range forms(t) {
		if !strings.HasPrefix(id, "eio-") && !strings.HasPrefix(id, "epoc") {
			continue // the treaties have no form with boxes
		}
		pack, err := mla.Builtin().Pack(form)
		if err != nil {
			t.Fatal(err)
		}
		for name, codes := range choices(pack.AllFields(), "") {
			want := listed[id+" "+name]
			delete(listed, id+" "+name)
			if want == strconv.Itoa(len(codes)) {
				continue
			}
			all := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(want))
			slices.Sort(all)
			slices.Sort(codes)
			if !slices.Equal(all, codes) {
				t.Errorf("%s %s can be %v; %v is meant", id, name, codes, all)
			}
		}
	}
	for name := range listed {
		t.Errorf("%s: nothing of the kind can be ticked", name)
	}
}

// choices returns the codes of every field, those of a group behind its name.
func choices(fields []*rules.Field, above string) map[string][]string {
	out := map[string][]string{}
	for _, f := range fields {
		for _, v := range f.Values {
			out[above+f.Name] = append(out[above+f.Name], v.Code)
		}
		for i := range f.Fields {
			for name, codes := range choices([]*rules.Field{&f.Fields[i]}, above+f.Name+".") {
				out[name] = codes
			}
		}
	}
	return out
}

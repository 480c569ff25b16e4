package standards

import (
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/intake"
	"example.org/custody/evidence/rules"
)

// Imported is what the files that are to be sealed say of themselves.
type Imported struct {
	Kept  []intake.Kept // for the record's field [intake.Field]
	Taken []string      // fields that were answered with it, sorted
	Notes []intake.Note
}

// Import reads what tools wrote about the files at paths (spec/standards.md,
// "Intake") and answers with it the fields of the pack that given leaves open.
// An answer that is not of its field's type is none: it is a note.
func Import(pack *rules.Pack, given map[string]any, paths []string) (*Imported, error) {
	if len(paths) == 0 {
		return &Imported{}, nil
	}
	src, err := evidence.OpenSource(paths...)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	found, err := evidence.Walk(src)
	if err != nil {
		return nil, err
	}
	in := intake.Read(src, found)
	out := &Imported{Kept: in.Kept, Notes: in.Notes}
	for _, f := range pack.AllFields() {
		v, there := in.Fields[f.Name]
		if _, answered := given[f.Name]; answered || !there {
			continue
		}
		if _, err := pack.Answers(map[string]any{f.Name: v}); err != nil {
			out.Notes = append(out.Notes, intake.Note{File: f.Name, Text: fmt.Sprintf("what the files say does not fit: %v", err)})
			continue
		}
		given[f.Name] = v
		out.Taken = append(out.Taken, f.Name)
	}
	slices.Sort(out.Taken)
	return out, nil
}

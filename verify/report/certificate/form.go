package certificate

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// Format is the format of spec/certificates/README.md.
const Format = "custody/certificate/v1"

// Form is a statement as data.
type Form struct {
	Format    string  `json:"format"`
	ID        string  `json:"id"`
	Version   int     `json:"version"`
	Language  string  `json:"language"` // of its words
	Title     string  `json:"title"`
	Law       string  `json:"law"`
	Draft     string  `json:"draft"` // the mark
	DraftNote string  `json:"draft-note"`
	Holds     []int   `json:"holds"` // questions that have to hold about every item
	Blocks    []Block `json:"blocks"`
}

// Block is one paragraph, one table of the report, or what stands for every item.
type Block struct {
	Heading string  `json:"heading,omitempty"`
	Text    string  `json:"text,omitempty"`
	Table   string  `json:"table,omitempty"` // files, custody, acts
	Each    []Block `json:"each,omitempty"`
}

// forms reads every statement of this program, once, by id.
var forms = sync.OnceValue(func() []*Form {
	files, err := fs.Glob(spec.Certificates, "certificates/*.json")
	if err != nil || len(files) == 0 {
		panic(fmt.Sprintf("internal error: statements of this program: %v", err))
	}
	var all []*Form
	for _, file := range files {
		f := new(Form)
		b, err := spec.Certificates.ReadFile(file)
		if err == nil {
			_, err = rules.ReadData(file, b, f)
		}
		if err == nil && (f.Format != Format || file != fmt.Sprintf("certificates/%s-%d.json", f.ID, f.Version)) {
			err = fmt.Errorf("%s: %s version %d in the format %q", file, f.ID, f.Version, f.Format)
		}
		if err != nil {
			panic("internal error: statements of this program: " + err.Error())
		}
		all = append(all, f)
	}
	return all
})

// IDs are the statements that there are, in order.
func IDs() (all []string) {
	for _, f := range forms() {
		all = append(all, f.ID)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// find returns the newest version of a statement, or nil.
func find(id string) (newest *Form) {
	for _, f := range forms() {
		if f.ID == id && (newest == nil || f.Version > newest.Version) {
			newest = f
		}
	}
	return newest
}

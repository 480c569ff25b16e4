package copies

import (
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// recordedFile is a file as a record has it.
type recordedFile struct {
	item   evidence.ItemID
	name   string // file/n, or seq/file/n for another event than the first
	raw    string // path; "" when withheld
	safe   string // path below the folder that Extract writes
	value  evidence.FileValue
	hidden bool
	used   bool
}

// recordedFiles lists what the records of the dossier's items show of files;
// hides says that some entry, which may be a file, is held back.
func recordedFiles(d *pack.Dossier) (all []*recordedFile, hides bool, err error) {
	var safe evidence.SafePaths
	for _, line := range d.Items {
		for _, e := range d.Events {
			id, seq, err := e.Place()
			if err != nil || id != line.Item || e.Record == nil {
				continue
			}
			files, err := filesOf(e.Record, seq)
			if err != nil {
				return nil, false, fmt.Errorf("item %s: %w", id.Short(), err)
			}
			hides = hides || slices.ContainsFunc(e.Record.Entries, func(e evidence.ViewEntry) bool { return e.Form == evidence.NameWithheld })
			for _, f := range files {
				f.item, hides = id, hides || f.hidden
				if f.safe = f.raw; !f.hidden {
					f.safe, _ = safe.Map(itemFolder(d, id) + f.raw)
				}
				all = append(all, f)
			}
		}
	}
	return all, hides, nil
}

// itemFolder is the folder of one item below the one that Extract writes: none
// when the package is about one item alone.
func itemFolder(d *pack.Dossier, id evidence.ItemID) string {
	if len(d.Items) == 1 {
		return ""
	}
	return id.Short() + "/"
}

// filesOf returns the files of one record, by their number.
func filesOf(v *evidence.View, seq uint64) ([]*recordedFile, error) {
	var files []*recordedFile
	for n, entry := range v.Files() {
		f := &recordedFile{name: evidence.FileName(n)}
		if seq > 0 {
			f.name = fmt.Sprintf("%d/%s", seq, f.name)
		}
		if entry.Form != evidence.Shown {
			f.hidden = true
			files = append(files, f)
			continue
		}
		var err error
		if f.value, err = evidence.ParseFileValue(entry.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if f.raw, err = f.value.RawPath(); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		files = append(files, f)
	}
	return files, nil
}

func (r *recordedFile) equals(have *evidence.Digests) bool {
	return have != nil && r.value.Digests != nil && r.value.Digests.Check(*have) == nil
}

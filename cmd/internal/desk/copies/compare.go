package copies

import (
	"cmp"
	"context"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// Match says how a reader's own copy of a file stands to the record.
type Match string

// The results of a comparison.
const (
	Matches  Match = "match"    // the bytes are those that were sealed
	Differs  Match = "differs"  // the bytes are others
	Missing  Match = "missing"  // recorded, and not among the reader's files
	Extra    Match = "extra"    // among the reader's files, and not recorded
	NotShown Match = "withheld" // its digests are not shown, so nothing can be compared
	Unread   Match = "unread"   // it could not be read, or is no regular file
)

// Compared is one file of a comparison.
type Compared struct {
	Result   Match             `json:"result"`
	Path     string            `json:"path"`               // of the reader's copy, or as recorded when there is none
	Item     string            `json:"item,omitempty"`     // whose record has it
	File     string            `json:"file,omitempty"`     // its name in that record
	Recorded string            `json:"recorded,omitempty"` // path in the record, when it is another
	Want     *evidence.Digests `json:"want,omitempty"`     // as recorded
	Have     *evidence.Digests `json:"have,omitempty"`     // of the reader's copy
	Detail   string            `json:"detail,omitempty"`
}

// Comparison is what came of comparing a reader's own files with a record.
type Comparison struct {
	Path   string        `json:"path"`
	Files  []Compared    `json:"files"`
	Counts map[Match]int `json:"counts"`
}

// Compare compares the reader's own file or folder with what the dossier's
// records say was sealed. A file is found by its path, as recorded or as
// [Extract] would write it, or else by its content. What the record says is only
// worth as much as the verdict on it.
func Compare(ctx context.Context, d *pack.Dossier, own string, p progress.Sink) (*Comparison, error) {
	info, err := os.Stat(own)
	if err != nil {
		return nil, err
	}
	recorded, hides, err := recordedFiles(d)
	if err != nil {
		return nil, err
	}
	c := newComparing(recorded, info.IsDir())
	c.hides = hides
	c.out.Path = own
	src, err := evidence.OpenSource(own)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if err := c.read(ctx, src, p); err != nil {
		return nil, err
	}
	c.pair()
	return c.out, nil
}

// Same reports whether every file compared is what was sealed, and none is
// missing or unaccounted for.
func (c *Comparison) Same() bool { return c.Counts[Matches] == len(c.Files) && len(c.Files) > 0 }

// comparing pairs the reader's files with the recorded ones.
type comparing struct {
	folder   bool // the reader named a folder, not one file
	hides    bool // some recorded file may be held back
	recorded []*recordedFile
	byPath   map[string][]*recordedFile
	byTree   map[evidence.Hash][]*recordedFile
	own      []*Compared // the reader's files, digested
	out      *Comparison
}

func newComparing(recorded []*recordedFile, folder bool) *comparing {
	c := &comparing{
		folder: folder, recorded: recorded, byPath: map[string][]*recordedFile{}, byTree: map[evidence.Hash][]*recordedFile{},
		out: &Comparison{Files: []Compared{}, Counts: map[Match]int{}},
	}
	for _, r := range recorded {
		if r.hidden {
			continue
		}
		paths := []string{r.raw, r.safe}
		if !folder { // a single file goes by its own name, wherever the record has it
			paths = []string{path.Base(r.raw), path.Base(r.safe)}
		}
		for _, p := range slices.Compact(paths) {
			c.byPath[p] = append(c.byPath[p], r)
		}
		if r.value.Digests != nil {
			c.byTree[r.value.Digests.Tree] = append(c.byTree[r.value.Digests.Tree], r)
		}
	}
	return c
}

// read digests the reader's files.
func (c *comparing) read(ctx context.Context, src evidence.Source, p progress.Sink) error {
	found, err := evidence.Walk(src)
	if err != nil {
		return err
	}
	var total int64
	for _, f := range found {
		total += f.Size
	}
	p.Stage("comparing", total, len(found))
	for _, f := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Kind == evidence.KindDir {
			continue
		}
		p.File(f.Path)
		own := &Compared{Path: f.Path, Result: Extra}
		v, err := evidence.ReadFound(src, f, func(r io.Reader, _ int64) (evidence.Digests, error) {
			return evidence.DigestReader(progress.Reader(r, p), evidence.WithSHA256, nil)
		})
		if err != nil {
			return err
		}
		if own.Have = v.Digests; v.Kind != evidence.KindFile {
			own.Result, own.Have, own.Detail = Unread, nil, string(v.Kind)+" "+v.Reason
		}
		c.own = append(c.own, own)
	}
	return nil
}

// pair finds for each of the reader's files the recorded one: first that of the
// same path and content, then of the same path, then of the same content. A
// single file is looked for by its content first. When the reader named a
// folder, what nobody claims is missing.
func (c *comparing) pair() {
	samePath := func(own *Compared) []*recordedFile { return c.byPath[own.Path] }
	c.each(samePath, true)
	if !c.folder {
		c.each(c.sameTree, true)
	}
	c.each(samePath, false)
	c.each(c.sameTree, true)
	for _, own := range c.own {
		if !c.folder && own.Result == Extra && !c.hides {
			own.Result, own.Detail = Differs, "no recorded file has this content"
		}
		c.add(*own)
	}
	if c.folder {
		c.rest()
	}
	slices.SortStableFunc(c.out.Files, func(a, b Compared) int { return cmp.Compare(a.Path, b.Path) })
}

// rest adds what is recorded and not among the reader's files.
func (c *comparing) rest() {
	for _, r := range c.recorded {
		switch {
		case r.used:
		case r.hidden:
			c.add(Compared{Result: NotShown, Path: r.name, Item: r.item.String(), File: r.name})
		case r.value.Digests != nil:
			c.add(Compared{Result: Missing, Path: r.raw, Item: r.item.String(), File: r.name, Want: r.value.Digests})
		}
	}
}

func (c *comparing) sameTree(own *Compared) []*recordedFile {
	if own.Have == nil {
		return nil
	}
	return c.byTree[own.Have.Tree]
}

// each pairs every file that has none yet with a free candidate, of equal
// content if that is asked.
func (c *comparing) each(candidates func(*Compared) []*recordedFile, equal bool) {
	for _, own := range c.own {
		if own.File != "" {
			continue
		}
		for _, r := range candidates(own) {
			if !r.used && (!equal || r.equals(own.Have)) {
				own.take(r)
				break
			}
		}
	}
}

// take notes the recorded file and how the copy stands to it.
func (o *Compared) take(r *recordedFile) {
	r.used = true
	o.Item, o.File, o.Want = r.item.String(), r.name, r.value.Digests
	if r.raw != o.Path {
		o.Recorded = r.raw
	}
	if o.Have == nil || o.Want == nil {
		o.Result = Unread
		return
	}
	o.Result = Matches
	if err := o.Want.Check(*o.Have); err != nil {
		o.Result, o.Detail = Differs, err.Error()
	}
}

func (c *comparing) add(f Compared) {
	c.out.Files = append(c.out.Files, f)
	c.out.Counts[f.Result]++
}

// hasPrefixFold reports whether hexadecimal text begins with what a person typed.
func hasPrefixFold(hex, typed string) bool { return strings.HasPrefix(hex, strings.ToLower(typed)) }

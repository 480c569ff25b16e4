package copies

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Errors of taking evidence out of a package.
var (
	ErrNotEmpty    = errors.New("the folder is there and not empty")
	ErrNoItem      = errors.New("no such item in the package")
	ErrWhichItem   = errors.New("several items of the package fit")
	ErrNotEnclosed = errors.New("the package encloses no evidence copy")
	ErrNotReader   = errors.New("every evidence copy is encrypted to other readers")
	ErrNotSame     = errors.New("the verdict does not say that it is the same evidence that was sealed")
	ErrChangedCopy = errors.New("a copy in the package changed after it was verified")
)

// Extraction says what to take out of a package that was verified and holds.
type Extraction struct {
	Package  *pack.Package
	Verdict  *verify.Verdict // what came of verifying the package
	Dir      string          // folder to make; must not exist or be empty
	Item     string          // beginning of the id of the only item wanted; "" for all
	Keys     verify.Keys     // of the reader; nil: none
	Progress progress.Sink
}

// ExtractedFile is one file that was taken out.
type ExtractedFile struct {
	Path     string          `json:"path"` // below the folder, slash-separated
	Recorded string          `json:"recorded,omitempty"`
	Item     evidence.ItemID `json:"item"`
	File     string          `json:"file"` // name in the record
	Size     int64           `json:"size"`
	SHA256   evidence.Hash   `json:"sha256"`
}

// Extracted is what came of an extraction.
type Extracted struct {
	Dir         string          `json:"dir"`
	Files       []ExtractedFile `json:"files"`
	Bytes       int64           `json:"bytes"`
	Renamed     int             `json:"renamed"`              // files whose recorded path was not safe to create
	NotEnclosed int             `json:"not_enclosed"`         // files that are recorded, shown, and not in the package
	NotOpened   int             `json:"not_opened,omitempty"` // copies that are encrypted to other readers
}

// Extract writes the evidence copies of a package to a new folder, under their
// recorded paths made harmless ([evidence.SafePaths]). Every byte is compared
// with the record once more while it is written, and the folder appears whole or
// not at all.
//
// Whether the package holds is the caller's to ask first. A trust list can leave question
// 1 out of what it requires: nothing is taken out of an item of which the verdict does not
// say that it holds, [ErrNotSame].
func Extract(ctx context.Context, x Extraction) (out *Extracted, err error) {
	if err := Vacant(x.Dir); err != nil {
		return nil, err
	}
	e := &extracting{Extraction: x, out: &Extracted{Dir: x.Dir, Files: []ExtractedFile{}}, bags: map[string]*asic.Bag{}}
	if err := e.choose(); err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(x.Dir)
	if err != nil {
		return nil, err
	}
	part, err := os.MkdirTemp(filepath.Dir(whole), ".custody-open-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(part) // nothing is left of an extraction that failed
	for _, f := range e.files {
		if err := e.write(ctx, part, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.recorded.name, err)
		}
	}
	if err := syncAll(part); err != nil {
		return nil, err
	}
	os.Remove(x.Dir) // an empty folder may stand in the place
	if err := os.Rename(part, x.Dir); err != nil {
		return nil, err
	}
	return e.out, durable.Files{}.SyncDir(filepath.Dir(whole))
}

// Vacant refuses a folder that holds anything.
func Vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return nil
}

// extracting is an extraction under way.
type extracting struct {
	Extraction
	out   *Extracted
	files []chosenFile
	bags  map[string]*asic.Bag
}

// chosenFile is a copy to be written.
type chosenFile struct {
	at       pack.Enclosed
	recorded *recordedFile
}

// choose pairs the enclosed copies with what the records say of them.
func (e *extracting) choose() error {
	recorded, _, err := recordedFiles(e.Package.Dossier)
	if err != nil {
		return err
	}
	type key struct {
		item evidence.ItemID
		file string
	}
	byName := map[key]*recordedFile{}
	for _, r := range recorded {
		byName[key{r.item, r.name}] = r
	}
	items, err := e.wanted()
	if err != nil {
		return err
	}
	var total int64
	for _, line := range items {
		for _, at := range line.Payload {
			r := byName[key{line.Item, at.File}]
			if r == nil || r.hidden || r.value.Digests == nil {
				return fmt.Errorf("%s has a copy without digests in the record: %w", at.File, ErrNotEnclosed)
			}
			r.used = true
			if !e.reads(at.Entry) {
				e.out.NotOpened++
				continue
			}
			if !same(e.Verdict, line.Item) {
				return fmt.Errorf("item %s: %w", line.Item, ErrNotSame)
			}
			total += r.value.Digests.Size
			e.files = append(e.files, chosenFile{at, r})
		}
		for _, r := range recorded {
			if r.item == line.Item && !r.used && !r.hidden && r.value.Digests != nil {
				e.out.NotEnclosed++
			}
		}
	}
	switch {
	case len(e.files) == 0 && e.out.NotOpened > 0:
		return ErrNotReader
	case len(e.files) == 0:
		return ErrNotEnclosed
	}
	e.Progress.Stage("writing", total, len(e.files))
	return nil
}

// same reports whether question 1 holds for an item, whether it is required or not.
func same(v *verify.Verdict, item evidence.ItemID) bool {
	return v != nil && slices.ContainsFunc(v.Items, func(i verify.ItemVerdict) bool {
		return i.Item == item && slices.ContainsFunc(i.Questions, func(q verify.Question) bool { return q.N == 1 && q.Status == verify.Holds })
	})
}

// wanted returns the items to take out.
func (e *extracting) wanted() ([]pack.ItemLine, error) {
	lines := e.Package.Dossier.Items
	if e.Item == "" {
		return lines, nil
	}
	fit := slices.DeleteFunc(slices.Clone(lines), func(l pack.ItemLine) bool { return !hasPrefixFold(l.Item.String(), e.Item) })
	switch len(fit) {
	case 0:
		return nil, fmt.Errorf("%q: %w", e.Item, ErrNoItem)
	case 1:
		return fit, nil
	}
	return nil, fmt.Errorf("%q: %w", e.Item, ErrWhichItem)
}

// write copies one file below dir and compares it with its record.
func (e *extracting) write(ctx context.Context, dir string, f chosenFile) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.Progress.File(f.recorded.raw)
	src, err := e.open(f.at)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, filepath.FromSlash(f.recorded.safe))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	got, err := WriteDigested(to, progress.Reader(src, e.Progress))
	if err != nil {
		return err
	}
	if err := f.recorded.value.Digests.Check(got); err != nil {
		return fmt.Errorf("%w: %w", ErrChangedCopy, err)
	}
	if at := f.recorded.value.Modified; at != nil {
		if err := os.Chtimes(to, *at, *at); err != nil {
			return err
		}
	}
	e.note(f, got)
	return nil
}

// reads reports whether an entry is for everybody, or for the holder of the keys.
func (e *extracting) reads(entry string) bool {
	recipients := e.Package.Dossier.ReadersOf(entry)
	return recipients == nil || e.Keys != nil && slices.ContainsFunc(recipients, e.Keys.Has)
}

// open streams a copy from the container or from an inner bag.
func (e *extracting) open(at pack.Enclosed) (io.Reader, error) {
	if at.Member == "" {
		r, _, err := e.entry(at.Entry)
		return r, err
	}
	bag, ok := e.bags[at.Entry]
	if !ok {
		r, size, err := e.entry(at.Entry)
		if err != nil {
			return nil, err
		}
		if bag, err = asic.OpenBag(r, size, asic.Limits{}); err != nil {
			return nil, err
		}
		e.bags[at.Entry] = bag
	}
	return bag.Open(at.Member)
}

// entry returns what is in an entry, decrypted if it is encrypted.
func (e *extracting) entry(name string) (*io.SectionReader, int64, error) {
	src, err := e.Package.Section(name)
	if err != nil || e.Package.Dossier.ReadersOf(name) == nil {
		return src, src.Size(), err
	}
	plain, size, err := e.Keys.Open(src, src.Size())
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrChangedCopy, err)
	}
	return io.NewSectionReader(plain, 0, size), size, nil
}

func (e *extracting) note(f chosenFile, got evidence.Digests) {
	done := ExtractedFile{Path: f.recorded.safe, Item: f.recorded.item, File: f.recorded.name, Size: got.Size, SHA256: got.SHA256}
	if plain := itemFolder(e.Package.Dossier, f.recorded.item) + f.recorded.raw; plain != f.recorded.safe {
		done.Recorded = f.recorded.value.Path
		e.out.Renamed++
	}
	e.out.Files = append(e.out.Files, done)
	e.out.Bytes += got.Size
}

// syncAll makes every file below dir durable, many at a time: one after the other
// would wait for the disk once for each.
func syncAll(dir string) error {
	var g errgroup.Group
	g.SetLimit(32)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		g.Go(func() error {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			return errors.Join(f.Sync(), f.Close())
		})
		return nil
	})
	return errors.Join(err, g.Wait())
}

// WriteDigested writes a new file and returns the digests of what it wrote.
func WriteDigested(name string, r io.Reader) (evidence.Digests, error) {
	w, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return evidence.Digests{}, err
	}
	d, err := evidence.DigestReader(r, evidence.WithSHA256, w)
	return d, errors.Join(err, w.Close())
}

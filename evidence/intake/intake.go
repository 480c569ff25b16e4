package intake

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"example.org/custody/evidence"
)

// Field is the entry of a collect's record that keeps what was read, as a list
// of [Kept] (spec/record.md, "Fields").
const Field = "imported"

// Intake is what the files say of themselves.
type Intake struct {
	// Fields are answers by field name (spec/standards.md), of JSON types. A
	// standard asks for some of them; the others do not concern it.
	Fields map[string]any
	// Kept is everything that was understood of each file, as stated.
	Kept []Kept
	// Notes say what could not be read, what does not fit, and what was left out.
	Notes []Note

	asked map[string]string // the file from which a field came
	held  int               // bytes of what is kept
}

// Kept is what one file says.
type Kept struct {
	File   string            `json:"file"`   // path among the sealed files
	Format string            `json:"format"` // e01, wacz, bagit, ufdr, exif, c2pa, c2pa-report, list
	Values map[string]string `json:"values"`
}

// Note is one sentence about a file, for whoever seals.
type Note struct {
	File string
	Text string
}

// file is an open file as a reader needs it.
type file struct {
	path string
	size int64
	io.ReaderAt
}

// reader reads one format.
type reader struct {
	format string
	claims func(path string) bool
	read   func(in *Intake, f *file, all *files) error
}

var readers = []reader{
	{"e01", isSegmentOne, readEWF},
	{"wacz", hasSuffix(".wacz"), readWACZ},
	{"bagit", isBag, readBag},
	{"ufdr", hasSuffix(".ufdr"), readUFDR},
	{"photograph", isPhoto, readPhoto},
	{"c2pa-report", isReport, readReport},
	{"list", isList, readList},
}

func hasSuffix(endings ...string) func(string) bool {
	return func(p string) bool { return slices.Contains(endings, strings.ToLower(path.Ext(p))) }
}

// files is what is to be sealed.
type files struct {
	src   evidence.Source
	sizes map[string]int64 // of plain files, by path
}

// open opens a plain file of the set. The caller closes it.
func (s *files) open(p string) (*file, io.Closer, error) {
	f, err := s.src.Open(p)
	if err != nil {
		return nil, nil, err
	}
	at, ok := f.(io.ReaderAt)
	info, err := f.Stat()
	if err != nil || !ok || !info.Mode().IsRegular() {
		f.Close()
		return nil, nil, fmt.Errorf("%s: cannot be read at will", p)
	}
	return &file{p, info.Size(), at}, f, nil
}

// reader returns the whole of f from its start.
func (f *file) reader() *io.SectionReader { return io.NewSectionReader(f, 0, f.size) }

// Read reads what the found files say of themselves. A file that cannot be read
// is a note, never an error.
func Read(src evidence.Source, found []evidence.Found) *Intake {
	in := &Intake{Fields: map[string]any{}, asked: map[string]string{}}
	all := &files{src, map[string]int64{}}
	for _, f := range found {
		if f.Kind == evidence.KindFile {
			all.sizes[f.Path] = f.Size
		}
	}
	for _, p := range slices.Sorted(maps.Keys(all.sizes)) {
		for _, r := range readers {
			if r.claims(p) {
				in.one(r, p, all)
			}
		}
	}
	return in
}

// plainPath reports whether a path is one that a record's text can hold as it is.
func plainPath(p string) bool { return utf8.ValidString(p) && clip(p) == p }

func (in *Intake) one(r reader, p string, all *files) {
	if !plainPath(p) {
		in.note(p, "its name is no plain text; what it says of itself is not read")
		return
	}
	f, closer, err := all.open(p)
	if err != nil {
		in.note(p, "could not be opened: %v", plain(err))
		return
	}
	defer closer.Close()
	if err := r.read(in, f, all); err != nil {
		in.note(p, "%s: %v", r.format, plain(err))
	}
}

// plain takes the path out of an error of the system: the note names it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (in *Intake) note(file, format string, args ...any) {
	switch n := len(in.Notes); {
	case n < maxNotes:
		in.Notes = append(in.Notes, Note{file, clip(fmt.Sprintf(format, args...))})
	case n == maxNotes:
		in.Notes = append(in.Notes, Note{file, "there is more to say; these notes take no more"})
	}
}

// answer fills in a field from a file. Two files that answer it in two ways
// answer nothing: a person has to.
func (in *Intake) answer(f *file, name string, v any) {
	if s, ok := v.(string); ok {
		s = clip(s)
		if s == "" {
			return
		}
		v = s
	}
	from, asked := in.asked[name]
	old, there := in.Fields[name]
	switch {
	case !asked:
		in.Fields[name], in.asked[name] = v, f.path
	case there && !reflect.DeepEqual(old, v):
		delete(in.Fields, name)
		in.note(f.path, "answers the field %s otherwise than %s; it is left open", name, from)
	}
}

// keep keeps what a file says, within limits.
func (in *Intake) keep(f *file, format string, values map[string]string) {
	if len(in.Kept) == maxFiles {
		in.note(f.path, "what it says of itself is not kept: more than %d files do", maxFiles)
		return
	}
	k := Kept{f.path, format, map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := clip(values[name])
		if v == "" || name == "" {
			continue
		}
		if len(k.Values) == maxKept {
			in.note(f.path, "more than %d values; the rest is not kept", maxKept)
			break
		}
		k.Values[clip(name)] = v
	}
	n := k.bytes()
	switch {
	case len(k.Values) == 0:
	case in.held+n > maxHeld:
		in.note(f.path, "what it says of itself is not kept: a record's field takes no more")
	default:
		in.Kept, in.held = append(in.Kept, k), in.held+n
	}
}

// bytes is at most how long k is as JSON.
func (k *Kept) bytes() int {
	n := 64 + 2*len(k.File)
	for name, v := range k.Values {
		n += 2*len(name) + 2*len(v) + 8 // what has to be escaped takes two bytes
	}
	return n
}

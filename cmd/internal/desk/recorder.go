package desk

import (
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
)

// recorder makes the record of a sealing while its files are read. The entries
// of files go to a spool, never into memory, because there may be many thousand.
// A dry run, which writes nothing, keeps them.
type recorder struct {
	s     *Session
	d     *draft
	tree  *evidence.RecordBuilder
	files int
	size  int64 // of the record as a view, bytes, roughly
}

// beginRecord begins the record of a draft with its fields.
func (s *Session) beginRecord(d *draft, fields map[string]any) (*recorder, error) {
	if _, err := limitsIn(fields); err != nil {
		return nil, err
	}
	d.key = evidence.NewRecordKey()
	r := &recorder{s: s, d: d, tree: evidence.NewRecordBuilder(d.key)}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v, err := r.add(name, fields[name])
		if err != nil {
			return nil, err
		}
		d.values = append(d.values, v)
	}
	return r, nil
}

// file adds the next file.
func (r *recorder) file(f evidence.FileValue) error {
	r.files++
	v, err := r.add(evidence.FileName(r.files), f)
	if err != nil {
		return err
	}
	if r.s.DryRun {
		r.d.values = append(r.d.values, v)
		return nil
	}
	if r.d.files == nil {
		if r.d.files, err = r.s.keeper.vault.NewSpool(); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(r.d.files, `,{"name":"%s","value":%s}`, v.Name, v.Value)
	return err
}

func (r *recorder) add(name string, value any) (Value, error) {
	b, err := evidence.Canonical(value)
	if err != nil {
		return Value{}, fmt.Errorf("%q: %w: %w", name, evidence.ErrRecord, err)
	}
	if r.size += int64(len(name) + len(b) + shownExtra); r.size > maxRecord {
		return Value{}, ErrLongPaths
	}
	return Value{Name: name, Value: b}, r.tree.Add(name, b)
}

const (
	// shownExtra is what a view has of an entry beside its name and value, in bytes.
	shownExtra = len(`,{"name":"","salt":"","value":}`) + 64
	// maxRecord is how long a record may be as a view, so that a body or a package
	// with it is read, in bytes.
	maxRecord = evidence.MaxCanonical - 1<<20
)

// leastRecord is how long the record of what was found will be at least, so that
// one that is too long is refused before anything is read.
func leastRecord(found []evidence.Found) (size int64) {
	for _, f := range found {
		size += int64(shownExtra + len(f.Path))
		if f.Kind == evidence.KindFile {
			size += 300 // digests, place in the store, time
		}
	}
	return size
}

// ErrLongPaths reports a record that no reader would take.
var ErrLongPaths = fmt.Errorf("with paths as long as these it has to be fewer: %w", ErrTooManyFiles)

// end gives the draft its roots.
func (r *recorder) end() { r.d.roots = r.tree.Roots() }

// closeFiles removes what the draft's record keeps outside memory, once it is
// queued and in the vault, or given up.
func (d *draft) closeFiles() error {
	if d.files == nil {
		return nil
	}
	files := d.files
	d.files = nil
	return files.Close()
}

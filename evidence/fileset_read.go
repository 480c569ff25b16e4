package evidence

import (
	"io"
	"io/fs"
	"time"
)

// ReadFound reads what the walk found and returns its value for the record.
// Only a regular file is read; its bytes go to consume, once, which returns
// their digests, as [DigestReader] does. size is what the system says at that
// moment.
//
// Everything that can happen to the source becomes part of the value, as
// spec/content.md "File sets" says: a file that is gone or has been replaced by
// something else is vanished; one that cannot be opened, or not be read to its
// end, is unreadable, and what consume was given of it must not be kept; one
// that changes meanwhile is changed. An error is returned only when consume
// fails for a reason of its own.
func ReadFound(src Source, f Found, consume func(r io.Reader, size int64) (Digests, error)) (FileValue, error) {
	if f.Kind != KindFile {
		return f.value(), nil
	}
	file, before, f := openFound(src, f)
	if f.Kind != KindFile {
		return f.value(), nil
	}
	defer file.Close()
	r := &sourceReader{file: file}
	digests, err := consume(r, before.Size())
	switch {
	case r.err != nil:
		return lost(f, r.err).value(), nil
	case err != nil:
		return FileValue{}, err
	}
	v := f.value()
	v.describe(before, digests)
	v.compare(src, f.Path, file, before)
	return v, nil
}

// openFound opens f and makes sure that what was opened is the regular file
// that stands there: never what a symbolic link leads to, never a pipe. Else f
// comes back as another kind.
func openFound(src Source, f Found) (fs.File, fs.FileInfo, Found) {
	listed, err := src.Lstat(f.Path)
	if err != nil {
		return nil, nil, lost(f, err)
	}
	if !listed.Mode().IsRegular() {
		f.Kind, f.Reason = KindVanished, "replaced by "+replacement(listed.Mode())
		return nil, nil, f
	}
	file, err := src.Open(f.Path)
	if err != nil {
		return nil, nil, lost(f, err)
	}
	before, err := file.Stat()
	switch {
	case err != nil:
		f = lost(f, err)
	case !before.Mode().IsRegular() || !src.SameFile(listed, before):
		f.Kind, f.Reason = KindVanished, "replaced while it was opened"
	default:
		return file, before, f
	}
	file.Close()
	return nil, nil, f
}

func replacement(m fs.FileMode) string {
	if k := kindOf(m); k != KindSpecial {
		return string(k)
	}
	return specialText(m)
}

// value returns the members that are known without reading.
func (f Found) value() FileValue {
	v := FileValue{Kind: f.Kind, Collides: f.Collides, Reason: f.Reason, Special: f.Special}
	v.Path, v.PathHex = PathText(f.Path)
	v.Target, v.TargetHex = PathText(f.Target)
	return v
}

// describe adds what is recorded of every file that was read.
func (v *FileValue) describe(i fs.FileInfo, d Digests) {
	v.Digests, v.Mode = &d, modeText(i.Mode())
	if t := i.ModTime().UTC(); rfc3339Year(t) {
		v.Modified = &t
	}
}

// compare turns v into changed unless the system says after reading what it
// said before, and the path still leads to that file.
func (v *FileValue) compare(src Source, path string, file fs.File, before fs.FileInfo) {
	after, err := file.Stat()
	if err != nil {
		after = nil
	}
	now, err := src.Lstat(path)
	v.Replaced = err != nil || !src.SameFile(before, now)
	same := after != nil && after.Size() == before.Size() && after.ModTime().Equal(before.ModTime())
	if same && !v.Replaced && v.Digests.Size == before.Size() {
		return
	}
	v.Kind = KindChanged
	v.Before = observe(before)
	if after != nil {
		v.After = observe(after)
	}
}

func observe(i fs.FileInfo) *Observation {
	o := &Observation{Size: i.Size()}
	if t := i.ModTime().UTC(); rfc3339Year(t) {
		o.Modified = &t
	}
	return o
}

// rfc3339Year reports whether RFC 3339 can write t.
func rfc3339Year(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// sourceReader remembers its own error, so that it can be told from one of the
// consumer that read from it.
type sourceReader struct {
	file fs.File
	err  error
}

func (r *sourceReader) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

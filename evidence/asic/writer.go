package asic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"example.org/custody/evidence"
)

// UnknownSize is the size of an entry whose length shows only when it ends.
const UnknownSize = -1

// Options say how a container is written.
type Options struct {
	// Signatures names the signature files that will follow the manifest, at
	// least one of [SignatureDSSE] and [SignatureCAdES], and perhaps [Timestamp], alone
	// or with [TimestampManifest].
	// The manifest names the last that is no timestamp, so they must be known
	// before it is written.
	Signatures []string
	// Limits are those the container must keep to; the zero value means those
	// of spec/package.md.
	Limits Limits
	// Overwrite lets [Create] replace a file of the same name.
	Overwrite bool
}

// Header describes an entry to be written.
type Header struct {
	// Name is the entry's name; names must ascend bytewise from entry to entry.
	Name string
	// MimeType is its media type: type/subtype, lower case, no parameters.
	MimeType string
	// Size is the exact number of bytes that will be written, or [UnknownSize].
	// Past 4 GiB an unknown size costs a second pass over the entry's bytes.
	Size int64
	// Root marks the one entry that a person opens first, the report.
	Root bool
	// Digest, when set, is asked once, when the entry is closed, for the SHA-256
	// of its content; then the writer does not hash it a second time. A wrong
	// answer makes a container that does not verify.
	Digest func() evidence.Hash
}

// Writer writes one container: files, manifest, signatures, in that order. It
// is not safe for concurrent use. After an error every further call returns it:
// a container in which something failed never becomes complete.
type Writer struct {
	zip        *zipWriter
	sink       *sink
	signatures []string // ascending
	signed     int      // of them, written
	files      []Entry
	manifest   []byte
	open       *entryWriter
	root       string
	closed     bool
	err        error
}

// NewWriter starts a container at the beginning of dst, which must be empty.
// When dst can also be read (io.ReaderAt), entries of unknown size may pass
// 4 GiB.
func NewWriter(dst io.WriterAt, o Options) (*Writer, error) {
	s := newSink(dst)
	w := &Writer{
		zip:        newZipWriter(s, o.Limits.or(MaxEntries, PackageSize)),
		sink:       s,
		signatures: slices.Sorted(slices.Values(o.Signatures)),
	}
	if named(w.signatures) == "" {
		return nil, errors.New("container: no signature file is named")
	}
	for i, name := range w.signatures {
		if signatureType(name) == "" || i > 0 && name == w.signatures[i-1] {
			return nil, fmt.Errorf("container: %q is not a signature file, or named twice", name)
		}
	}
	if slices.Contains(w.signatures, TimestampManifest) && !slices.Contains(w.signatures, Timestamp) {
		return nil, errors.New("container: a timestamp's manifest is named, and no timestamp")
	}
	return w, w.small(mimetypeName, []byte(MimeType))
}

// Create starts the next file and returns where its content goes; closing that
// ends it. Exactly h.Size bytes must be written, when it is not [UnknownSize].
func (w *Writer) Create(h Header) (io.WriteCloser, error) {
	if err := w.ready("create an entry"); err != nil {
		return nil, err
	}
	if err := w.checkHeader(h); err != nil {
		return nil, w.fail(err)
	}
	e, err := newEntryWriter(w, h)
	if err != nil {
		return nil, w.fail(err)
	}
	w.open = e
	return e, nil
}

// WriteFile writes a file whose content is at hand; h.Size is not looked at.
func (w *Writer) WriteFile(h Header, content []byte) error {
	h.Size = int64(len(content))
	e, err := w.Create(h)
	if err != nil {
		return err
	}
	if _, err := e.Write(content); err != nil {
		return err
	}
	return e.Close()
}

// WriteManifest ends the files, writes the manifest and returns its bytes, over
// which the signatures are to be made.
func (w *Writer) WriteManifest() ([]byte, error) {
	if err := w.ready("write the manifest"); err != nil {
		return nil, err
	}
	if len(w.files) == 0 {
		return nil, w.fail(errors.New("container: no file to put in the manifest"))
	}
	w.manifest = appendManifest(nil, named(w.signatures), w.files)
	return slices.Clone(w.manifest), w.small(ManifestName, w.manifest)
}

// TimestampManifest returns what [TimestampManifest] must hold, and a timestamp be over
// when that is announced; nil before [Writer.WriteManifest].
func (w *Writer) TimestampManifest() []byte {
	if w.manifest == nil {
		return nil
	}
	return stampManifest(w.manifest, w.files)
}

// Announced reports whether a signature file of that name is to follow the manifest.
func (w *Writer) Announced(name string) bool { return slices.Contains(w.signatures, name) }

// AddSignature writes one of the signature files that [Options] announced, in
// ascending order of the name, after the manifest.
func (w *Writer) AddSignature(name string, content []byte) error {
	switch {
	case w.err != nil:
		return w.err
	case w.manifest == nil:
		return w.fail(errors.New("container: a signature comes after the manifest"))
	case w.signed == len(w.signatures) || w.signatures[w.signed] != name:
		return w.fail(fmt.Errorf("container: signature file %q was not announced, or is out of order", name))
	}
	if name == TimestampManifest && !bytes.Equal(content, w.TimestampManifest()) {
		return w.fail(fmt.Errorf("container: %s is not what follows from the manifest", name))
	}
	w.signed++
	return w.small(name, content)
}

// Close completes the container. It fails while the manifest or an announced
// signature is missing. It does not close or sync the file beneath.
func (w *Writer) Close() error {
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return nil
	case w.manifest == nil || w.signed < len(w.signatures):
		return w.fail(errors.New("container: manifest or a signature is missing"))
	}
	if err := w.zip.finish(); err != nil {
		return w.fail(err)
	}
	if err := w.sink.flush(); err != nil {
		return w.fail(fmt.Errorf("container: %w", err))
	}
	w.closed = true
	return nil
}

// Size returns the bytes written so far; after [Writer.Close] the container's.
func (w *Writer) Size() int64 { return w.zip.at }

// Zip64 reports, after [Writer.Close], whether the container needs zip64, which
// not every tool that an office may have can read.
func (w *Writer) Zip64() bool { return w.zip.zip64 }

// ready refuses a further file out of turn.
func (w *Writer) ready(what string) error {
	switch {
	case w.err != nil:
		return w.err
	case w.open != nil:
		return w.fail(fmt.Errorf("container: cannot %s: entry %q is still open", what, w.open.head.Name))
	case w.manifest != nil:
		return w.fail(fmt.Errorf("container: cannot %s: the manifest is written", what))
	}
	return nil
}

func (w *Writer) checkHeader(h Header) error {
	if !mimeType(h.MimeType) {
		return refuse(ErrMalformed, h.Name, -1, "%.200q is not a media type", h.MimeType)
	}
	if err := dataName(h.Name); err != nil {
		return refuse(ErrMalformed, h.Name, -1, "%v", err)
	}
	if h.Root && w.root != "" {
		return refuse(ErrMalformed, h.Name, -1, "is marked as root, and so is %q", w.root)
	}
	if reserve := 1 + len(w.signatures); len(w.zip.members)+reserve >= w.zip.limits.Entries {
		return refuse(ErrLimit, h.Name, -1, "leaves no place for manifest and signatures among %d entries", w.zip.limits.Entries)
	}
	if len(w.files) > 0 {
		return w.zip.after(h.Name)
	}
	return nil
}

// small writes an entry that the manifest does not list.
func (w *Writer) small(name string, content []byte) error {
	if _, err := w.zip.begin(name, int64(len(content)), checksum(0, content)); err != nil {
		return w.fail(err)
	}
	if _, err := w.zip.Write(content); err != nil {
		return w.fail(fmt.Errorf("container: entry %q: %w", name, err))
	}
	return nil
}

// fail keeps the first error for all later calls.
func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return w.err
}

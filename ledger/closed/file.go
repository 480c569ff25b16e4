package closed

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"example.org/custody/evidence"
)

// file is a map's file as opened.
type file struct {
	disk   disk
	path   string
	header header // the one that counts
	failed error  // once set, nothing more is written: what is on disk is not known
}

// disk is what the map asks of an open file; tests make it fail.
type disk interface {
	io.ReaderAt
	io.WriterAt
	Stat() (fs.FileInfo, error)
	Sync() error
	Close() error
}

// openDisk opens an existing file; tests replace it.
var openDisk = func(path string) (disk, error) { return os.OpenFile(path, os.O_RDWR, 0) }

// fsync makes a new file or a folder durable; tests replace it.
var fsync = (*os.File).Sync

// Open opens the map of the log o in the file at path, and makes an empty one when
// there is none. It reads two headers and no seal. The caller has the log to
// itself, and with it the map.
//
// A map that was open when its process died is as it was after one of its last two
// flushes. Errors: [ErrDamaged], [ErrOrigin], and those of the file system.
func Open(path string, o evidence.Origin) (*Map, error) {
	m, err := openExisting(path, o)
	if errors.Is(err, fs.ErrNotExist) {
		return Create(path, o)
	}
	return m, err
}

func openExisting(path string, o evidence.Origin) (*Map, error) {
	d, err := openDisk(path)
	if err != nil {
		return nil, fmt.Errorf("map of closed seals: %w", err)
	}
	m, err := open(d, path, o)
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("map of closed seals: %s: %w", path, err)
	}
	return m, nil
}

func open(d disk, path string, o evidence.Origin) (*Map, error) {
	h, err := readHeaders(d)
	if err != nil {
		return nil, err
	}
	if h.origin != originHash(o) {
		return nil, fmt.Errorf("not of %q: %w", o, ErrOrigin)
	}
	m := New(o)
	m.file = &file{disk: d, path: path, header: h}
	m.pos, m.count, m.last, m.tree = h.pos, h.count, h.last, h.tree
	m.root = slot{at: h.root, hash: h.hash}
	return m, nil
}

func readHeaders(d disk) (best header, err error) {
	info, err := d.Stat()
	if err != nil {
		return best, err
	}
	found := false
	for page := range 2 {
		b := make([]byte, headerSize)
		if _, err := d.ReadAt(b, int64(page)*pageSize); err != nil {
			if errors.Is(err, io.EOF) {
				continue
			}
			return best, err
		}
		if h, ok := parseHeader(b, info.Size()); ok && (!found || h.seq > best.seq) {
			best, found = h, true
		}
	}
	if !found {
		return best, fmt.Errorf("no whole header: %w", ErrDamaged)
	}
	return best, nil
}

// Create makes an empty map of the log o in the file at path, in place of
// whatever is there.
func Create(path string, o evidence.Origin) (*Map, error) {
	h := header{seq: 1, origin: originHash(o), last: noMark}
	temp, err := stage(path, func(f *os.File) error { return writePages(f, h) })
	if err != nil {
		return nil, fmt.Errorf("map of closed seals: %w", err)
	}
	if err := swap(temp, path); err != nil {
		return nil, fmt.Errorf("map of closed seals: %w", err)
	}
	return openExisting(path, o)
}

// writePages writes both header pages of a new file, which has one header.
func writePages(f *os.File, h header) error {
	pages := make([]byte, nodesStart)
	copy(pages[pageSize*(h.seq%2):], h.marshal())
	_, err := f.WriteAt(pages, 0)
	return err
}

// Close releases the file. It writes nothing: what was added since the last
// [Map.Flush] is in the log and comes back by [Map.Replay]. The map cannot be used
// afterwards.
func (m *Map) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.disk.Close()
}

// load brings the node in s into memory.
func (m *Map) load(s *slot) error {
	if s.resident() {
		return nil
	}
	if m.file == nil || !s.onDisk() || s.at > m.file.header.nodes {
		return fmt.Errorf("node %d: no such node: %w", s.at, ErrDamaged)
	}
	if err := readNode(m.file.disk, s); err != nil {
		return err
	}
	m.inMemory++
	return nil
}

func readNode(r io.ReaderAt, s *slot) error {
	var b [nodeSize]byte
	_, err := r.ReadAt(b[:], nodeOffset(s.at))
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("node %d is behind the end of the file: %w", s.at, ErrDamaged)
	}
	if err != nil {
		return fmt.Errorf("map of closed seals: node %d: %w", s.at, err)
	}
	return parseNode(&b, s)
}

func nodeOffset(number uint64) int64 { return nodesStart + int64(number-1)*nodeSize }

// stage writes a file beside path, durably, for [swap]. What an earlier process
// left there is overwritten.
func stage(path string, write func(*os.File) error) (temp string, err error) {
	temp = path + ".tmp"
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	if err = write(f); err == nil {
		err = fsync(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(temp)
		return "", err
	}
	return temp, nil
}

// swap puts a staged file in the place of path, durably.
func swap(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename durable. On systems that cannot open folders the
// rename is as durable as the system makes it.
func syncFolder(dir string) error {
	switch runtime.GOOS {
	case "windows", "js", "wasip1", "plan9":
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(fsync(d), d.Close())
}

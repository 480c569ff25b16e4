package trillianlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tiles"
)

// mirror is the log as a C2SP tlog-tiles folder, computed from the leaves that the
// database has. It is what is served and read; it can be made again at any time.
type mirror struct {
	root  string
	files durable.Files
	size  atomic.Uint64 // leaves whose tiles are written

	mu      sync.Mutex // held while it grows
	count   uint64     // leaves in rows and bundle
	last    ledger.Leaf
	bundle  []byte              // entries of the last bundle, unless it is full
	rows    [8][]tlog.Hash      // hashes of the last tile at each level, unless it is full
	pending []file              // computed and not written yet
	loose   map[string]struct{} // written and not synchronised yet
}

// file is one of the folder, its path slash-separated.
type file struct {
	path    string
	content []byte
	full    string // the folder of the partial ones that it replaces, or ""
}

// Read implements [tiles.Source].
func (m *mirror) Read(_ context.Context, path string, limit int64) ([]byte, error) {
	b, err := os.ReadFile(m.path(path))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has %d bytes: %w", path, len(b), errMirror)
	}
	return b, err
}

// errMirror reports a folder of tiles that is not what it was when it was written.
var errMirror = errors.New("the folder of tiles is damaged")

func (m *mirror) path(path string) string { return filepath.Join(m.root, filepath.FromSlash(path)) }

func (m *mirror) reader() tiles.Reader { return tiles.Reader{Source: m, Bad: errMirror, Ahead: 1} }

func (m *mirror) leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return m.reader().Leaves(ctx, from, to, m.size.Load())
}

func (m *mirror) hashes(ctx context.Context, size uint64) tlog.HashReader {
	return m.reader().Hashes(ctx, size, m.size.Load())
}

// checkpoint returns the root of the first size leaves as a checkpoint of o.
func (m *mirror) checkpoint(ctx context.Context, o evidence.Origin, size uint64) (ledger.Checkpoint, error) {
	return ledger.CheckpointOf(o, size, m.hashes(ctx, size))
}

// grow appends leaves. When it fails they are computed, not visible, and written by the
// next call.
func (m *mirror) grow(leaves []ledger.Leaf) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range leaves {
		m.add(l)
	}
	if len(leaves) > 0 {
		m.partials()
	}
	for ; len(m.pending) > 0; m.pending = m.pending[1:] {
		if err := m.write(m.pending[0]); err != nil {
			return fmt.Errorf("tiles of the ledger: %w", err)
		}
	}
	m.pending = nil
	m.size.Store(m.count)
	return nil
}

// add takes a leaf into bundle and rows, and whatever is full into pending.
func (m *mirror) add(l ledger.Leaf) {
	m.bundle = binary.BigEndian.AppendUint16(m.bundle, ledger.LeafSize)
	m.bundle = append(m.bundle, l[:]...)
	n := m.count / tiles.Width
	m.count, m.last = m.count+1, l
	if len(m.bundle) == tiles.Width*tiles.EntrySize {
		m.put(layout.EntriesPath(n, 0), m.bundle, true)
		m.bundle = nil
	}
	h := tlog.Hash(l.Hash())
	for level := range m.rows {
		m.rows[level] = append(m.rows[level], h)
		if len(m.rows[level]) < tiles.Width {
			return
		}
		m.put(layout.TilePath(uint64(level), n, 0), bytesOf(m.rows[level]), true)
		h, n = above(m.rows[level]), n/tiles.Width
		m.rows[level] = nil
	}
}

// partials takes what is not full into pending.
func (m *mirror) partials() {
	if len(m.bundle) > 0 {
		m.put(layout.EntriesPath(m.count/tiles.Width, uint8(len(m.bundle)/tiles.EntrySize)), append([]byte(nil), m.bundle...), false)
	}
	n := m.count / tiles.Width
	for level, row := range m.rows {
		if len(row) > 0 {
			m.put(layout.TilePath(uint64(level), n, uint8(len(row))), bytesOf(row), false)
		}
		n /= tiles.Width
	}
}

func (m *mirror) put(path string, content []byte, full bool) {
	f := file{path: path, content: content}
	if full {
		f.full = path + ".p"
	}
	m.pending = append(m.pending, f)
}

// write writes one file under another name first: a reader sees all of it or nothing.
func (m *mirror) write(f file) error {
	name := m.path(f.path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", f.content, 0o644); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	m.loose[f.path] = struct{}{}
	if f.full != "" {
		return os.RemoveAll(m.path(f.full))
	}
	return nil
}

// sync makes what was written durable.
func (m *mirror) sync() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path := range m.loose {
		f, err := os.Open(m.path(path))
		if errors.Is(err, os.ErrNotExist) { // a full one has replaced it
			delete(m.loose, path)
			continue
		}
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err == nil {
			err = m.files.SyncDir(filepath.Dir(m.path(path)))
		}
		if err != nil {
			return err
		}
		delete(m.loose, path)
	}
	return nil
}

func bytesOf(row []tlog.Hash) []byte {
	b := make([]byte, 0, len(row)*tlog.HashSize)
	for i := range row {
		b = append(b, row[i][:]...)
	}
	return b
}

// above returns the root of a full tile's hashes.
func above(row []tlog.Hash) tlog.Hash {
	row = append([]tlog.Hash(nil), row...)
	for n := len(row); n > 1; n /= 2 {
		for i := range n / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}

package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = 8 // of a tile, in levels
	width      = 1 << height
	entryBytes = 2 + ledger.LeafSize
)

// serveCheckpoint sends the newest checkpoint.
func (n *Node) serveCheckpoint(w http.ResponseWriter, _ *http.Request) error {
	b, err := n.checkpoint()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err = w.Write(b)
	return sent(err)
}

// checkpoint returns the published checkpoint, or the newest one that had enough
// cosignatures, whichever is larger; of equals the one with cosignatures.
func (n *Node) checkpoint() ([]byte, error) {
	if n.Takes {
		return n.latest()
	}
	published, err := os.ReadFile(filepath.Join(n.Tiles, "checkpoint"))
	if err != nil {
		return nil, err
	}
	c, err := ledger.ReadCheckpoint(published)
	if err != nil {
		return nil, fmt.Errorf("published checkpoint: %w", err)
	}
	cosigned, err := os.ReadFile(n.Cosigned)
	if n.Cosigned == "" || errors.Is(err, fs.ErrNotExist) {
		return published, nil
	}
	if err != nil {
		return nil, err
	}
	more, err := ledger.ReadCheckpoint(cosigned)
	switch {
	case err != nil || more.Origin != c.Origin:
		n.Log.Error("cosigned checkpoint is not used", "error", err, "origin", more.Origin)
		return published, nil
	case more.Size > c.Size, more == c:
		return cosigned, nil
	}
	return published, nil
}

// latest returns the newest checkpoint of a ledger that is written here: none but one
// that met the receipt policy is published.
func (n *Node) latest() ([]byte, error) {
	w := n.writing()
	if w == nil {
		return os.ReadFile(n.Cosigned)
	}
	if latest := w.Latest(); latest != nil {
		return latest, nil
	}
	return nil, fmt.Errorf("nothing has met the receipt policy yet: %w", fs.ErrNotExist)
}

// serveTile sends a hash tile or an entry bundle.
func (n *Node) serveTile(w http.ResponseWriter, r *http.Request) error {
	return sendTile(w, n.Tiles, r.URL.Path)
}

// sendTile sends a tile of the ledger in the folder tiles.
func sendTile(w http.ResponseWriter, tiles, path string) error {
	t, err := parseTile(path)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(tiles, filepath.FromSlash(path)))
	if err != nil {
		return tileError(err)
	}
	if err := checkTile(t, b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// A partial tile is replaced by the full one and removed; tessera may also
	// write it again.
	w.Header().Set("Cache-Control", "no-store")
	if t.W == width {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err = w.Write(b)
	return sent(err)
}

// tileError makes a file that cannot exist one that does not.
func tileError(err error) error {
	var path *fs.PathError
	// "x000" is a folder, and a name below a full tile has a file for a folder.
	if errors.As(err, &path) && !errors.Is(err, fs.ErrPermission) {
		if info, failed := os.Stat(path.Path); failed != nil || info.IsDir() {
			return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
		}
	}
	return err
}

// parseTile reads "/tile/…" in the one form that C2SP tlog-tiles gives it; L is -1
// for an entry bundle. Nothing else becomes the name of a file.
func parseTile(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "/tile/")
	if entries, is := strings.CutPrefix(rest, "entries/"); is {
		rest = "data/" + entries
	} else if strings.HasPrefix(rest, "data/") {
		ok = false // x/mod's name for bundles
	}
	// x/mod's tiles are C2SP's, with the height in front.
	t, err := tlog.ParseTilePath("tile/8/" + rest)
	if !ok || err != nil {
		return tlog.Tile{}, &refusal{http.StatusNotFound, "no such tile"}
	}
	return t, nil
}

// checkTile refuses to send a file that has not the length of what it is called.
func checkTile(t tlog.Tile, b []byte) error {
	want := t.W * entryBytes
	if t.L >= 0 {
		want = t.W * tlog.HashSize
	}
	if len(b) != want {
		return fmt.Errorf("%d bytes in place of %d", len(b), want)
	}
	return nil
}

package node

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"github.com/transparency-dev/merkle/rfc6962"
	tclient "github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// Tessera's own checker follows the node while the ledger grows.
func TestFsck(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	root, err := url.Parse(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	f, err := tclient.NewHTTPFetcher(root, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for _, more := range []uint64{1, 254, 300, 11} {
		b.add(n, n+more)
		n += more
		b.publish()
		b.add(n, n+1) // in the tree, not published
		n++
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		done := make(chan error, 1) // fsck waits for ever when it finds damage
		go func() { done <- fsck.New(string(aa), b.vkey, f, bundleHashes, fsck.Opts{N: 2}).Check(ctx) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-ctx.Done():
			t.Fatal("fsck did not finish: it found damage")
		}
		cancel()
	}
}

func bundleHashes(b []byte) ([][]byte, error) {
	var out [][]byte
	for ; len(b) >= entryBytes; b = b[entryBytes:] {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(b[2:entryBytes]))
	}
	return out, nil
}

// A whole ledger is replayed over HTTP by who has its key alone, and its earlier
// trees too.
func TestReplay(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	for n := uint64(0); n < 3000; n += 600 {
		b.add(n, n+600)
	}
	b.publish()
	log := dial(t, s.url).Log()
	signed, err := log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(signed, b.vkey)
	if err != nil || c.Size != b.size() {
		t.Fatalf("checkpoint of size %d, %v", c.Size, err)
	}
	m := closed.New(aa)
	got, err := witness.Replay(t.Context(), signed, []note.Verifier{b.vkey}, log.At(c.Size), m)
	if err != nil || got != c || m.Root() != b.m.Root() {
		t.Fatalf("replayed to %d, %v", got.Size, err)
	}
	for _, size := range []uint64{1, 255, 256, 257, 601, 3004} {
		small, err := ledger.CheckpointOf(aa, size, log.At(c.Size).Hashes(t.Context(), size))
		if err != nil || small != b.tree(size) {
			t.Errorf("tree of size %d: %v", size, err)
		}
	}
}

// Leaves that are not there, and callers that stop early.
func TestLeaves(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 5000)
	tree := dial(t, s.url).Log().At(b.size())
	i := uint64(300)
	for l, err := range tree.Leaves(t.Context(), i, 4000) {
		if err != nil || l != ledgertest.Event(i) {
			t.Fatalf("leaf %d: %v", i, err)
		}
		if i++; i == 700 {
			break
		}
	}
	for _, err := range tree.Leaves(t.Context(), 0, b.size()+1) {
		if err == nil {
			t.Fatal("a leaf beyond the tree")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range tree.Leaves(ctx, 0, 10) {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled: %v", err)
		}
	}
}

func TestPaths(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 300)
	b.publish()
	const forever, never = "public, max-age=31536000, immutable", "no-store"
	for _, c := range []struct {
		method, path, kind, cache string
		status                    int
	}{
		{"GET", "/checkpoint", "text/plain; charset=utf-8", "no-cache", 200},
		{"HEAD", "/checkpoint", "text/plain; charset=utf-8", "no-cache", 200},
		{"GET", "/tile/0/000", "application/octet-stream", forever, 200},
		{"GET", "/tile/entries/000", "application/octet-stream", forever, 200},
		{"GET", "/tile/0/001.p/45", "application/octet-stream", never, 200},
		{"GET", "/tile/entries/001.p/45", "application/octet-stream", never, 200},
		{"GET", "/tile/1/000.p/1", "application/octet-stream", never, 200},
		{"GET", "/healthz", "text/plain; charset=utf-8", never, 200},
		{"GET", "/readyz", "text/plain; charset=utf-8", never, 200},
		{"GET", "/tile/0/001", "", never, 404},
		{"GET", "/tile/0/001.p/44", "", never, 404},
		{"GET", "/tile/0/001.p/045", "", never, 404},
		{"GET", "/tile/0/001.p/0", "", never, 404},
		{"GET", "/tile/0/001.p", "", never, 404},
		{"GET", "/tile/0/1", "", never, 404},
		{"GET", "/tile/0/x000/000", "", never, 404},
		{"GET", "/tile/0", "", never, 404},
		{"GET", "/tile/data/000", "", never, 404},
		{"GET", "/tile/-1/000", "", never, 404},
		{"GET", "/tile/64/000", "", never, 404},
		{"GET", "/tile/0/000%00", "", never, 404},
		{"GET", "/tile/0/000%2f", "", never, 404},
		{"GET", "/tile/%2e%2e/.state/treeState", "", never, 404},
		{"GET", "/.state/treeState", "", "", 404},
		{"GET", "/format", "", "", 404},
		{"GET", "/", "", "", 404},
		{"POST", "/checkpoint", "", "", 405},
		{"DELETE", "/tile/0/000", "", "", 405},
		{"GET", "/witness/add-checkpoint", "", "", 405},
		{"GET", "/nobody/add-checkpoint", "", "", 404},
		{"GET", "/metrics", "", "", 404},
	} {
		resp, body := s.get(t, c.method, c.path)
		if resp.StatusCode != c.status || c.kind != "" && resp.Header.Get("Content-Type") != c.kind || c.cache != "" && resp.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s %s: %d, %q", c.method, c.path, resp.StatusCode, resp.Header)
		}
		if bytes.Contains(body, []byte(b.dir)) {
			t.Errorf("%s %s shows a folder of this machine: %s", c.method, c.path, body)
		}
	}
}

// A file that is not what it is called is not sent, and no fault shows why.
func TestDamagedTile(t *testing.T) {
	b := newBook(t)
	s := newState(t, b, nil)
	b.add(0, 300)
	for _, path := range []string{"tile/0/000", "tile/entries/001.p/45"} {
		name := filepath.Join(s.config.Tiles, filepath.FromSlash(path))
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Remove(name), os.WriteFile(name, whole[:len(whole)-1], 0o600)); err != nil {
			t.Fatal(err)
		}
		if resp, body := s.get(t, "GET", "/"+path); resp.StatusCode != 500 || string(body) != "fault of the node\n" {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
	if _, err := ledger.CheckpointOf(aa, 200, dial(t, s.url).Log().At(301).Hashes(t.Context(), 200)); err == nil {
		t.Error("a tree without its tile")
	}
	for _, err := range dial(t, s.url).Log().At(301).Leaves(t.Context(), 0, 301) {
		var status *client.StatusError
		if err != nil && (!errors.As(err, &status) || status.Status != 500) {
			t.Errorf("leaves: %v", err)
		}
	}
}

// The checkpoint served is the larger one, and of equals the one with cosignatures;
// a cosigned one that is another ledger's, or none, is not used.
func TestCheckpoint(t *testing.T) {
	b := newBook(t)
	cosigned := filepath.Join(t.TempDir(), "cosigned.note")
	s := newState(t, b, func(c *Config) { c.Cosigned = cosigned })
	served := func() []byte {
		_, body := s.get(t, "GET", "/checkpoint")
		return body
	}
	b.add(0, 9)
	b.publish()
	published := served()
	if c, err := ledger.OpenCheckpoint(published, b.vkey); err != nil || c.Size != 10 {
		t.Fatalf("published: %v, %v", c, err)
	}
	keep := func(signed []byte) {
		t.Helper()
		if err := os.WriteFile(cosigned, signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cosign := func() []byte {
		t.Helper()
		r := b.request(0)
		w, key := cosigner(t, "cc-witness", b)
		fresh, err := witness.New(w)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := fresh.Cosign(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		more, err := ledger.AddCosignatures(r.Note, lines, note.VerifierList(key))
		if err != nil {
			t.Fatal(err)
		}
		return more
	}
	equal := cosign()
	b.add(9, 12)
	larger := cosign()
	for _, c := range []struct {
		name       string
		kept, want []byte
	}{{"equal", equal, equal}, {"larger", larger, larger}, {"no note", []byte("cosigned"), published}, {"another ledger", otherNote(t), published}} {
		if keep(c.kept); !bytes.Equal(served(), c.want) {
			t.Errorf("%s: served\n%s", c.name, served())
		}
	}
	keep(equal)
	b.publish()
	if c, err := ledger.ReadCheckpoint(served()); err != nil || c.Size != 14 {
		t.Errorf("behind a newer published one: %v, %v", c, err)
	}
}

func otherNote(t *testing.T) []byte {
	t.Helper()
	skey, _ := logKey(t, "zz.example/ledger")
	signed, err := ledger.Checkpoint{Origin: "zz.example/ledger", Root: ledger.EmptyRoot}.Sign(skey)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

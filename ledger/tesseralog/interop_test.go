//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
)

// TestServedFolderPassesFsck serves the folder as any web server would and lets
// tessera's own checker read it, while the log is open and when it is closed.
func TestServedFolderPassesFsck(t *testing.T) {
	t.Parallel()
	_, key := keys(t)
	dir := made(t, 0)
	l := opened(t, dir)
	srv := httptest.NewServer(http.FileServer(http.Dir(TilesDir(dir))))
	defer srv.Close()
	root, err := url.Parse(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		f, err := client.NewHTTPFetcher(root, srv.Client())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- fsck.New(origin, key, f, bundleHashes, fsck.Opts{N: 2}).Check(ctx) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-ctx.Done():
			t.Fatal("fsck did not finish: it found damage")
		}
	}
	n := uint64(0)
	for _, b := range []uint64{1, 1, 300, 11, 250} {
		appended(t, l, n, n+b)
		n += b
		if err := l.publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		appended(t, l, 10000+n, 10001+n) // in the tree, not published
		n++
		check()
	}
	closed(t, l)
	check()
}

// TestReceiptsVerifyWithTorchwood hands receipts built from this engine's stored
// hashes to an independent reader of C2SP tlog-proof.
func TestReceiptsVerifyWithTorchwood(t *testing.T) {
	t.Parallel()
	signer, key := keys(t)
	dir := made(t, 1000)
	l := opened(t, dir)
	defer l.Close()
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(origin), torchwood.SingleVerifierPolicy(key))
	for _, size := range []uint64{1, 2, 255, 256, 257, 777, 1000} {
		hashes := l.Hashes(t.Context(), size)
		c, err := ledger.CheckpointOf(origin, size, hashes)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := c.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		for i := uint64(0); i < size; i += 1 + size/7 {
			leaf := ledgertest.Event(i)
			r, err := ledger.NewReceipt(signed, hashes, i, leaf)
			if err != nil {
				t.Fatal(err)
			}
			if err := torchwood.VerifyProof(policy, tlog.Hash(leaf.Hash()), r.Marshal()); err != nil {
				t.Errorf("receipt of leaf %d in size %d: %v", i, size, err)
			}
			other := ledgertest.Event(i + 1)
			if torchwood.VerifyProof(policy, tlog.Hash(other.Hash()), r.Marshal()) == nil {
				t.Errorf("receipt of leaf %d in size %d holds for another leaf", i, size)
			}
		}
	}
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// grown is a folder whose writer has logged batches of many sizes; receipts are by
// leaf.
func grown(t *testing.T) (folder, map[ledger.Leaf]Result) {
	t.Helper()
	f := newFolder(t)
	receipts := map[ledger.Leaf]Result{}
	n := uint64(0)
	for range 2 { // a second session begins where the first one ended
		w, err := f.open(true)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []uint64{1, 2, 250, 1, 300, 9} {
			leaves := ledgertest.Events(n, n+b)
			n += b
			got, err := w.Submit(t.Context(), leaves...)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range leaves {
				receipts[l] = got[i]
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return f, receipts
}

// The folder that the writer leaves, served as any web server would, passes
// tessera's own checker.
func TestServedFolderPassesFsck(t *testing.T) {
	f, receipts := grown(t)
	_, key, err := f.logKey()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.FileServer(http.Dir(tesseralog.TilesDir(f.path("ledger")))))
	defer srv.Close()
	root, err := url.Parse(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	fetch, err := client.NewHTTPFetcher(root, srv.Client())
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	bundle := func(b []byte) (out [][]byte, err error) {
		var e api.EntryBundle
		if err := e.UnmarshalText(b); err != nil {
			return nil, err
		}
		for _, entry := range e.Entries {
			if len(entry) != ledger.LeafSize {
				return nil, fmt.Errorf("entry of %d bytes", len(entry))
			}
			read++
			out = append(out, rfc6962.DefaultHasher.HashLeaf(entry))
		}
		return out, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- fsck.New(string(testOrigin), key, fetch, bundle, fsck.Opts{N: 1}).Check(ctx) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("fsck did not finish: it found damage")
	}
	if want := len(receipts) + 12; read != want { // and an epoch for each batch
		t.Fatalf("fsck read %d leaves, %d were written", read, want)
	}
}

// The receipts verify with an independent reader of C2SP tlog-proof, which also
// checks the cosignatures of witness and auditor.
func TestReceiptsVerifyWithTorchwood(t *testing.T) {
	f, receipts := grown(t)
	policies := []torchwood.Policy{torchwood.OriginPolicy(string(testOrigin))}
	for _, name := range []string{"log", "witness", "auditor"} {
		var v note.Verifier
		var err error
		if v, err = note.NewVerifier(f.read(name + ".vkey")); name != "log" {
			v, err = torchwood.NewCosignatureVerifier(f.read(name + ".vkey"))
		}
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, torchwood.SingleVerifierPolicy(v))
	}
	policy := torchwood.ThresholdPolicy(len(policies), policies...)
	for leaf, r := range receipts {
		if err := torchwood.VerifyProof(policy, tlog.Hash(leaf.Hash()), r.Receipt.Marshal()); err != nil {
			t.Errorf("receipt of leaf %d: %v", r.Index, err)
		}
		other := ledgertest.Event(1 << 40)
		if torchwood.VerifyProof(policy, tlog.Hash(other.Hash()), r.Receipt.Marshal()) == nil {
			t.Errorf("receipt of leaf %d holds for another leaf", r.Index)
		}
	}
}

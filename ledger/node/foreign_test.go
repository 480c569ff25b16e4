//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package node

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/witness"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// A log that is not ours, tessera's own with tessera's own witness client, publishes
// only what our witness has signed.
func TestForeignLog(t *testing.T) {
	const foreign = evidence.Origin("log.example/foreign")
	skey, vkey := logKey(t, string(foreign))
	signer, k := cosignerKey(t, "bb-witness")
	key, err := k.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	s := newState(t, newBook(t), func(c *Config) {
		var err error
		if c.Witness, err = witness.New(witness.Config{Signers: []note.Signer{signer}, State: new(witness.Memory), Logs: follow(foreign, vkey)}); err != nil {
			t.Fatal(err)
		}
	})
	policy := fmt.Sprintf("witness w1 %s %s/witness\nquorum w1\n", k, s.url)
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	driver, err := posix.New(ctx, posix.Config{Path: ledgertest.Folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(skey).WithBatching(10, 10*time.Millisecond).WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, nil))
	if err != nil {
		t.Fatal(err)
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
	for n := range 30 {
		_, signed, err := awaiter.Await(ctx, appender.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, "entry %d", n))))
		if err != nil {
			t.Fatal(err)
		}
		if n%10 != 9 {
			continue
		}
		c, err := ledger.OpenCheckpoint(signed, vkey)
		found, errC := ledger.Cosignatures(signed, note.VerifierList(key))
		if err != nil || errC != nil || len(found) != 1 || c.Size <= uint64(n) {
			t.Errorf("published at size %d with %d cosignatures: %v, %v", c.Size, len(found), err, errC)
		}
	}
	if err := shutdown(ctx); err != nil {
		t.Error(err)
	}
}

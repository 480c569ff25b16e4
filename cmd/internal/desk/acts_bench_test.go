package desk

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/ledgertest"
)

// The desk that the benchmark of one act works on: many leaves, of items here and
// gone by, and many items. -desk-leaves makes it smaller for a quick look.
var (
	benchLeaves = flag.Int("desk-leaves", 1_000_000, "leaves in the ledger of BenchmarkOffer")
	benchItems  = flag.Int("desk-items", 100_000, "items in the vault of BenchmarkOffer")
)

// BenchmarkOffer is one command, less starting the process and deriving a key
// from the passphrase: open the home, find the item by the beginning of its id,
// offer it, with receipt and everything durable, close. The target is 300 ms.
func BenchmarkOffer(b *testing.B) {
	home, acting, vault := bigDesk(b)
	ctx := b.Context()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		name := sealedThing(b, home, acting, vault, i)
		runtime.GC()
		b.StartTimer()
		start := time.Now()
		s := session(b, home, acting, vault)
		it, err := s.Find(ctx, name)
		if err != nil {
			b.Fatal(err)
		}
		to, err := s.CardOf("kov")
		if err != nil {
			b.Fatal(err)
		}
		out, err := s.Offer(ctx, Offering{Items: []*Item{it}, To: to, Due: time.Now().Add(time.Hour)})
		if err != nil || out.Done[0].Receipt == nil {
			b.Fatalf("%v, %v", out, err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	b.Logf("one offer with %d leaves and %d items: %s (target: under 300ms)", *benchLeaves, *benchItems, took)
}

// session opens a home as the officer acting, without the key derivation.
func session(b *testing.B, home string, acting *officer, vault *Session) *Session {
	b.Helper()
	h, err := Open(home)
	if err != nil {
		b.Fatal(err)
	}
	s, err := h.unlockWith(b.Context(), vault.vaultID)
	if err != nil {
		b.Fatal(err)
	}
	s.acting = acting
	if err := errors.Join(s.putRight(b.Context()), s.checkRevoked(b.Context(), acting)); err != nil {
		b.Fatal(err)
	}
	return s
}

func sealedThing(b *testing.B, home string, acting *officer, vault *Session, i int) string {
	b.Helper()
	s := session(b, home, acting, vault)
	defer s.Close()
	sealed, err := s.Seal(b.Context(), Sealing{Object: fmt.Sprint("thing ", i)})
	if err != nil {
		b.Fatal(err)
	}
	return sealed.Item.Short()
}

// bigDesk makes a desk with many leaves and many items. The items are names only:
// an act that looked into them would fail.
func bigDesk(b *testing.B) (home string, acting *officer, vault *Session) {
	b.Helper()
	ctx := b.Context()
	home = filepath.Join(b.TempDir(), "home")
	c, err := Create(ctx, CreateOptions{Dir: home, State: "AA", NoRecovery: true})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := Found(ctx, c.Now().Truncate(time.Second), c); err != nil {
		b.Fatal(err)
	}
	for _, alias := range []string{"ann", "kov"} {
		if _, err := c.AddOfficer(ctx, NewOfficer{Alias: alias, Role: evidence.RoleCustodian, Passphrase: "correct horse battery"}); err != nil {
			b.Fatal(err)
		}
	}
	const step = 1 << 16
	for n := 0; n < *benchLeaves; n += step {
		if _, err := c.append(ctx, ledgertest.Events(uint64(n), uint64(min(n+step, *benchLeaves)))); err != nil {
			b.Fatal(err)
		}
	}
	for range *benchItems {
		var id [32]byte
		rand.Read(id[:])
		dir := c.path("vault", "bodies", hex.EncodeToString(id[:]))
		if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "0.age"), nil, 0o600)); err != nil {
			b.Fatal(err)
		}
	}
	acting = c.acting
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	return home, acting, c.Session
}

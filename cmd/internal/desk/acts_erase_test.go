package desk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/verify"
)

// theSecret stands in the content, the record and a later note of an item that is
// erased; no other item knows it.
const theSecret = "the-neighbour-of-7f3a"

// TestErased erases a whole item at a desk whose ledger another state cosigns:
// the value is nowhere in the home any more, the ledger replays, other items
// verify as before, and the erased one shows its leaves and the order.
func TestErased(t *testing.T) {
	c, _ := twoStates(t)
	s := c.Session
	for _, r := range []evidence.Role{evidence.RoleCustodian, evidence.RoleApprover} {
		if _, err := s.AddOfficer(t.Context(), NewOfficer{Alias: string(r), Role: r, Passphrase: testPassphrase}); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"secret.txt": theSecret, "other.txt": "nothing special", "big": strings.Repeat(theSecret, 100_000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := s.mustSeal(t, Sealing{Paths: []string{filepath.Join(dir, "secret.txt"), filepath.Join(dir, "big")},
		Fields: map[string]any{"case": "K", "exhibit": theSecret, "description": theSecret}})
	other := s.mustSeal(t, Sealing{Paths: []string{filepath.Join(dir, "other.txt")}, Fields: map[string]any{"case": "K"}})
	if _, err := s.Do(t.Context(), Act{Item: gone, Action: evidence.Examine, Fields: map[string]any{"note": theSecret}}); err != nil {
		t.Fatal(err)
	}
	if found := findInHome(t, s, theSecret); len(found) < 3 {
		t.Fatalf("the test finds the secret in %v only", found)
	}
	before := exitOf(t, s, other.ID)

	out, err := s.Dispose(t.Context(), Disposal{Item: s.mustLoad(t, gone.ID), Order: "DPA 19/26", Second: string(evidence.RoleApprover), Erase: Erase{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	r := out.Erased
	if r == nil || len(r.Events) != 2 || r.Files != 2 || r.Objects != 2 || len(r.Holders) != 2 || !r.Holders[0].Destroyed {
		t.Fatalf("report %+v", r)
	}
	if found := findInHome(t, s, theSecret); len(found) != 0 {
		t.Errorf("the secret is still in %v", found)
	}
	if after := exitOf(t, s, other.ID); before != verify.ExitHolds || after != before {
		t.Errorf("another item: exit %d before, %d after", before, after)
	}
	if exit := exitOf(t, s, gone.ID); exit != verify.ExitUndecided {
		t.Errorf("the erased item: exit %d, want undecided, for nobody can say any more who held it", exit)
	}
	if _, err := s.Find(t.Context(), theSecret); !errors.Is(err, ErrNoItem) {
		t.Errorf("found by what it was called: %v", err)
	}
	if in, err := s.InCase(t.Context(), "K"); err != nil || len(in) != 1 || in[0].ID != other.ID {
		t.Errorf("in the case: %v, %v", in, err)
	}
	checkReplay(t, s)
	left := s.mustLoad(t, gone.ID)
	if len(left.Entries) != 1 || len(left.Erased) != 2 {
		t.Errorf("left are %d events and %d leaves", len(left.Entries), len(left.Erased))
	}
	timeline, err := s.Timeline(left)
	if err != nil || timeline.Erased != 2 || timeline.State != evidence.StateDisposed {
		t.Errorf("timeline %+v, %v", timeline, err)
	}
}

// checkReplay closes the ledger and opens it again, which compares its map with
// the one replayed from its leaves, and with the last epoch.
func checkReplay(t *testing.T, s *Session) {
	t.Helper()
	if err := s.book.close(); err != nil {
		t.Fatal(err)
	}
	s.book = nil
	if err := os.Remove(s.path("ledger", "closed.map")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.size(t.Context()); err != nil {
		t.Errorf("the ledger does not replay: %v", err)
	}
}

// exitOf verifies what the desk can show of an item.
func exitOf(t *testing.T, s *Session, id evidence.ItemID) int {
	t.Helper()
	d, err := s.dossier(t.Context(), []*selection{{id: id}})
	if err != nil {
		t.Fatal(err)
	}
	v := verify.Dossier(d, s.trusted.Root(), verify.Options{AsOf: s.Now()})
	if v.Exit == verify.ExitFails {
		f, _ := failure(v)
		t.Errorf("item %s: %s: %s", id.Short(), f.Check, f.Detail)
	}
	return v.Exit
}

// findInHome returns the files of the home that hold text, as they are or as
// everything that can be opened here opens them.
func findInHome(t *testing.T, s *Session, text string) []string {
	t.Helper()
	ids := []age.Identity{s.vaultID}
	for round := range 2 { // keys first, then what they open
		err := filepath.WalkDir(s.path("vault", "keys"), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || round == 1 {
				return err
			}
			for _, line := range strings.Split(string(opened(t, p, ids)), "\n") {
				if id, err := age.ParseX25519Identity(line); err == nil {
					ids = append(ids, id)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	err := filepath.WalkDir(s.Dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && bytes.Contains(opened(t, p, ids), []byte(text)) {
			found = append(found, strings.TrimPrefix(p, s.Dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// opened returns a file's bytes, and behind them what they decrypt to.
func opened(t *testing.T, path string, ids []age.Identity) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	if err != nil {
		return b
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, plain...)
}

// One event in the middle of an item that goes on.
func TestErasedInTheMiddle(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleApprover)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	for _, note := range []string{theSecret, "fine"} {
		if _, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Examine, Fields: map[string]any{"note": note}}); err != nil {
			t.Fatal(err)
		}
	}
	erase := func(e Erase) error {
		_, err := s.Dispose(t.Context(), Disposal{Item: s.mustLoad(t, it.ID), Order: "O", Second: string(evidence.RoleApprover), Partial: true, Erase: e})
		return err
	}
	if err := erase(Erase{Events: []int64{1}}); err != nil {
		t.Fatal(err)
	}
	if found := findInHome(t, s, theSecret); len(found) != 0 {
		t.Errorf("the secret is still in %v", found)
	}
	for _, tt := range []struct {
		seq  int64
		want error
	}{{1, ErrErasedNow}, {9, ErrNoEvent}, {3, ErrKeepsErasure}} {
		if err := erase(Erase{Events: []int64{tt.seq}}); !errors.Is(err, tt.want) {
			t.Errorf("event %d again: %v, want %v", tt.seq, err, tt.want)
		}
	}
	if _, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Examine}); err != nil {
		t.Errorf("the item does not go on: %v", err)
	}
	if exit := exitOf(t, s, it.ID); exit == verify.ExitFails {
		t.Error("the history fails")
	}
}

// What was erased by order does not come back with what another desk sends.
func TestErasedStaysErased(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleApprover)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	if _, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine, Fields: map[string]any{"note": theSecret}}); err != nil {
		t.Fatal(err)
	}
	before, err := s.dossier(t.Context(), []*selection{{id: it.ID}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Dispose(t.Context(), Disposal{Item: s.mustLoad(t, it.ID), Order: "O", Second: string(evidence.RoleApprover), Partial: true, Erase: Erase{Events: []int64{1}}})
	if err != nil {
		t.Fatal(err)
	}
	events, err := s.mustJudge(t, before).bodies(map[evidence.ItemID]bool{it.ID: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.adoptEvents(t.Context(), events, nil); err != nil {
		t.Fatal(err)
	}
	if found := findInHome(t, s, theSecret); len(found) != 0 {
		t.Errorf("it came back: %v", found)
	}
}

package desk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/keyfile"
)

// reopen ends a session and begins the next one, as a later command does.
func reopen(t *testing.T, s *Session, alias evidence.Role) *Session {
	t.Helper()
	must(t, s.Close())
	return unlocked(t, s.Dir, alias)
}

// unlocked opens the home in dir as the next command does.
func unlocked(t *testing.T, dir string, alias evidence.Role) *Session {
	t.Helper()
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	next, err := h.Unlock(t.Context(), string(alias), testPassphrase)
	if err != nil {
		t.Fatal(errors.Join(err, h.Close()))
	}
	t.Cleanup(func() { next.Close() })
	return next
}

// Without the other state's cosigner acts are logged and their receipts pending;
// they stay queued, and a later command gets the receipts and says so.
func TestPendingReceipt(t *testing.T) {
	aa, bb := twoStates(t)
	if _, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: "custodian", Role: evidence.RoleCustodian, Passphrase: testPassphrase}); err != nil {
		t.Fatal(err)
	}
	s := reopen(t, aa.Session, evidence.RoleCustodian)
	away := bb.path("away")
	if err := os.Rename(bb.path("cosigner"), away); err != nil {
		t.Fatal(err)
	}
	out, err := s.Seal(t.Context(), Sealing{Object: "phone"})
	if err != nil || out.Receipt != nil || !errors.Is(out.Pending, writer.ErrQuorum) {
		t.Fatalf("%+v, %v", out, err)
	}
	// The item can be acted on; the acts wait for their receipts in order.
	done, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, out.Item), Action: evidence.Examine})
	if err != nil || done.Pending == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	if queued, _ := s.Waiting(); queued != 2 {
		t.Errorf("%d files queued, want 2", queued)
	}
	s = reopen(t, s, evidence.RoleCustodian)
	if len(s.Resumed) != 0 {
		t.Errorf("nothing has changed, and it says %+v", s.Resumed)
	}
	if err := os.Rename(away, bb.path("cosigner")); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, evidence.RoleCustodian)
	if len(s.Resumed) != 2 || !strings.Contains(s.Resumed[0].What, "its receipt is kept now") || s.Resumed[1].Action != evidence.Examine {
		t.Errorf("resumed %+v", s.Resumed)
	}
	if queued, _ := s.Waiting(); queued != 0 {
		t.Errorf("%d still queued", queued)
	}
	for _, e := range s.mustLoad(t, out.Item).Entries {
		if e.Body.Receipt == "" {
			t.Errorf("%s has no receipt", e.Event.Action)
		}
	}
}

// Many items are one batch: one epoch behind all of them, and every receipt under
// one checkpoint.
func TestManyItemsOneEpoch(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
	const many = 50
	var items []*Item
	for range many {
		items = append(items, s.mustSeal(t, Sealing{Object: "thing", Fields: map[string]any{"case": "K"}}))
	}
	in, err := s.InCase(t.Context(), "K")
	if err != nil || len(in) != many {
		t.Fatalf("%d in the case, %v", len(in), err)
	}
	before, err := s.size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	to, err := s.CardOf(string(evidence.RoleExaminer))
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Offer(t.Context(), Offering{Items: in, To: to, Due: s.Now().Add(time.Hour)})
	if err != nil || len(out.Done) != many {
		t.Fatalf("%d offered, %v", len(out.Done), err)
	}
	if after, err := s.size(t.Context()); err != nil || after != before+many+1 {
		t.Errorf("%d leaves more, want %d and one epoch", after-before, many)
	}
	for _, d := range out.Done {
		if string(d.Receipt.Note) != string(out.Done[0].Receipt.Note) {
			t.Fatal("receipts under several checkpoints")
		}
	}
}

// A process that dies after the queue is written is followed by one that logs the
// same bytes; one that dies after the ledger has them, by one that keeps the
// receipt (rule P20). Both say so.
func TestResumed(t *testing.T) {
	for _, logged := range []bool{false, true} {
		s := deskWith(t, evidence.RoleCustodian)
		d := &draft{action: evidence.Collect}
		if err := d.newRecord(map[string]any{"object": "phone", "exhibit": "E-1"}); err != nil {
			t.Fatal(err)
		}
		e, err := s.sign(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.enqueue([]*Entry{e}, nil); err != nil {
			t.Fatal(err)
		}
		want := "it is logged now"
		if logged {
			want = "its receipt is kept now"
			if _, err := s.append(t.Context(), []ledger.Leaf{e.Body.leaf()}); err != nil {
				t.Fatal(err)
			}
		}
		next := reopen(t, s, evidence.RoleCustodian)
		if len(next.Resumed) != 1 || next.Resumed[0].Item != e.Event.Item || !strings.Contains(next.Resumed[0].What, want) {
			t.Errorf("logged %v: resumed %+v", logged, next.Resumed)
		}
		it, err := next.Find(t.Context(), "E-1")
		if err != nil || it.Last().Leaf != e.Leaf || it.Last().Body.Receipt == "" {
			t.Errorf("logged %v: %v", logged, err)
		}
	}
}

// A queue of a folder with many files is taken up as any other: its acts are as
// long as their records.
func TestResumedLargeSealing(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	dir := t.TempDir()
	const many = 4000
	for i := range many {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("a name of some length %06d.txt", i)), fmt.Append(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, _, err := s.collect(t.Context(), &Sealing{Paths: []string{dir}, Fields: map[string]any{"exhibit": "E-1"}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.sign(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	name, err := s.enqueue([]*Entry{e}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(s.path("queue", name)); err != nil || info.Size() < 1<<20 {
		t.Fatalf("the queue's file: %v", err)
	}
	before, err := e.View()
	if err != nil {
		t.Fatal(err)
	}
	next := reopen(t, s, evidence.RoleCustodian)
	it, err := next.Find(t.Context(), "E-1")
	if err != nil || it.Last().Leaf != e.Leaf || it.Last().Body.Receipt == "" {
		t.Fatal(err)
	}
	after, err := it.First().View()
	if err != nil || after.Verify(e.Event.Record) != nil || before.Verify(e.Event.Record) != nil || len(after.Entries) != many+1 {
		t.Errorf("%d entries, %v", len(after.Entries), err)
	}
	values, err := it.FileValues()
	if err != nil || len(values) != many {
		t.Fatalf("%d files, %v", len(values), err)
	}
	if _, err := next.keeper.digest(t.Context(), values[many], progress.None{}); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(next.path("vault", "tmp", "*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// What a crash left in the home's own folders is swept; what cannot be read is
// refused and not swept.
func TestLeftovers(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	temp := s.path("queue", ".tmp-left")
	if err := os.WriteFile(temp, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, evidence.RoleCustodian)
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a temporary file stays: %v", err)
	}
	if err := os.WriteFile(s.path("queue", "0000000000000000-x.age"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := Open(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Unlock(t.Context(), "custodian", testPassphrase); !errors.Is(err, keyfile.ErrDamaged) {
		t.Errorf("a damaged queue: %v", err)
	}
	h.Close()
}

// A home with a part missing, or in use, is not opened.
func TestOpenRefuses(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	if _, err := Open(s.Dir); !errors.Is(err, ErrHomeInUse) {
		t.Errorf("twice at once: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"keys", "ledger", "queue/refused", "index", "trust", "store", "vault"} {
		from, to := filepath.Join(s.Dir, name), filepath.Join(t.TempDir(), "away")
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(s.Dir); !errors.Is(err, ErrHomeDamaged) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
		if err := os.Rename(to, from); err != nil {
			t.Fatal(err)
		}
	}
}

// A queue file is put together from canonical bodies, and read as one document.
func TestQueuing(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	a, b := s.mustSeal(t, Sealing{Object: "a"}), s.mustSeal(t, Sealing{Object: "b"})
	for _, x := range []*erasure{nil, {Events: []erasedEvent{}, Files: []evidence.FileValue{}, Item: a.ID, Order: "O", Said: map[string][]string{"case": {"K"}}}} {
		var raw bytes.Buffer
		if _, err := (&queuing{[]*Entry{a.First(), b.First()}, x}).WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		var q queued
		if err := evidence.ParseCanonical(raw.Bytes(), &q); err != nil || len(q.Bodies) != 2 || (q.Erase == nil) != (x == nil) {
			t.Errorf("%v\n%s", err, &raw)
		}
	}
}

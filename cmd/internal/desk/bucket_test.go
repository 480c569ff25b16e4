package desk

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/ledger/ledgertest"
)

// retaining is a folder that locks, as a bucket does.
type retaining struct {
	store.Store
	until []time.Time // of what was locked
	held  []bool      // on and off, as it was told
}

// Retain implements [store.Retainer].
func (r *retaining) Retain(_ context.Context, _ evidence.ObjectName, until time.Time) error {
	r.until = append(r.until, until)
	return nil
}

// Hold implements [store.Retainer].
func (r *retaining) Hold(_ context.Context, _ evidence.ObjectName, on bool) error {
	r.held = append(r.held, on)
	return nil
}

// Retention implements [store.Retainer].
func (*retaining) Retention(context.Context, evidence.ObjectName) (store.Retention, error) {
	return store.Retention{}, nil
}

// deskOverBucket is a desk whose store keeps as a bucket does, and a file to seal.
func deskOverBucket(t *testing.T) (s *Session, kept *retaining, file string) {
	t.Helper()
	s = deskWith(t, evidence.RoleCustodian)
	file = filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(file, []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept = &retaining{Store: s.keeper.store}
	s.keeper.store, s.bucket = kept, &s3.Config{}
	return s, kept, file
}

// A retention-rule that looks like a period and is none is refused before anything is
// taken in, and never sealed with another lock or none.
func TestSealUnderPeriod(t *testing.T) {
	s, kept, file := deskOverBucket(t)
	seal := func(rule string) error {
		_, err := s.Seal(t.Context(), Sealing{Paths: []string{file}, Fields: map[string]any{fieldRetention: rule}})
		return err
	}
	for _, rule := range []string{"P150Y", "P10W", "P0D"} {
		if err := seal(rule); !errors.Is(err, s3.ErrPeriod) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	for name, err := range kept.List(t.Context()) {
		t.Errorf("%v is in the store: %v", name, err)
	}
	now := s.Now()
	if err := seal("P10Y"); err != nil || len(kept.until) != 1 || kept.until[0].Before(now.AddDate(10, 0, 0)) {
		t.Errorf("P10Y locks until %v: %v", kept.until, err)
	}
}

// A hold of the ledger is the store's too, until the last one is released.
func TestHoldReachesStore(t *testing.T) {
	s, kept, file := deskOverBucket(t)
	it := s.mustSeal(t, Sealing{Paths: []string{file}})
	for _, step := range []struct {
		action evidence.Action
		want   []bool
	}{
		{evidence.Hold, []bool{true}},
		{evidence.Hold, []bool{true, true}},
		{evidence.Release, []bool{true, true}},
		{evidence.Release, []bool{true, true, false}},
	} {
		if _, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: step.action}); err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if !slices.Equal(kept.held, step.want) {
			t.Errorf("after %s the store was told %v, want %v", step.action, kept.held, step.want)
		}
	}
}

// A bucket that does not answer is asked for as long as the desk was told to, and no
// longer.
func TestPatience(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "desk")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	asked := 0
	mute := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked++
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(mute.Close)
	c, err := Create(t.Context(), CreateOptions{
		Dir: ledgertest.Folder(t) + "/home", State: "AA", NoRecovery: true,
		Bucket: &s3.Config{Location: s3.Location{Bucket: "evidence", Endpoint: mute.URL, Region: "us-east-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.Patience = 100 * time.Millisecond
	kept, err := c.openStore(true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // less than without the word
	defer cancel()
	if _, err := kept.Stat(ctx, evidence.NewObjectName()); !errors.Is(err, s3.ErrUnreachable) || asked < 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

package desk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
)

// retaining is a folder that locks, as a bucket does.
type retaining struct {
	store.Store
	until []time.Time // of what was locked
}

// Retain implements [store.Retainer].
func (r *retaining) Retain(_ context.Context, _ evidence.ObjectName, until time.Time) error {
	r.until = append(r.until, until)
	return nil
}

// Hold implements [store.Retainer].
func (*retaining) Hold(context.Context, evidence.ObjectName, bool) error { return nil }

// Retention implements [store.Retainer].
func (*retaining) Retention(context.Context, evidence.ObjectName) (store.Retention, error) {
	return store.Retention{}, nil
}

// A retention-rule that looks like a period and is none is refused before anything is
// taken in, and never sealed with another lock or none.
func TestSealUnderPeriod(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	file := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(file, []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := &retaining{Store: s.keeper.store}
	s.keeper.store, s.bucket = kept, &s3.Config{}
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

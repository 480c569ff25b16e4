package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"example.org/custody/ledger"
)

// Open opens the log in dir for writing and makes it when there is none. Called
// again for a dir whose log is open it must fail; called after Close, or in
// another process, it must find what was there.
type Open func(dir string) (ledger.Log, error)

// Run checks that an engine keeps the contract of [ledger.Log]. Every part
// works in a folder of its own.
func Run(t *testing.T, open Open) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(t.Context(), open, t.TempDir()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// cases are functions that return what is wrong, so that a test can also hand
// them engines that break one promise each and see that it is noticed.
var cases = []struct {
	name  string
	check func(ctx context.Context, open Open, dir string) error
}{
	{"Empty", checkEmpty},
	{"Order", checkOrder},
	{"Reopen", checkReopen},
	{"Hashes", checkHashes},
	{"Ranges", checkRanges},
	{"Concurrent", checkConcurrent},
	{"InUse", checkInUse},
	{"SecondClose", checkSecondClose},
	{"Cancelled", checkCancelled},
	{"Closed", checkClosed},
}

// with opens the log in dir, checks it, and closes it.
func with(open Open, dir string, check func(ledger.Log) error) error {
	l, err := open(dir)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(check(l), l.Close())
}

// appendAll appends leaves in one call and checks the indexes against the size before.
func appendAll(ctx context.Context, l ledger.Log, leaves []ledger.Leaf) error {
	before, err := l.Size(ctx)
	if err != nil {
		return err
	}
	indexes, err := l.Append(ctx, leaves)
	if err != nil {
		return fmt.Errorf("append of %d at %d: %w", len(leaves), before, err)
	}
	if len(indexes) != len(leaves) {
		return fmt.Errorf("append of %d leaves returned %d indexes", len(leaves), len(indexes))
	}
	for i, x := range indexes {
		if x != before+uint64(i) {
			return fmt.Errorf("leaf %d of an append at %d got index %d", i, before, x)
		}
	}
	after, err := l.Size(ctx)
	if err == nil && after != before+uint64(len(leaves)) {
		return fmt.Errorf("append of %d leaves at %d left size %d", len(leaves), before, after)
	}
	return err
}

// sameLeaves checks that the log is exactly want, and sound as a whole.
func sameLeaves(ctx context.Context, l ledger.Reader, want []ledger.Leaf) error {
	got, err := Verify(ctx, l)
	if err != nil {
		return err
	}
	if len(got) != len(want) {
		return fmt.Errorf("log holds %d leaves, %d were appended", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			return fmt.Errorf("leaf %d is not the one appended", i)
		}
	}
	return nil
}

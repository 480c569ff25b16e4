package nodehome

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// NextList is where a home has the trust list that its desk is about to pin.
func NextList(home string) string { return filepath.Join(home, "trust", "next.note") }

// logNext logs the hash of the list that the desk is about to pin, unless the ledger
// has it (rule P12). A list that does not follow the pinned one is none.
func (n *Open) logNext(ctx context.Context) error {
	signed, err := os.ReadFile(NextList(n.home))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pinned, _, err := n.pins.read()
	if err != nil {
		return err
	}
	next, _, err := pinned.Successor(signed)
	if err != nil {
		return err
	}
	want := ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(next.Digest()))
	if n.next == want {
		return nil
	}
	_, there, err := ledger.Find(ctx, n.Log, n.writer.Size(), want)
	if err != nil {
		return err
	}
	if !there {
		got, err := n.writer.Submit(ctx, want)
		if err != nil {
			return err
		}
		if got[0].Refused != nil {
			return got[0].Refused
		}
	}
	n.next = want
	return nil
}

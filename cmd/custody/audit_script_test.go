package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/signing/trust"
)

// makeLedgers writes ledgers into a folder: good, twice (a seal closed twice), and the
// key of both as vkey.json.
func makeLedgers() {
	if err := writeLedgers(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "ledgers:", err)
		os.Exit(1)
	}
}

func writeLedgers(dir string) error {
	skey, vkey, err := trust.GenerateKey("aa.example/ledger")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "vkey.json"), fmt.Appendf(nil, `{"vkey":%q}`, vkey), 0o600); err != nil {
		return err
	}
	for name, more := range map[string][]ledger.Leaf{"good": nil, "twice": {ledgertest.Rival(3, 1)}} {
		if err := writeLedger(filepath.Join(dir, name), skey, 8, 4, more...); err != nil {
			return err
		}
	}
	return nil
}

// writeLedger makes a ledger of n events, with an epoch after every batch of them, and
// whatever leaves more.
func writeLedger(dir, skey string, n, batch uint64, more ...ledger.Leaf) error {
	ctx := context.Background()
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	if err := tesseralog.Create(ctx, dir, signer); err != nil {
		return err
	}
	log, err := tesseralog.Open(ctx, dir, signer)
	if err != nil {
		return err
	}
	defer log.Close()
	m := closed.New("aa.example/ledger")
	var leaves []ledger.Leaf
	add := func(l ledger.Leaf) error { leaves = append(leaves, l); return m.Add(l) }
	for i := uint64(0); i < n; i++ {
		if err := add(ledgertest.Event(i)); err != nil {
			return err
		}
		if (i+1)%batch == 0 {
			if err := add(m.NextEpoch().Leaf()); err != nil {
				return err
			}
		}
		if len(leaves) > 50_000 {
			if _, err := log.Append(ctx, leaves); err != nil {
				return err
			}
			leaves = nil
		}
	}
	_, err = log.Append(ctx, append(leaves, more...))
	return err
}

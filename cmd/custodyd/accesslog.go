package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/tesseralog"
)

func accessLogCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "access-log",
		Usage: "check the access log against the ledger, and print it",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, Usage: "the `FOLDER` of the desk"},
		},
		Action: func(c *cli.Context) error {
			if err := plain(c); err != nil {
				return err
			}
			return accessLog(c.Context, c.Path("home"), std)
		},
	}
}

// accessLog prints a log that holds, and nothing of one that does not.
func accessLog(ctx context.Context, home string, std ui.Streams) error {
	ledgers, err := filepath.Glob(filepath.Join(home, "ended", "*", "ledger"))
	if err != nil {
		return err
	}
	var vouched []evidence.Hash
	for _, dir := range append(ledgers, filepath.Join(home, "ledger")) {
		more, err := vouchedFor(ctx, dir)
		if err != nil {
			return err
		}
		vouched = append(vouched, more...)
	}
	lines, err := os.ReadFile(filepath.Join(nodehome.Folder(home), "access.jsonl"))
	if err != nil {
		return err
	}
	v, err := access.Verify(bytes.NewReader(lines), vouched, nil)
	if err != nil {
		return err
	}
	if _, err := std.Out.Write(lines); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Err, "lines: %d, one chain; the ledger vouches for the first %d, the rest is the node's word\n", v.N, v.Vouched)
	return err
}

// vouchedFor returns the hashes of access logs that stand in a published ledger.
func vouchedFor(ctx context.Context, dir string) (all []evidence.Hash, err error) {
	r, _, err := tesseralog.Find(dir)
	if err != nil {
		return nil, err
	}
	size, err := r.Size(ctx)
	if err != nil {
		return nil, err
	}
	for l, err := range r.Leaves(ctx, 0, size) {
		if err != nil {
			return nil, err
		}
		if l.Type() == ledger.TypeAccessLog {
			all = append(all, evidence.Hash(l[1:33]))
		}
	}
	return all, nil
}

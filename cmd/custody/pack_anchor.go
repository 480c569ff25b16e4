package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify/pack"
)

var _ = ui.Register(ui.Entry{Code: "E-ANCHOR", Title: "Not an anchor proof that counts", For: []error{desk.ErrAnchor},
	Means: "no package was written; the proof would have said nothing to its reader, and no reader needs one",
	Do:    []string{"give a proof that custody-channel has kept about the ledger that is packed, with every version of the agreement that the trust list names", "leave --anchor out"}})

// anchorFlags name what the states recorded on their shared channel.
func anchorFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "anchor", Usage: "enclose an anchor proof of the states' channel, a `FILE` that custody-channel has kept; may be repeated"},
		&cli.StringSliceFlag{Name: "agreement", Usage: "what the states agree about that channel, a `FILE`; repeated, every version that the trust list names"},
	}
}

// readAnchors reads the anchor proofs that are to be enclosed.
func readAnchors(c *cli.Context) ([]pack.Anchor, error) {
	files, of := c.StringSlice("anchor"), c.StringSlice("agreement")
	if len(files) > 0 != (len(of) > 0) {
		return nil, ui.Usage("give --anchor FILE and --agreement FILE together", "an anchor proof is checked under an agreement about the channel")
	}
	var versions [][]byte
	for _, name := range of {
		agreement, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		versions = append(versions, agreement)
	}
	var list []pack.Anchor
	for _, name := range files {
		proof, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, pack.Anchor{Agreement: versions[0], Proof: proof, Versions: versions[1:]})
	}
	return list, nil
}

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
	Do:    []string{"give a proof that custody-channel has kept about the ledger that is packed, with the agreement that the trust list names", "leave --anchor out"}})

// anchorFlags name what the states recorded on their shared channel.
func anchorFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "anchor", Usage: "enclose an anchor proof of the states' channel, a `FILE` that custody-channel has kept; may be repeated"},
		&cli.PathFlag{Name: "agreement", Usage: "what the states agree about that channel, a `FILE`"},
	}
}

// readAnchors reads the anchor proofs that are to be enclosed.
func readAnchors(c *cli.Context) ([]pack.Anchor, error) {
	files, of := c.StringSlice("anchor"), c.Path("agreement")
	if len(files) > 0 != (of != "") {
		return nil, ui.Usage("give --anchor FILE and --agreement FILE together", "an anchor proof is checked under an agreement about the channel")
	}
	var list []pack.Anchor
	for _, name := range files {
		agreement, err := os.ReadFile(of)
		if err != nil {
			return nil, err
		}
		proof, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, pack.Anchor{Agreement: agreement, Proof: proof})
	}
	return list, nil
}

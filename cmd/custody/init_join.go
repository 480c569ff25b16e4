package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
)

// joining reads what a desk needs that begins at its state's node; nil for one that
// begins with a ledger of its own.
func (t *tool) joining(c *cli.Context) (*desk.Joining, error) {
	file := c.Path("trust")
	switch {
	case t.node == "" && file == "":
		return nil, nil
	case t.node == "":
		return nil, ui.Usage("give --node ADDRESS too", "--trust is for a desk that begins at its state's node")
	case file == "":
		return nil, &ui.Problem{
			Code: ui.CodeUsage, What: "a node is named with --node or CUSTODY_NODE, and no list by which it is to be believed",
			Means: "nothing was made; a desk that begins at a node has no ledger of its own, and believes the node by nothing but the list",
			Do: []string{
				"--trust FILE, from the state's first desk by another way", "custody init without --node and CUSTODY_NODE makes a desk with a ledger of its own",
				"for a node to keep that from then on: custodyd init --home FOLDER --address ADDRESS",
			},
		}
	}
	list, err := trustlist.Whole(file)
	if err != nil {
		return nil, err
	}
	return &desk.Joining{Node: t.node, List: list}, nil
}

// readAuthorities reads STATE=FILE, an authority's certificate in PEM or DER.
func readAuthorities(all []string) ([]trustlist.Authority, error) {
	list := make([]trustlist.Authority, 0, len(all))
	for _, s := range all {
		state, der, err := certificateOf("authority", s)
		if err != nil {
			return nil, err
		}
		list = append(list, trustlist.Authority{State: state, Cert: der})
	}
	return list, nil
}

// write prints for people what a desk that begins at a node still needs.
func (o *initOutput) writeJoined(w io.Writer) error {
	if o.Waits == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "authority  %s\n\nThe officer's enrolment waits: the state's list does not name this authority yet. At the state's first desk:\n\n  custody trust propose --authority %s=%s --out next.trust\n\nOnce that is adopted there, the next command here has the enrolment logged.\n",
		ui.Name(o.Authority), o.State, ui.Name(filepath.Base(o.Authority)))
	return err
}

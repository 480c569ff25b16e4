package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

var _ = ui.Register(ui.Entry{Code: "E-FOR-ONE-SIDE", Title: "It has what a provider must never see", For: []error{desk.ErrForOneSide},
	Means: "nothing was signed and nothing was handed over; a handoff shows every record, and so the section of the form that is for the authority of the provider's state alone",
	Do: []string{"to a provider goes its copy, which leaves the section out: custody request send ITEM --copy to-provider.pdf",
		"to an authority that has to have the section: give the command again with --to-authority"}})

// toAuthorityFlag is on the verbs that show a request's records.
func toAuthorityFlag(shows string) cli.Flag {
	return &cli.BoolFlag{Name: "to-authority", Usage: "who gets it is an authority: of a request " + shows + " the section of its form that a provider must never see"}
}

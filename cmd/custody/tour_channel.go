package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

var _ = ui.Register(
	ui.Entry{Code: "E-NO-CHANNEL", Title: "No program for the states' channel", For: []error{desk.ErrNoAnchorer},
		Means: "no tour was made; without --channel none needs that program",
		Do:    []string{"put custody-channel into the folder where custody is; make build makes both"}},
	ui.Entry{Code: "E-CHANNEL", Title: "The states' channel", For: []error{desk.ErrChannel},
		Means: "no tour was made; in real use no receipt and no verdict waits for the channel",
		Do: []string{"give --channel a folder with channel.json, which custody-channel agreement writes, and FR.yaml, DE.yaml and AT.yaml, the configurations of fabric-sdk-go",
			"start peers and orderers, and when the tour has made its trust list the chaincode of each state, with CUSTODY_FIRST_LIST as the tour says",
			"take a channel that no list was adopted on: it has its first list for ever"}})

func channelFlag() cli.Flag {
	return &cli.PathFlag{Name: "channel", Usage: "anchor the ledgers on a Hyperledger Fabric channel of FR, DE and AT: `FOLDER` has channel.json and FR.yaml, DE.yaml, AT.yaml"}
}

// sharing reads channelFlag; nil is no channel.
func sharing(c *cli.Context) *desk.Sharing {
	if c.Path("channel") == "" {
		return nil
	}
	return &desk.Sharing{Dir: c.Path("channel"), Program: beside("custody-channel")}
}

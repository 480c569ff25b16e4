package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/cmd/internal/ui/daemon"
	"example.org/custody/ledger/anchor"
)

func agreementCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "agreement",
		Usage: "write what the states agree about the channel: whose peers and orderers count",
		Description: "Prints the value for `custody trust propose --instrument`: an agreement counts where the trust list names it. " +
			"With --from the new agreement is the next version of an older one: members that are named take the place of those before, the revoked are added, the rest stays. " +
			"A certificate is one PEM file. It reaches no network and needs no channel.",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", Required: true, Usage: "the `FILE` to write; never one that is there"},
			&cli.PathFlag{Name: "from", Usage: "the agreement before, a `FILE`"},
			&cli.StringFlag{Name: "channel", Usage: "`NAME` of the channel, as anchors"},
			&cli.StringFlag{Name: "chaincode", Value: "anchor", Usage: "`NAME` of its chaincode"},
			&cli.StringSliceFlag{Name: "state", Usage: "`CODE=FILE`: a state, by its code in the trust list, and the certificate that issues its peers'; may be repeated, for one state too"},
			&cli.StringSliceFlag{Name: "orderer", Usage: "`MSP=FILE`: an organisation that orders, and the certificate that issues its orderers'; may be repeated"},
			&cli.StringSliceFlag{Name: "consenter", Usage: "`ID=MSP=FILE`: an orderer of a channel that orders by SmartBFT, and its certificate; may be repeated"},
			&cli.StringSliceFlag{Name: "revoked", Usage: "a certificate that never counts, a `FILE`; may be repeated"},
			&cli.IntFlag{Name: "endorsements", DefaultText: "more than half", Usage: "how many `STATES` must endorse"},
			&cli.IntFlag{Name: "orderer-signatures", DefaultText: "1, by SmartBFT more than two thirds", Usage: "how many `ORDERERS` must sign a block"},
		},
		Action: func(c *cli.Context) error {
			if err := daemon.NoArguments(c); err != nil {
				return err
			}
			return agree(c, std)
		},
	}
}

// agree writes an agreement and prints by which line a trust list names it.
func agree(c *cli.Context, std ui.Streams) error {
	out, err := ui.NewTerminal(std).Output(c.Path("out"), ui.OutputOptions{Inputs: []string{c.Path("from")}})
	if err != nil {
		return err
	}
	defer out.Close()
	a, err := proposed(c)
	if err != nil {
		return err
	}
	text, err := a.Marshal()
	if err != nil {
		return fromFlags(err)
	}
	read, err := anchor.ParseAgreement(text) // as every reader will
	if err != nil {
		return fromFlags(err)
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	fmt.Fprintf(std.Err, "%d of %d states must endorse, %d orderers must sign a block\nNext: custody trust propose … --instrument, with the line below, and the file to every state\n",
		read.Endorsements, len(read.States), read.OrdererSignatures)
	_, err = fmt.Fprintf(std.Out, "%s=%s\n", read.Name(), read.Digest())
	return err
}

// fromFlags makes a usage problem of what is wrong with an agreement that flags describe.
func fromFlags(err error) error { return ui.Usage("custody-channel agreement --help", "%v", err) }

// proposed returns the agreement that the flags describe.
func proposed(c *cli.Context) (anchor.Agreement, error) {
	a, err := before(c.Path("from"))
	if err != nil {
		return a, err
	}
	usual := [2]int{len(a.States)/2 + 1, signing(len(a.Consenters))}
	if a.Version++; c.IsSet("channel") {
		a.Channel = c.String("channel")
	}
	if a.Chaincode == "" || c.IsSet("chaincode") {
		a.Chaincode = c.String("chaincode")
	}
	if a.States, err = members(a.States, "state", c); err != nil {
		return a, err
	}
	if a.Orderers, err = members(a.Orderers, "orderer", c); err != nil {
		return a, err
	}
	if a.Consenters, err = consenters(a.Consenters, c); err != nil {
		return a, err
	}
	if a.Revoked, err = revoked(a.Revoked, c); err != nil {
		return a, err
	}
	a.Endorsements = number(c, "endorsements", a.Endorsements, usual[0], len(a.States)/2+1)
	least := signing(len(a.Consenters))
	a.OrdererSignatures = number(c, "orderer-signatures", a.OrdererSignatures, usual[1], least)
	if a.OrdererSignatures < least {
		return a, ui.Usage("--orderer-signatures", "of %d orderers by SmartBFT at least %d sign a block, not %d", len(a.Consenters), least, a.OrdererSignatures)
	}
	return a, nil
}

// signing is how many of n SmartBFT orderers sign a block at least: ⌈(n+f+1)/2⌉ for
// f = ⌊(n−1)/3⌋, as Fabric counts; 1 without, where a block has one signature.
func signing(n int) int {
	if n == 0 {
		return 1
	}
	f := (n - 1) / 3
	return (n + f + 2) / 2
}

// number returns what a flag says, or else what was chosen before, or else what is usual
// now. What was no more than usual before is no choice: more orderers, more signatures.
func number(c *cli.Context, flag string, was, usualBefore, usual int) int {
	switch {
	case c.IsSet(flag):
		return c.Int(flag)
	case was > 0 && was != usualBefore:
		return was
	}
	return usual
}

// before reads the agreement that is replaced; without a file there is none.
func before(file string) (anchor.Agreement, error) {
	if file == "" {
		return anchor.Agreement{}, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return anchor.Agreement{}, err
	}
	a, err := anchor.ParseAgreement(b)
	if err != nil {
		return anchor.Agreement{}, fmt.Errorf("%s: %w", file, err)
	}
	// Its own is left as it was read.
	return anchor.Agreement{
		Chaincode: a.Chaincode, Channel: a.Channel, Endorsements: a.Endorsements, OrdererSignatures: a.OrdererSignatures, Version: a.Version,
		Consenters: slices.Clone(a.Consenters), Orderers: slices.Clone(a.Orderers), Revoked: slices.Clone(a.Revoked), States: slices.Clone(a.States),
	}, nil
}

package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/trust"
)

func trustPropose(t *tool) *cli.Command {
	return &cli.Command{
		Name: "propose", Usage: "make the list that follows the pinned one",
		Description: "What no flag changes stays as it is. The policies of every ledger are made anew from the cosigners listed: a ledger's own state never counts, and of n other states " +
			"of which f may lie, more than half of n+f are asked. The list is signed by this state and needs the others: custody trust sign.\n\n" +
			"A CHECKPOINT is a file with a checkpoint that its ledger has signed, as custody inspect shows it.",
		UsageText: "custody trust propose --founder bb.founder --founder cc.founder --out common.trust\n" +
			"custody trust propose --revoke BB-witness=stolen --good-until last.note --out next.trust\n" +
			"custody trust propose --next-update 2027-12-01T00:00:00Z --max-age 48h --out next.trust",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", Required: true, Usage: "the trust `FILE` to write"},
			&cli.StringSliceFlag{Name: "founder", Usage: "add a state by its founder `FILE`, or give one that is listed the cosigners in it"},
			&cli.StringSliceFlag{Name: "new-list-key", Usage: "`STATE` of a founder file that has begun anew, because its keys were lost or stolen: from then on the list key in the file votes for it, and its new ledger is added"},
			&cli.StringSliceFlag{Name: "authority", Usage: "let a further authority of a listed state count, that of a desk made with init --node: `STATE=FILE`, its certificate"},
			&cli.StringSliceFlag{Name: "revoke", Usage: "take a cosigner's or ledger's key out of use: `NAME=REASON`, the reason in a–z and -"},
			&cli.StringSliceFlag{Name: "compromised", Usage: "an authority's certificate by digest, `sha256:…`: what it enrolled counts only up to the last good checkpoints"},
			&cli.StringSliceFlag{Name: "good-until", Usage: "a last good `CHECKPOINT`, for what is revoked or compromised"},
			&cli.PathFlag{Name: "retire", Usage: "end a ledger at its final `CHECKPOINT`"},
			&cli.StringFlag{Name: "successor", Usage: "where the seals of a retired ledger that are open are closed: an `ORIGIN`"},
			&cli.StringSliceFlag{Name: "end", Usage: "end the window of a cosigner, or of an authority or timestamp authority by digest: `NAME=TIME`"},
			&cli.StringSliceFlag{Name: "tsa", Usage: "let a timestamp authority count on a state's word: `STATE=FILE`, its certificate"},
			&cli.StringSliceFlag{Name: "drop-tsa", Usage: "take a timestamp authority out, by digest `sha256:…`: its key was stolen, and can date anything"},
			&cli.StringSliceFlag{Name: "standard", Usage: "pin a standard: `ID/VERSION=sha256:…`"},
			&cli.StringSliceFlag{Name: "instrument", Usage: "pin an instrument: `ID/VERSION=sha256:…`"},
			&cli.StringFlag{Name: "next-update", DefaultText: "in one year", Usage: "when a newer list is due: `TIME` as 2027-12-01T00:00:00Z"},
			&cli.StringFlag{Name: "require", Usage: "the questions that must hold: `NUMBERS` as \"1 2 3 4 6\""},
			&cli.DurationFlag{Name: "max-age", DefaultText: "as it is", Usage: "how old completeness may be: `HOURS` as 48h"},
			&cli.IntFlag{Name: "signers", DefaultText: "as it is; every state, if every state had to", Usage: "how many states must sign the list after this: `N`"},
			&cli.IntFlag{Name: "lying", Value: -1, DefaultText: "1 of 2 others, less than a third of more", Usage: "how many states may lie without harm: `F`"},
			forceFlag(), asFlag(), dryRunFlag(),
		},
		Action: t.trustPropose,
	}
}

func (t *tool) trustPropose(c *cli.Context) (err error) {
	p, err := readProposal(c)
	if err != nil {
		return err
	}
	out, err := t.term.Output(c.Path("out"), ui.OutputOptions{Force: c.Bool("force")})
	if err != nil {
		return err
	}
	defer out.Close()
	s, err := t.lookDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	done, err := s.Propose(p)
	if err != nil {
		return err
	}
	return t.putProposed("trust propose", done, out, c.Path("out"), s.DryRun)
}

func readProposal(c *cli.Context) (p trustlist.Proposal, err error) {
	p = trustlist.Proposal{Signers: c.Int("signers"), Lying: c.Int("lying"), MaxAge: c.Duration("max-age")}
	if p.MaxAge%time.Hour != 0 {
		return p, ui.Usage("write it like 48h", "--max-age: %s is not whole hours", p.MaxAge)
	}
	if p.Founders, err = readEach(c.StringSlice("founder")); err != nil {
		return p, err
	}
	if text := c.String("next-update"); text != "" {
		if p.NextUpdate, err = parseTime("next-update", text); err != nil {
			return p, err
		}
	}
	for _, q := range strings.Fields(c.String("require")) {
		n, err := strconv.Atoi(q)
		if err != nil {
			return p, ui.Usage(`write it like "1 2 3 4 6"`, "--require: %q is not the number of a question", q)
		}
		p.Require = append(p.Require, n)
	}
	if p.Authority, err = readAuthorities(c.StringSlice("authority")); err != nil {
		return p, err
	}
	p.Drop, p.Rekey = c.StringSlice("drop-tsa"), c.StringSlice("new-list-key")
	if p.TSA, err = readTSAs(c.StringSlice("tsa")); err != nil {
		return p, err
	}
	if p.Standards, err = readPins(c, "standard"); err != nil {
		return p, err
	}
	if p.Instrument, err = readPins(c, "instrument"); err != nil {
		return p, err
	}
	err = readEndings(c, &p)
	return p, err
}

// readEndings reads what takes something out of use.
func readEndings(c *cli.Context, p *trustlist.Proposal) error {
	good, err := readEach(c.StringSlice("good-until"))
	if err != nil {
		return err
	}
	for _, s := range c.StringSlice("revoke") {
		name, reason, err := assignment("revoke", s)
		if err != nil {
			return err
		}
		p.Revoke = append(p.Revoke, trustlist.Revoke{Name: name, Reason: reason, Good: good})
	}
	for _, s := range c.StringSlice("compromised") {
		d, err := trust.ParseDigest(s)
		if err != nil {
			return ui.Usage("custody trust show --json has the digests", "--compromised: %q is not sha256: and 64 digits", s)
		}
		p.Void = append(p.Void, trustlist.Void{Digest: d, Good: good})
	}
	for _, s := range c.StringSlice("end") {
		name, text, err := assignment("end", s)
		if err != nil {
			return err
		}
		at, err := parseTime("end", text)
		if err != nil {
			return err
		}
		p.End = append(p.End, trustlist.End{Name: name, At: at.UTC().Truncate(time.Second)})
	}
	if c.Path("retire") == "" {
		if c.String("successor") != "" {
			return ui.Usage("give --retire CHECKPOINT", "--successor goes with --retire")
		}
		return nil
	}
	final, err := os.ReadFile(c.Path("retire"))
	p.Retire = []trustlist.Retire{{Final: final, Successor: c.String("successor")}}
	return err
}

func readEach(paths []string) ([][]byte, error) {
	var all [][]byte
	for _, path := range paths {
		if p := damagedStart(path); p != nil {
			return nil, p
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// assignment parts NAME=VALUE; the value has no '='.
func assignment(flag, s string) (name, value string, err error) {
	i := strings.LastIndex(s, "=")
	if i <= 0 || i == len(s)-1 {
		return "", "", ui.Usage("", "--%s %q is not NAME=VALUE", flag, s)
	}
	return s[:i], s[i+1:], nil
}

func readPins(c *cli.Context, flag string) ([]trust.Pin, error) {
	var pins []trust.Pin
	for _, s := range c.StringSlice(flag) {
		name, text, err := assignment(flag, s)
		if err != nil {
			return nil, err
		}
		d, err := trust.ParseDigest(text)
		if err != nil {
			return nil, ui.Usage("write it like iso-27037/1=sha256:…", "--%s: %q is not sha256: and 64 digits", flag, text)
		}
		pins = append(pins, trust.Pin{Name: name, Digest: d})
	}
	return pins, nil
}

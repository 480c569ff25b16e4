package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

func sealVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "seal", Category: groupCustody, ArgsUsage: "[PATH…]",
		Usage: "take evidence into custody",
		Description: "Files and folders are read once: digested, encrypted into the store, and fixed in the ledger by one signed event. " +
			"Everything that was met is recorded and what is no plain file is said: symbolic links (not followed), unreadable files, files that changed meanwhile.\n\n" +
			"A thing without bytes, a phone in a bag, is sealed with --object and the number of its physical seal.\n\n" +
			"What came before sealing is recorded as stated (--custody-before), never as proven.",
		UsageText: "custody seal disk.e01 --case KOS-2026-0042 --exhibit E-0017\n" +
			"custody seal --object 'phone, black, screen broken' --physical-seal 0017732 --photo front.jpg --photo back.jpg\n" +
			"custody seal usb-stick --dry-run",
		Flags:  sealFlags(),
		Action: func(c *cli.Context) error { return t.seal(c) },
	}
}

func sealFlags() []cli.Flag {
	own := []cli.Flag{
		caseFlag("the proceeding's `REFERENCE`"),
		&cli.StringFlag{Name: "exhibit", Usage: "the desk's own `NUMBER` for it"},
		&cli.StringFlag{Name: "description", Usage: "what it is: `TEXT`"},
		&cli.StringFlag{Name: "object", Usage: "a thing without bytes: `TEXT`"},
		&cli.StringSliceFlag{Name: "physical-seal", Usage: "the `NUMBER` on the bag"},
		&cli.StringSliceFlag{Name: "photo", Usage: "a `FILE` that shows the thing; sealed with it"},
		&cli.StringFlag{Name: "custody-before", Usage: "who held it before, as stated: `TEXT`"},
		&cli.StringFlag{Name: "collector", Usage: "who collected it: `TEXT`"},
		&cli.StringSliceFlag{Name: "tool", Usage: "a tool that was used, with its version: `TEXT`"},
		&cli.BoolFlag{Name: "second-digest", Usage: "take SHA-512 as well, where the standard asks for a second digest"},
		&cli.BoolFlag{Name: "protected", Usage: "it concerns one protected person: stored apart, so that it can be erased alone"},
		&cli.StringFlag{Name: "again", Usage: "the reason, when the same content was sealed here before: `TEXT`"},
		&cli.StringFlag{Name: "continues", Usage: "the dead `ITEM` that this one goes on from; needs --second"},
		&cli.StringFlag{Name: "under-offer", Usage: "the received `ITEM` whose giver's ledger does not answer; shown as one-sided"},
		secondFlag("with --continues"),
	}
	own = append(own, standardFlags()...)
	own = append(own, recordFlags()...)
	own = append(own, whenFlags()...)
	return append(own, patienceFlag(), receiptFlag(), asFlag(), dryRunFlag())
}

func (t *tool) seal(c *cli.Context) error {
	in, err := sealing(c, c.Args().Slice())
	if err != nil {
		return err
	}
	if err := t.underStandard(c, c.String("standard"), &in); err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := earlierItems(c, s, &in); err != nil {
		return err
	}
	r, err := t.newReport(c, "seal", nil)
	if err != nil {
		return err
	}
	t.sayLinks(append(in.Paths, in.Photos...))
	progress := t.term.Progress()
	defer progress.Close()
	in.Progress = progress
	sealed, err := s.Seal(c.Context, in)
	progress.Close()
	r.sealed(sealed, nil, err)
	return r.end()
}

// sayLinks says which of the paths given are symbolic links: a person named them,
// so they are followed, which links inside a folder never are.
func (t *tool) sayLinks(paths []string) {
	for _, p := range paths {
		if info, err := os.Lstat(p); err == nil && info.Mode()&os.ModeSymlink != 0 {
			t.term.Say("%s is a symbolic link; sealed is what it leads to", p)
		}
	}
}

// sealing reads from the line what is to be sealed of paths.
func sealing(c *cli.Context, paths []string) (in desk.Sealing, err error) {
	in = desk.Sealing{
		Paths: paths, Object: c.String("object"), Photos: c.StringSlice("photo"), PhysicalSeals: c.StringSlice("physical-seal"),
		SHA512: c.Bool("second-digest"), Protected: c.Bool("protected"),
		Again: c.String("again"), Second: c.String("second"),
	}
	switch {
	case len(in.Paths) == 0 && in.Object == "":
		return in, ui.Usage("name files or folders, or give --object TEXT", "there is nothing to seal")
	case in.Object == "" && len(in.Photos) > 0:
		return in, ui.Usage("name the photographs as files", "--photo goes with --object")
	case c.IsSet("second") && !c.IsSet("continues"):
		return in, ui.Usage("one officer seals alone", "--second goes with --continues")
	}
	if err := standardAsPath(paths, "give a standard as --standard ID"); err != nil {
		return in, err
	}
	if in.Fields, err = record(c, "case", "exhibit", "description", "collector"); err != nil {
		return in, err
	}
	if before := c.String("custody-before"); before != "" {
		in.Fields["custody.before"] = before
	}
	useTools(c, in.Fields)
	in.At, err = occurred(c)
	return in, err
}

// earlierItems finds what --continues and --under-offer name.
func earlierItems(c *cli.Context, s *desk.Session, in *desk.Sealing) error {
	if name := c.String("continues"); name != "" {
		it, err := s.Find(c.Context, name)
		if err != nil {
			return err
		}
		in.Continues = it.ID
	}
	if name := c.String("under-offer"); name != "" {
		it, err := s.Find(c.Context, name)
		if err != nil {
			return err
		}
		if it.Last().Event.Action != evidence.Offer {
			return desk.ErrNotOffered
		}
		in.Offer = it.Last().Leaf
	}
	return nil
}

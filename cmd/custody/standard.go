package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// Problems of standards.
const (
	codeNoStandard      ui.Code = "E-NO-STANDARD"
	codeStandardFile    ui.Code = "E-STANDARD-FILE"
	codeStandardRefuses ui.Code = "E-STANDARD-REFUSES"
	codeField           ui.Code = "E-FIELD"
)

var _ = ui.Register(
	ui.Entry{Code: codeNoStandard, Class: ui.ErrUsage, Title: "No such standard", For: []error{standards.ErrNone},
		Means: "nothing was begun; without the standard there is nothing to hold the evidence against",
		Do:    []string{"custody standard list"}},
	ui.Entry{Code: codeStandardFile, Title: "Not a standard that can be used", For: []error{rules.ErrLoad},
		Means: "nothing of the pack was evaluated, and nothing was sealed under it",
		Do:    []string{"correct the line named above", "custody help formats standards says what a pack is"}},
	ui.Entry{Code: codeStandardRefuses, Title: "Refused by the standard", For: []error{standard.ErrRefused},
		Means: "nothing was signed, and nothing that was read is kept; a rule that blocks is not kept, or cannot be told to be",
		Do:    []string{"custody standard check shows every rule and field", "record what the rule asks for: --field NAME=…, --fields FILE, --form", "custody standard show ID says what each is; with --template as a file to fill in"}},
	ui.Entry{Code: codeField, Title: "A field cannot be taken so", For: []error{rules.ErrField},
		Means: "nothing was signed; what the field says would be wrong, ignored, or seen by people whom it does not concern",
		Do:    []string{"custody standard show ID lists the fields", "a text that identifies nobody: --personal-checked NAME, once you have checked it"}},
)

// standardVerb is `custody standard`.
func standardVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "standard", Category: groupAgreed,
		Usage: "the standards that evidence is gathered to: list, show, check, diff, attest",
		Description: "A standard is a rule pack: the fields that it asks for when something is sealed, and rules that a program decides. It counts where the trust list names it by digest.\n\n" +
			"Seal under one with custody seal --standard ID. A court reads in question 7 what became of each rule.",
		Subcommands: []*cli.Command{standardList(t), standardShow(t), standardCheck(t), standardDiff(t), standardAttest(t)},
	}
}

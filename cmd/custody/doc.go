// Command custody is the tool of a desk and of a court: it seals evidence, hands
// it over, packs it, and verifies packages offline.
//
// # Adding a verb
//
// A verb is one file with one constructor, named in the list in verbs.go:
//
//	func offerVerb(t *tool) *cli.Command {
//		return &cli.Command{
//			Name:        "offer",
//			Category:    groupCustody,             // where help shows it
//			Usage:       "hand an item to another custodian",
//			ArgsUsage:   "ITEM…",                  // also checks the number of arguments
//			Description: "What a person must know before.",
//			UsageText:   "custody offer 4f2a… --to kov.card",  // examples, one a line; a test parses them
//			Flags: []cli.Flag{
//				&cli.PathFlag{Name: "to", Required: true, Usage: "the receiver's `CARD`"},
//				dryRunFlag(),
//			},
//			Action: func(c *cli.Context) error { return t.offer(c) },
//		}
//	}
//
// The constructor only describes; t is asked inside the action, when the global
// flags are known. What the skeleton does, so that a verb does not:
//
//   - Flags may stand anywhere on the line. Unknown flags, a missing value, a
//     flag given twice with two values, missing required flags and a wrong
//     number of arguments never reach the action. ArgsUsage is the rule: NAME
//     is one argument, [NAME] none or one, NAME… one or more, [NAME…] any number.
//   - A flag's name has the same kind everywhere (with or without a value), and
//     no verb takes a name of a global flag. A file whose name begins with a
//     hyphen stands after "--".
//   - A flag that takes a few words is made by choiceFlag; completion offers
//     them. The word in backquotes in a flag's usage is its placeholder.
//   - A comma in a value is part of it: a list is the flag given several times.
//
// An action works through these:
//
//   - t.needHome() is the desk's folder.
//   - t.term.Passphrase(ctx, ui.Secret{Name: "the desk's key"}) and
//     t.term.Confirm(ctx, "sign 200 events") and t.term.Ask.
//   - p := t.term.Progress(); defer p.Close(). It has Stage, File and Add, so it
//     can be handed to a workflow as a small interface.
//   - out, err := t.term.Output(path, ui.OutputOptions{…}); defer out.Close();
//     write; out.Commit(). Never os.Create.
//   - t.term.Summary("offer", data, text) once, as the last thing; t.term.Emit
//     for the lines of a list; t.term.Finding for checks; t.term.Say and Warn.
//   - c.Context ends when the user interrupts.
//
// A failure is returned, never printed: as a *ui.Problem where the verb knows
// what it means for the evidence, else as it is (the system's errors are
// explained). Codes are registered beside the verb:
//
//	var _ = ui.Register(ui.Entry{Code: "E-OFFER-…", Title: …, Means: …, Do: …})
//
// A verdict that is on the screen already ends with ui.Shown(problem), which
// sets the exit code and prints no more.
//
// # Tests
//
// Scripts are testdata/*.txtar and run custody as a command (script_test.go
// lists the further commands). Every visible verb must appear in one; every
// verb but those that write nothing has --dry-run; tests hold both.
package main

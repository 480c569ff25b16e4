package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
)

// codeDoctor reports that something at the desk has to be put right.
const codeDoctor ui.Code = "E-DOCTOR"

var _ = ui.Register(ui.Entry{Code: codeDoctor, Title: "The desk needs care",
	Means: "what was acknowledged before stays; the next act may fail or stand on weaker ground until it is put right",
	Do:    []string{"do what stands below each line marked FAILS"}})

// doctorVerb is `custody doctor`.
func doctorVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Category:  groupKeep,
		Usage:     "check the desk: keys, trust list, store, disk, clock, ledger, cosigners, queue, backup",
		UsageText: "custody doctor\ncustody doctor --unlock",
		Description: "Each line holds, fails, or should be looked at (undecided), and says what to do. Exit code 1 when a line fails. " +
			"With --unlock it also opens the vault and the ledger, reads every item's events, looks for every object, and compares " +
			"the ledger with what the cosigners signed last.",
		Flags: []cli.Flag{
			asFlag(),
			&cli.BoolFlag{Name: "unlock", Usage: "also look at what needs a key"},
		},
		Action: t.doctor,
	}
}

// doctor prints every check as it is made.
func (t *tool) doctor(c *cli.Context) (err error) {
	checks, err := t.examineHome(c)
	if err != nil {
		return err
	}
	count := map[verify.Status]int{}
	for _, check := range checks {
		count[check.Status]++
		if err := t.term.Finding(ui.Finding{Check: check.Name, Status: string(check.Status), Subject: check.Name, Detail: check.Detail, Do: check.Do}); err != nil {
			return err
		}
	}
	sum := struct {
		Holds     int `json:"holds"`
		Fails     int `json:"fails"`
		Undecided int `json:"undecided"`
	}{count[verify.Holds], count[verify.Fails], count[verify.Undecided]}
	if err := t.term.Summary("doctor", sum, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "\n%s: %d hold, %d fail, %d to look at\n", ui.Count(len(checks), "check", "checks"), sum.Holds, sum.Fails, sum.Undecided)
		return err
	}); err != nil {
		return err
	}
	if sum.Fails > 0 {
		return ui.NewProblem(codeDoctor, nil, "%s at the desk in %s", ui.Count(sum.Fails, "check fails", "checks fail"), t.home)
	}
	return nil
}

// examineHome makes the checks, with a key if that was asked.
func (t *tool) examineHome(c *cli.Context) (_ []desk.Check, err error) {
	if c.Bool("unlock") {
		s, err := t.openDesk(c)
		if err != nil {
			return nil, err
		}
		bar := t.term.Progress()
		defer bar.Close()
		checks, err := s.Examine(c.Context, bar)
		return append(s.Doctor(), checks...), errors.Join(err, s.NoteCheck(), s.Close())
	}
	h, err := t.lookDesk(c)
	if err != nil {
		return nil, err
	}
	t.term.Say("items and ledger are not opened without a key; custody doctor --unlock looks at them, too")
	return h.Doctor(), errors.Join(h.NoteCheck(), h.Close())
}

package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/check"
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
		Usage:     "check the desk: keys, trust list, store, disk, clock, ledger, node, cosigners, queue, backup",
		UsageText: "custody doctor\ncustody doctor --unlock\ncustody doctor --tsa https://time.aa.example/tsr",
		Description: "Each line holds, fails, or should be looked at (undecided), and says what to do. Exit code 1 when a line fails. " +
			"With --unlock it also opens the vault and the ledger, reads every item's events, looks for every object, and compares " +
			"the ledger with what the cosigners signed last.",
		Flags: []cli.Flag{
			asFlag(),
			tsaFlag("also ask the timestamp authority at this `URL`"),
			&cli.BoolFlag{Name: "unlock", Usage: "also look at what needs a key"},
		},
		Action: t.doctor,
	}
}

// doctor prints every check as it is made.
func (t *tool) doctor(c *cli.Context) (err error) {
	stamp, err := stamper(c)
	if err != nil {
		return err
	}
	checks, err := t.examineHome(c, stamp)
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
func (t *tool) examineHome(c *cli.Context, stamp desk.Stamper) (checks check.List, err error) {
	h, err := t.openHome(c, desk.OpenToLook) // why nobody can act is among the checks
	if err != nil {
		return nil, err
	}
	defer h.Close()
	if !c.Bool("unlock") {
		t.term.Say("items and ledger are not opened without a key; custody doctor --unlock looks at them, too")
		checks = append(h.Doctor(), h.DoctorTime(c.Context, stamp)...)
		t.noteCheck(h)
		return checks, nil
	}
	s, found, err := t.examineInside(c, h)
	if err != nil {
		return nil, err
	}
	checks = slices.Concat(h.Doctor(), h.DoctorTime(c.Context, stamp), found)
	t.noteCheck(h)
	if s != nil {
		t.closeLook(s)
	}
	return checks, nil
}

// examineInside makes the checks that need a key. A home that does not open is a
// finding, too, and then there is no session.
func (t *tool) examineInside(c *cli.Context, h *desk.Home) (*desk.Session, check.List, error) {
	s, err := t.unlock(c, h)
	if err != nil {
		if p := ui.Explain(explained(err)); p.Code == codeHomeDamaged || p.Code == codeHomeVersion || p.Code == codeKeyDamaged {
			var l check.List
			l.Fails("home.open", "do what the other lines say; custody help "+string(p.Code), "it cannot be opened with the key: %v", err)
			return nil, l, nil
		}
		return nil, nil, err
	}
	t.sayResumed(s)
	bar := t.term.Progress()
	defer bar.Close()
	found, err := s.Examine(c.Context, bar)
	if err != nil {
		t.closeLook(s)
	}
	return s, found, err
}

// noteCheck remembers that the desk was looked at, where that can be written.
func (t *tool) noteCheck(h *desk.Home) {
	if h.Stuck() != nil {
		return
	}
	if err := h.NoteCheck(); err != nil {
		t.term.Warn("the desk could not note that it was looked at: %v", err)
	}
}

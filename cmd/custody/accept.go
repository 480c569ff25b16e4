package main

import (
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

func acceptVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "accept", Category: groupCustody, ArgsUsage: "[ITEM|FILE…]",
		Usage: "take over items that were offered, or go on with a handoff file",
		Description: "Every stored byte is read again and compared with the sealed digests before anything is signed; what differs is not accepted.\n\n" +
			"Given a file of a handoff between desks, it takes the next step: the receiver gives offer.age, which is verified and answered; " +
			"the giver gives the answer.age that came back, which is logged and receipted; the receiver gives receipt.age, and has custody. " +
			"A history.age shows how a request goes on at the other side's desk: it is taken in, and nothing is signed.",
		UsageText: "custody accept 4f2a9c01 --as kov\ncustody accept handoff/offer.age\ncustody accept --case KOS-2026-0042 --seal-found 0017732",
		Flags: actFlags(
			caseFlag("every offered item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "condition", Usage: "in what condition it arrived: `TEXT`"},
			&cli.BoolFlag{Name: "seals-match", Usage: "every physical seal was compared and is the one recorded"},
			patienceFlag(),
		),
		Action: func(c *cli.Context) error { return t.answer(c, evidence.Accept, "condition") },
	}
}

// answer runs accept and decline: of items within the desk, or of a file.
func (t *tool) answer(c *cli.Context, action evidence.Action, text ...string) error {
	fields, err := record(c, text...)
	if err != nil {
		return err
	}
	at, err := occurred(c)
	if err != nil {
		return err
	}
	file, err := handoffFile(c.Args().Slice())
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	progress := t.term.Progress()
	defer progress.Close()
	a := desk.Answer{Action: action, Fields: fields, At: at, Progress: progress, SealsMatch: c.Bool("seals-match")}
	if file != "" {
		return t.answerFile(c, s, file, a)
	}
	items, err := t.chooseOffered(c, s, c.Args().Slice())
	if err != nil {
		return err
	}
	answers := make([]desk.Answer, len(items))
	for i, it := range items {
		answers[i] = a
		answers[i].Item = it
	}
	r, err := t.newReport(c, string(action), items)
	if err != nil {
		return err
	}
	done, err := s.Answer(c.Context, answers)
	progress.Close()
	r.add(done, err)
	return r.end()
}

// handoffFile returns the argument that is a handoff file, "" when the arguments
// name items.
func handoffFile(args []string) (string, error) {
	for _, a := range args {
		info, err := os.Stat(a)
		if err != nil && !strings.HasSuffix(a, ".age") {
			continue
		}
		switch {
		case err != nil:
			return "", err
		case info.IsDir():
			return "", ui.Usage("name the file in it: "+desk.OfferFile+", "+desk.AnswerFile+" or "+desk.ReceiptFile, "%s is a folder", a)
		case len(args) > 1:
			return "", ui.Usage("give the file alone", "%s is a handoff file, and there are other arguments", a)
		}
		return a, nil
	}
	return "", nil
}

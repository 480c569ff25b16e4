package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

func offerVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "offer", Category: groupCustody, ArgsUsage: "[ITEM…]",
		Usage: "hand items to another custodian, who has to accept",
		Description: "The giver signs; custody passes when the receiver's accept is logged, never before. Within a desk the receiver runs " +
			"`custody accept ITEM`. To another desk, --out names a folder for the offer and the encrypted evidence: send the whole folder, " +
			"as you would send the evidence itself. What comes back, answer.age, goes to `custody accept` here.\n\n" +
			"Each item is decided alone: what may not be offered is listed with the reason, and the others are offered.",
		UsageText: "custody offer 4f2a9c01 --to kov\ncustody offer --case KOS-2026-0042 --to bb-lab.card --out handoff --due 7d --carrier 'courier, bag 17'",
		Flags: append(actFlags(
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "to", Required: true, Usage: "the receiver: an `OFFICER` of this desk, or the card file of another desk's"},
			&cli.StringFlag{Name: "due", Value: "72h", Usage: "by when an answer is due: `TIME` from the offer on as 48h or 7d, or 2026-03-05T12:00:00Z"},
			&cli.PathFlag{Name: "out", Usage: "`FOLDER` for the handoff files, when the receiver is at another desk"},
			&cli.StringFlag{Name: "condition", Usage: "in what condition it is handed over: `TEXT`"},
			&cli.StringFlag{Name: "carrier", Usage: "who carries it: `TEXT`"},
			&cli.StringFlag{Name: "tracking", Usage: "the carrier's `NUMBER`"},
			toAuthorityFlag("the receiver gets"),
		), append(underFlags(), useFlags()...)...),
		Action: func(c *cli.Context) error { return t.offer(c) },
	}
}

func (t *tool) offer(c *cli.Context) error {
	o, err := offering(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if o.To, err = s.CardOf(c.String("to")); err != nil {
		return ui.NewProblem(codeReceiver, err, "the receiver cannot be told")
	}
	from := s.Now()
	if o.At != nil {
		from = o.At.From // it is recorded later; the answer was due counted from then
	}
	if o.Due, err = parseDue(c.String("due"), from); err != nil {
		return err
	}
	if o.Items, err = t.chooseItems(c, s, c.Args().Slice()); err != nil {
		return err
	}
	if o.Under, err = under(c, s); err != nil {
		return err
	}
	r, err := t.newReport(c, "offer", o.Items)
	if err != nil {
		return err
	}
	progress := t.term.Progress()
	defer progress.Close()
	o.Progress = progress
	out, err := s.Offer(c.Context, o)
	progress.Close()
	if out == nil {
		return err
	}
	r.handoff(out.File)
	if out.File == "" && o.Dir != "" && waits(out.Done) {
		t.term.Say("the file for the receiver is not written before the node has the offer: give the same command again then, nothing is signed again")
	}
	for _, id := range out.Again {
		t.term.Say("item %s was offered before to the same receiver; it is in the file again, not signed again", id.Short())
	}
	if len(out.Done) > 0 {
		r.extra = func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "to %s (%s of %s), answer due by %s\n", ui.Name(o.To.Alias), o.To.Role, o.To.State, o.Due.UTC().Format(time.RFC3339))
			return err
		}
	}
	r.add(out.Done, err)
	return r.end()
}

// waits reports whether any of what was done waits for the node.
func waits(done []desk.Done) bool {
	return slices.ContainsFunc(done, func(d desk.Done) bool { return d.Waits })
}

// offering reads the flags that need no desk.
func offering(c *cli.Context) (o desk.Offering, err error) {
	if o.Fields, err = record(c, "condition", "carrier", "tracking"); err != nil {
		return o, err
	}
	if o.At, err = occurred(c); err != nil {
		return o, err
	}
	o.Dir, o.Use, o.ToAuthority = c.Path("out"), use(c), c.Bool("to-authority")
	return o, nil
}

// handoff notes a handoff file that was written.
func (r *report) handoff(file string) {
	if file != "" {
		r.out.Files = append(r.out.Files, file)
	}
	switch filepath.Base(file) {
	case desk.OfferFile:
		r.t.term.Say("send the whole folder %s to the receiver; the answer comes back as %s", filepath.Dir(file), desk.AnswerFile)
	case desk.HistoryFile:
		r.t.term.Say("send %s to the other side; custody accept takes it in there, and nothing comes back", file)
	}
}

// parseDue reads a moment, or a time from the offer on in hours, minutes or days.
func parseDue(text string, from time.Time) (time.Time, error) {
	due, err := time.Parse(time.RFC3339, text)
	if days, ok := strings.CutSuffix(text, "d"); ok && err != nil {
		if n, bad := strconv.Atoi(days); bad == nil {
			due, err = from.AddDate(0, 0, n), nil
		}
	}
	if d, bad := time.ParseDuration(text); bad == nil {
		due, err = from.Add(d), nil
	}
	switch {
	case err != nil:
		return due, ui.Usage("write it as 48h, 7d, or 2026-03-05T12:00:00Z", "--due: %q is neither a time from the offer on nor a moment with its zone", text)
	case !due.After(from):
		return due, ui.Usage("", "--due %s is not after the offer", text)
	}
	return due, nil
}

package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/matches"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

func listFlag() cli.Flag {
	return &cli.PathFlag{Name: "list", Usage: "this desk's identifiers as CSV, `FILE`; first line: kind,names,birth,state,number,reference"}
}

func messageFlag() cli.Flag {
	return &cli.PathFlag{Name: "out", Usage: "`FILE` for the message that goes to the other desk, encrypted to it"}
}

// messageOut opens the file for a message, and nothing when the line names none.
func (t *tool) messageOut(c *cli.Context) (*ui.Output, error) {
	if c.Path("out") == "" {
		return nil, nil
	}
	return t.term.Output(c.Path("out"), ui.OutputOptions{Binary: true, Force: c.Bool("force")})
}

// sayMatch writes the message that goes to the other desk, and says what has become of the
// session. When it cannot be written the session goes on, and the message can be had again.
func (t *tool) sayMatch(c *cli.Context, verb string, o *matches.Outcome, to *ui.Output, consultation *evidence.ItemID) error {
	out := matchOutput{Outcome: o, DryRun: c.Bool("dry-run"), Consultation: consultation}
	if o.Message != nil {
		_, err := to.Write(o.Message)
		if err == nil {
			err = to.Commit()
		}
		if err != nil {
			t.term.Say("the message can be had again: custody request match again %s --out FILE", o.Session.String()[:16])
			return err
		}
		out.File = to.Path()
	}
	return t.term.Summary(verb, out, out.text)
}

func matchAsk(t *tool) *cli.Command {
	return &cli.Command{
		Name: "ask", ArgsUsage: "CARD", Usage: "begin to compare: write the first of four messages",
		Description: "Identifiers are compared in one form: accents, case, punctuation and the order of names do not matter; another spelling is another identifier.",
		UsageText:   "custody request match ask bb-kov.card --purpose repeat-interview --list heard.csv --out 1.match",
		Flags:       []cli.Flag{purposeFlag(), listFlag(), messageFlag(), forceFlag(), asFlag(), dryRunFlag()},
		Action:      func(c *cli.Context) error { return t.matchAsk(c) },
	}
}

// matchOutput is the output of match ask and match take.
type matchOutput struct {
	*matches.Outcome
	File   string `json:"file,omitempty"` // the message that goes to the other desk
	DryRun bool   `json:"dry_run"`

	Consultation *evidence.ItemID `json:"consultation,omitempty"` // about a hit
}

func (o matchOutput) text(w io.Writer) error {
	if o.DryRun {
		fmt.Fprintln(w, "nothing was kept, written or found out")
		return nil
	}
	if err := outcomeText(w, o.Outcome, o.File); err != nil || o.Consultation == nil {
		return err
	}
	return consultOutput{Item: o.Consultation}.text(w)
}

func (t *tool) matchAsk(c *cli.Context) error {
	purpose, err := purposeOf(c)
	if err != nil {
		return err
	}
	if c.Path("out") == "" || c.Path("list") == "" {
		return ui.Usage("--list FILE.csv --out FILE", "a session begins with this desk's identifiers and a file for the first message")
	}
	held, err := readHeld(c.Path("list"))
	if err != nil {
		return err
	}
	out, err := t.messageOut(c)
	if err != nil {
		return err
	}
	defer out.Close()
	s, d, err := t.openMatches(c)
	if err != nil {
		return err
	}
	defer s.Close()
	card, err := cardArgument(c, s)
	if err != nil {
		return err
	}
	done, err := d.Ask(c.Context, keyOf(card), purpose, held)
	if err != nil {
		return err
	}
	return t.sayMatch(c, "request match ask", done, out, nil)
}

func readHeld(path string) ([]matches.Held, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return matches.ReadList(f)
}

func matchTake(t *tool) *cli.Command {
	return &cli.Command{
		Name: "take", ArgsUsage: "FILE", Usage: "take the other desk's message, whichever it is, and write the next one",
		Description: "An opening needs --list, this desk's identifiers; all but the last message are followed by one for the other desk, --out. The same file taken again writes the same message again.",
		UsageText:   "custody request match take 1.match --list heard.csv --out 2.match\ncustody request match take 4.match",
		Flags:       []cli.Flag{listFlag(), messageFlag(), forceFlag(), asFlag(), dryRunFlag()},
		Action:      func(c *cli.Context) error { return t.matchTake(c) },
	}
}

func (t *tool) matchTake(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return ui.Usage("name the other desk's file", "%d arguments, one message is wanted", c.Args().Len())
	}
	var held func() ([]matches.Held, error)
	if path := c.Path("list"); path != "" {
		held = func() ([]matches.Held, error) { return readHeld(path) }
	}
	out, err := t.messageOut(c)
	if err != nil {
		return err
	}
	if out != nil {
		defer out.Close()
	}
	s, d, err := t.openMatches(c)
	if err != nil {
		return err
	}
	defer s.Close()
	done, err := d.Take(c.Context, c.Args().First(), held, out != nil)
	if err != nil {
		return err
	}
	return t.sayMatch(c, "request match take", done, out, t.consult(c, s, done))
}

// consult opens the consultation that a hit calls for, where the officer may; the
// session's result stands either way.
func (t *tool) consult(c *cli.Context, s *desk.Session, o *matches.Outcome) *evidence.ItemID {
	if o.Step != matches.Over || len(o.Hits) == 0 || c.Bool("dry-run") {
		return nil
	}
	item, _, err := s.Consultation(c.Context, o)
	if err != nil {
		t.term.Warn("the consultation about it is not opened: %v; an officer who may seal opens it: custody request match consult %s --as OFFICER", err, o.Session.String()[:16])
		return nil
	}
	return &item
}

func matchConsult(t *tool) *cli.Command {
	return &cli.Command{
		Name: "consult", ArgsUsage: "SESSION", Usage: "open the consultation about a hit, where it is not open yet",
		Description: "An item of this desk says with whom, for which purpose, and about how many identifiers the two authorities talk; it has none of them. match take opens it by itself for an officer who may seal. " +
			"What is talked about and agreed goes on as acts on the item.",
		UsageText: "custody request match consult 4f2a9c01d3b8e6f7 --as ann",
		Flags:     []cli.Flag{asFlag(), dryRunFlag()},
		Action: func(c *cli.Context) error {
			s, d, id, err := t.findMatch(c)
			if err != nil {
				return err
			}
			defer s.Close()
			all, err := d.Sessions()
			if err != nil {
				return err
			}
			at := slices.IndexFunc(all, func(o *matches.Outcome) bool { return o.Session == id })
			out := consultOutput{Session: id, DryRun: s.DryRun}
			item, again, err := s.Consultation(c.Context, all[at])
			if result := desk.OutcomeOf(err); result.DryRun != nil {
				out.Would, err = result.DryRun.Acts, result.Err
			} else {
				out.Item, out.Again = &item, again
			}
			if err != nil {
				return err
			}
			return t.term.Summary("request match consult", out, out.text)
		},
	}
}

// consultOutput is the output of match consult.
type consultOutput struct {
	Session evidence.Hash    `json:"session"`
	Item    *evidence.ItemID `json:"item,omitempty"`
	Again   bool             `json:"again"` // it was open already
	DryRun  bool             `json:"dry_run"`
	Would   []desk.Preview   `json:"would_sign,omitempty"`
}

func (o consultOutput) text(w io.Writer) error {
	if o.Item == nil {
		_, err := fmt.Fprintln(w, "an item would be sealed that says who consults whom; nothing was signed")
		return err
	}
	_, err := fmt.Fprintf(w, "the consultation is item %s\n", o.Item.Short())
	return err
}

func matchAgain(t *tool) *cli.Command {
	return &cli.Command{
		Name: "again", ArgsUsage: "SESSION", Usage: "write a session's message for the other desk once more",
		Description: "For who has lost the file, or could not write it. Nothing is compared anew.",
		UsageText:   "custody request match again 4f2a9c01d3b8e6f7 --out 1.match",
		Flags:       []cli.Flag{&cli.PathFlag{Name: "out", Required: true, Usage: "`FILE` for the message"}, forceFlag(), asFlag(), dryRunFlag()},
		Action: func(c *cli.Context) error {
			out, err := t.messageOut(c)
			if err != nil {
				return err
			}
			defer out.Close()
			s, d, id, err := t.findMatch(c)
			if err != nil {
				return err
			}
			defer s.Close()
			done, err := d.Again(c.Context, id)
			if err != nil {
				return err
			}
			return t.sayMatch(c, "request match again", done, out, nil)
		},
	}
}

func matchDrop(t *tool) *cli.Command {
	return &cli.Command{
		Name: "drop", ArgsUsage: "SESSION", Usage: "give a session up and forget what it compares",
		Description: "Its identifiers and keys leave the home, and no message of it is taken any more.",
		UsageText:   "custody request match drop 4f2a9c01d3b8e6f7",
		Flags:       []cli.Flag{asFlag(), dryRunFlag()},
		Action: func(c *cli.Context) error {
			s, d, id, err := t.findMatch(c)
			if err != nil {
				return err
			}
			defer s.Close()
			if err := d.Drop(id); err != nil {
				return err
			}
			out := struct {
				Session evidence.Hash `json:"session"`
				DryRun  bool          `json:"dry_run"`
			}{id, d.DryRun}
			return t.term.Summary("request match drop", out, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "dropped%s\n", dryWord(out.DryRun))
				return err
			})
		},
	}
}

// findMatch opens the home, and finds the session that the line names by the first
// digits of its id.
func (t *tool) findMatch(c *cli.Context) (*desk.Session, *matches.Desk, evidence.Hash, error) {
	start := c.Args().First()
	if c.Args().Len() != 1 || len(start) < 4 {
		return nil, nil, evidence.Hash{}, ui.Usage("custody request match list shows them", "a session is named by the first digits of its id, four at least")
	}
	s, d, err := t.openMatches(c)
	if err != nil {
		return nil, nil, evidence.Hash{}, err
	}
	all, err := d.Sessions()
	var found []evidence.Hash
	for _, x := range all {
		if strings.HasPrefix(x.Session.String(), start) {
			found = append(found, x.Session)
		}
	}
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d sessions begin with %q: %w", len(found), start, matches.ErrUnknown)
	}
	if err != nil {
		s.Close()
		return nil, nil, evidence.Hash{}, err
	}
	return s, d, found[0], nil
}

func matchList(t *tool) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "with whom it is on, and how far each session has come", UsageText: "custody request match list",
		Flags:  []cli.Flag{asFlag()},
		Action: func(c *cli.Context) error { return t.matchList(c) },
	}
}

// matchListOutput is the output of match list.
type matchListOutput struct {
	On       []*matches.Peer    `json:"on"`
	Sessions []*matches.Outcome `json:"sessions"`
}

func (t *tool) matchList(c *cli.Context) error {
	s, d, err := t.openMatches(c)
	if err != nil {
		return err
	}
	defer s.Close()
	out := matchListOutput{On: []*matches.Peer{}, Sessions: []*matches.Outcome{}}
	peers, err := d.Peers()
	if err != nil {
		return err
	}
	sessions, err := d.Sessions()
	if err != nil {
		return err
	}
	out.On, out.Sessions = append(out.On, peers...), append(out.Sessions, sessions...)
	return t.term.Summary("request match list", out, out.text)
}

func (o matchListOutput) text(w io.Writer) error {
	if len(o.On) == 0 {
		fmt.Fprintln(w, "off: nothing is compared with anybody")
	}
	for _, p := range o.On {
		fmt.Fprintf(w, "on with %s, for %s\n", ui.Clean(p.With), p.Purpose)
	}
	for _, x := range o.Sessions {
		fmt.Fprintf(w, "%s  %s  %s, %s: %s\n", x.Session.String()[:16], x.Begun.Format(time.RFC3339), ui.Clean(x.With), x.Purpose, waitsFor[x.Step])
		if x.Step == matches.Over {
			if err := hitsText(w, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// waitsFor says how far a session has come.
var waitsFor = map[matches.Step]string{
	matches.Asked: "asked, the answer is waited for", matches.Answered: "answered, the tokens are waited for",
	matches.Shown: "tokens sent, unanswered", matches.Over: "over", matches.Dropped: "dropped",
}

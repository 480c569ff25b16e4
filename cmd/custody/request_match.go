package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/matches"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/signing/keyfile"
)

// Problems of private matching.
const (
	codeMatchOff     ui.Code = "E-MATCH-OFF"
	codeMatchCard    ui.Code = "E-MATCH-CARD"
	codeMatchFile    ui.Code = "E-MATCH-FILE"
	codeMatchSession ui.Code = "E-MATCH-SESSION"
	codeMatchList    ui.Code = "E-MATCH-LIST"
	codeMatchFalse   ui.Code = "E-MATCH-FALSE"
	codeMatchNeeds   ui.Code = "E-MATCH-NEEDS"
)

var _ = ui.Register(
	ui.Entry{Code: codeMatchOff, Title: "Matching is not switched on", For: []error{matches.ErrOff, matches.ErrMany},
		Means: "no identifier was compared and nothing was sent; both desks have to switch it on, for the purpose, and for as many as are compared",
		Do:    []string{"custody request match list", "custody request match on CARD --purpose PURPOSE"}},
	ui.Entry{Code: codeMatchCard, Class: ui.ErrUsage, Title: "Nothing can be compared with this card", For: []error{matches.ErrNoPeer, matches.ErrOwnCard},
		Means: "nothing was switched on",
		Do:    []string{"ask the other desk for its officer's card: custody key card OFFICER"}},
	ui.Entry{Code: codeMatchFile, Title: "Not the message that is expected", For: []error{matches.ErrFile, matches.ErrOther, matching.ErrMessage},
		Means: "nothing was taken from it and nothing was sent; the session goes on with the message that it waits for",
		Do:    []string{"custody request match list says which message each session waits for", "ask the other desk to send its file again, to the officer whose card it has"}},
	ui.Entry{Code: codeMatchSession, Title: "No such session is under way", For: []error{matches.ErrUnknown, matches.ErrTaken, matches.ErrNothing, matching.ErrState, desk.ErrNoHit},
		Means: "nothing was taken from the message",
		Do:    []string{"custody request match list", "the session may be another officer's of this desk: --as OFFICER"}},
	ui.Entry{Code: codeMatchList, Class: ui.ErrUsage, Title: "Not a list of identifiers", For: []error{matches.ErrList, matching.ErrIdentifier, matching.ErrCount},
		Means: "no identifier was compared and nothing was sent",
		Do:    []string{"correct the line named above", "first line: kind,names,birth,state,number,reference; kinds: person, document, phone, account", "custody help formats matching"}},
	ui.Entry{Code: codeMatchFalse, Title: "The other side does not follow the protocol", For: []error{matching.ErrProof},
		Means: "nothing was taken from the message; whatever it would have shown is not true",
		Do:    []string{"keep the file", "ask the other desk which program made it; custody request match off CARD"}},
	ui.Entry{Code: codeMatchNeeds, Class: ui.ErrUsage, Title: "Something is missing on the line", For: []error{matches.ErrNeedsList, matches.ErrNeedsOut, matching.ErrSession},
		Means: "nothing was taken from the message, and nothing was sent",
		Do:    []string{"--out FILE for the message that goes back", "--list FILE.csv with this desk's identifiers, to answer an opening"}},
)

func requestMatch(t *tool) *cli.Command {
	return &cli.Command{
		Name: "match", Usage: "find out whether another authority holds the same person, without telling whom",
		Description: "Two desks learn whether both hold the same identifier: of a person against whom both proceed, or of a witness who was heard already. A hit tells each which of its own it is, " +
			"and nothing else; it says only: talk to each other. It is off until both switch it on.\n\n" +
			"A session is four files, each encrypted to the other desk: one asks, the other takes and sends back, twice. No ledger learns of it.",
		Subcommands: []*cli.Command{matchOn(t), matchOff(t), matchAsk(t), matchTake(t), matchAgain(t), matchDrop(t), matchConsult(t), matchList(t)},
	}
}

func purposeFlag() cli.Flag {
	return choiceFlag("purpose", "why identifiers are compared: `PURPOSE` is parallel-proceedings or repeat-interview", string(matching.ParallelProceedings), string(matching.RepeatInterview))
}

func purposeOf(c *cli.Context) (matching.Purpose, error) {
	if c.IsSet("purpose") {
		return matching.Purpose(c.String("purpose")), nil
	}
	return "", ui.Usage("--purpose parallel-proceedings, or --purpose repeat-interview", "it matters why identifiers are compared, and nothing was said")
}

func matchOn(t *tool) *cli.Command {
	return &cli.Command{
		Name: "on", ArgsUsage: "CARD", Usage: "allow comparing with the desk of a card, for one purpose",
		Description: "The card's enrolment is verified under the pinned trust list. --limit bounds what the other desk may ask in one session: whoever asks for guesses learns whether they are held here.",
		UsageText:   "custody request match on bb-kov.card --purpose repeat-interview",
		Flags: []cli.Flag{purposeFlag(),
			&cli.IntFlag{Name: "limit", Value: matching.MaxIdentifiers, Usage: "the other desk compares at most `NUMBER` identifiers in a session; counted in thousands (1024)"},
			asFlag(), dryRunFlag()},
		Action: func(c *cli.Context) error { return t.switchMatching(c, true) },
	}
}

func matchOff(t *tool) *cli.Command {
	return &cli.Command{
		Name: "off", ArgsUsage: "CARD", Usage: "stop comparing with the desk of a card",
		Description: "Sessions that are under way with it are dropped: what they compare is forgotten, and no message of them is taken any more.",
		UsageText:   "custody request match off bb-kov.card --purpose repeat-interview",
		Flags:       []cli.Flag{purposeFlag(), asFlag(), dryRunFlag()},
		Action:      func(c *cli.Context) error { return t.switchMatching(c, false) },
	}
}

// switchedOutput is the output of match on and match off.
type switchedOutput struct {
	*matches.Peer
	On     bool `json:"on"`
	DryRun bool `json:"dry_run"`
}

func (t *tool) switchMatching(c *cli.Context, on bool) error {
	purpose, err := purposeOf(c)
	if err != nil {
		return err
	}
	s, d, err := t.openMatches(c)
	if err != nil {
		return err
	}
	defer s.Close()
	card, err := cardArgument(c, s)
	if err != nil {
		return err
	}
	limit := matching.MaxIdentifiers
	if on {
		limit = c.Int("limit")
	}
	p, err := d.NewPeer(card, purpose, limit)
	if err != nil {
		return err
	}
	out := switchedOutput{Peer: p, On: on, DryRun: c.Bool("dry-run")}
	switch {
	case on:
		undecided, err := s.CheckCard(card)
		if err != nil {
			return err
		}
		if undecided != "" {
			t.term.Warn("that the card's key was enrolled is not proven under the pinned list: %s", undecided)
		}
		if out.DryRun {
			break
		}
		if err := d.On(p); err != nil {
			return err
		}
	default:
		if err := d.Off(p.Key, purpose); err != nil {
			return err
		}
	}
	verb := map[bool]string{true: "request match on", false: "request match off"}[on]
	return t.term.Summary(verb, out, out.text)
}

func (o switchedOutput) text(w io.Writer) error {
	state := map[bool]string{true: "on", false: "off"}[o.On]
	_, err := fmt.Fprintf(w, "%s with %s, for %s%s\n", state, ui.Clean(o.With), o.Purpose, dryWord(o.DryRun))
	return err
}

func dryWord(dry bool) string {
	if dry {
		return " (nothing was changed)"
	}
	return ""
}

// openMatches opens the home for its acting officer.
func (t *tool) openMatches(c *cli.Context) (*desk.Session, *matches.Desk, error) {
	s, err := t.openDesk(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := s.Matches()
	if err != nil {
		s.Close()
	}
	return s, d, err
}

// cardArgument reads the card that a line names.
func cardArgument(c *cli.Context, s *desk.Session) (*keyfile.Card, error) {
	if c.Args().Len() != 1 {
		return nil, ui.Usage("name the other desk's card", "%d arguments, one card is wanted", c.Args().Len())
	}
	card, err := s.CardOf(c.Args().First())
	if err != nil {
		return nil, ui.NewProblem(codeMatchCard, err, "the other desk cannot be told")
	}
	return card, nil
}

// outcomeText says what a step has come to, and what comes next.
func outcomeText(w io.Writer, o *matches.Outcome, file string) error {
	switch o.Step {
	case matches.Asked:
		fmt.Fprintf(w, "asked %s\n", ui.Clean(o.With))
	case matches.Answered:
		fmt.Fprintf(w, "answered %s; what it has in common with this desk is not known yet\n", ui.Clean(o.With))
	case matches.Shown:
		fmt.Fprintf(w, "tokens for %s; what it has in common with this desk is not known yet\n", ui.Clean(o.With))
	case matches.Over:
		if err := hitsText(w, o); err != nil {
			return err
		}
	}
	if file != "" {
		_, err := fmt.Fprintf(w, "Next: send %s to %s\n", ui.Name(file), ui.Clean(o.With))
		return err
	}
	return nil
}

func hitsText(w io.Writer, o *matches.Outcome) error {
	if len(o.Hits) == 0 && o.Asking {
		_, err := fmt.Fprintf(w, "%s says that it has nothing of what was compared; a hit would be proven, this is its word\n", ui.Clean(o.With))
		return err
	}
	if len(o.Hits) == 0 {
		_, err := fmt.Fprintf(w, "nothing in common with %s among what was compared\n", ui.Clean(o.With))
		return err
	}
	for _, h := range o.Hits {
		fmt.Fprintf(w, "both have a %s: %s\n", h.Kind, ui.Clean(strings.Join(h.References, ", ")))
	}
	_, err := fmt.Fprintf(w, "Talk to %s about them; it knows its own references, not these.\n", ui.Clean(o.With))
	return err
}

// keyOf is a card's key as events name it.
func keyOf(card *keyfile.Card) evidence.KeyID { return evidence.KeyID(card.Key.ID()) }

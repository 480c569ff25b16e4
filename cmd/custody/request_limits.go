package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// limitsOutput is the output of custody request limits.
type limitsOutput struct {
	Items []itemLimits `json:"items"`
}

// itemLimits is how one item may be used.
type itemLimits struct {
	Item     evidence.ItemID `json:"item"`
	Exhibit  string          `json:"exhibit,omitempty"`
	Limits   []mla.Limit     `json:"limits"`
	Consents []mla.Agreed    `json:"consents"`
	Use      *mla.Decided    `json:"use,omitempty"` // what the limits say of the use on the line; nothing is recorded
}

func requestLimits(t *tool) *cli.Command {
	return &cli.Command{
		Name: "limits", ArgsUsage: "ITEM…", Usage: "show how items may be used, and what their limits say of a use",
		Description: "Limits are those of the request under which an item came, or of those that it was made from. With --use-… flags they are asked about that use: allow, ask a state, or deny, each with its reason. " +
			"Nothing is recorded; pack, disclose, offer and derive ask by themselves and record the answer.",
		UsageText: "custody request limits 4f2a9c01\ncustody request limits 4f2a9c01 --use-case '13 Js 1/27' --use-purpose prosecution",
		Flags:     append(useFlags(), asFlag()),
		Action:    t.requestLimits,
	}
}

func (t *tool) requestLimits(c *cli.Context) error {
	if c.NArg() == 0 {
		return ui.Usage("custody request limits ITEM", "no item was named")
	}
	return t.lookAt(c, func(s *desk.Session) error {
		out := &limitsOutput{Items: []itemLimits{}}
		for _, name := range c.Args().Slice() {
			it, err := s.Find(c.Context, name)
			if err != nil {
				return err
			}
			one, err := limitsOf(s, it, use(c))
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *one)
		}
		return t.term.Summary("request limits", out, out.write)
	})
}

func limitsOf(s *desk.Session, it *desk.Item, u *mla.Use) (*itemLimits, error) {
	told, err := it.Told()
	if err != nil {
		return nil, err
	}
	out := &itemLimits{Item: it.ID, Limits: append([]mla.Limit{}, told.Limits.List()...), Consents: append([]mla.Agreed{}, told.Agreed...)}
	out.Exhibit, _ = it.Text("exhibit")
	if u == nil {
		return out, nil
	}
	if u.State == "" {
		u.State = s.Config.State
	}
	u.At = evidence.Instant(s.Now())
	decided := told.Decide(evidence.Disclose, *u)
	out.Use = &decided
	return out, nil
}

func (o *limitsOutput) write(w io.Writer) error {
	for _, it := range o.Items {
		if len(it.Limits) == 0 {
			fmt.Fprintf(w, "Item %s has no use limits.\n", it.Item.Short())
		}
		for _, l := range it.Limits {
			fmt.Fprintf(w, "Item %s: %s\n  another proceeding or purpose: %s; another state: %s; source: %s\n", it.Item.Short(), ui.Clean(limitLine(&l)), l.OtherUse, l.Onward, ui.Clean(l.Source))
			writeMore(w, &l)
		}
		for _, a := range it.Consents {
			fmt.Fprintf(w, "  %s agrees: %s, proceeding %s, purpose %s; %s\n", a.Giver, a.State, ui.Clean(a.Proceeding), ui.Clean(a.Purpose), ui.Clean(a.Reference))
		}
		if err := writeUse(w, it.Use); err != nil {
			return err
		}
	}
	return nil
}

// writeMore prints what only some limits have.
func writeMore(w io.Writer, l *mla.Limit) {
	for _, x := range []struct {
		what string
		list []string
	}{{"handling codes", l.Handling}, {"never to", l.Never}} {
		if len(x.list) > 0 {
			fmt.Fprintf(w, "  %s: %s\n", x.what, ui.Clean(strings.Join(x.list, ", ")))
		}
	}
	for _, x := range l.Exceptions {
		notice := ""
		if x.Notice {
			notice = ", with notice to " + l.Giver + " before"
		}
		fmt.Fprintf(w, "  exception: %s%s\n", x.Kind, notice)
	}
	if !l.Expires.IsZero() {
		fmt.Fprintf(w, "  until %s\n", l.Expires.Format("2006-01-02T15:04:05Z07:00"))
	}
	if l.Confidential {
		fmt.Fprintln(w, "  that there was a request is confidential")
	}
}

func writeUse(w io.Writer, d *mla.Decided) error {
	if d == nil {
		return nil
	}
	answer := string(d.Decision)
	if len(d.Ask) > 0 {
		answer += " " + strings.Join(d.Ask, ", ")
	}
	_, err := fmt.Fprintf(w, "This use: %s\n", answer)
	for _, r := range d.Reasons {
		fmt.Fprintf(w, "  %s: %s (limit %s)\n", r.Decision, ui.Clean(r.Text), ui.Clean(r.Limit))
	}
	return err
}

func requestConsent(t *tool) *cli.Command {
	return &cli.Command{
		Name: "consent", ArgsUsage: "ITEM…", Usage: "record that the state which gave items agrees to a use",
		Description: "The answer of the giver is a document; its SHA-256 is recorded with where it stands, as a signed step of the item. It counts for the use that is named and for no other, and answers what would have to be asked; what is denied stays denied.",
		UsageText:   "custody request consent 4f2a9c01 --giver FR --reference 'letter of 2027-01-11' --document letter.pdf --use-case '13 Js 1/27' --use-purpose prosecution",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "giver", Required: true, Usage: "the state that agrees, `CODE` as FR"},
			&cli.StringFlag{Name: "reference", Required: true, Usage: "where the answer stands: `TEXT`"},
			&cli.PathFlag{Name: "document", Required: true, Usage: "the answer: a `FILE`, of which the digest is recorded"},
			&cli.StringFlag{Name: "use-case", Required: true, Usage: "the proceeding for which it agrees: `REFERENCE`"},
			&cli.StringFlag{Name: "use-purpose", Required: true, Usage: "the purpose for which it agrees: `TEXT`"},
			&cli.StringFlag{Name: "use-state", Usage: "the state that may have it, `CODE` as AA; unless given, this desk's"},
			&cli.BoolFlag{Name: "use-shows-request", Usage: "it also agrees that the fact of the request is shown"},
			&cli.StringFlag{Name: "consent-until", Usage: "the consent ends at this `TIME`, as 2027-12-31T00:00:00Z"},
			secondFlag("such as one of the giver's"),
		}, append(whenFlags(), receiptFlag(), asFlag(), dryRunFlag())...),
		Action: t.requestConsent,
	}
}

func (t *tool) requestConsent(c *cli.Context) error {
	b, err := input.Read(c.Path("document"), 1<<30)
	if err != nil {
		return err
	}
	a := mla.Agreed{
		Document: sha256.Sum256(b), Giver: c.String("giver"), Proceeding: c.String("use-case"), Purpose: c.String("use-purpose"), Reference: c.String("reference"),
		ShowsRequest: c.Bool("use-shows-request"), State: c.String("use-state"),
	}
	if text := c.String("consent-until"); text != "" {
		until, err := parseTime("consent-until", text)
		if err != nil {
			return err
		}
		a.Until = evidence.Instant(until)
	}
	at, err := occurred(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if a.State == "" {
		a.State = s.Config.State
	}
	items, err := t.chooseItems(c, s, c.Args().Slice())
	if err != nil {
		return err
	}
	r, err := t.newReport(c, "request consent", items)
	if err != nil {
		return err
	}
	for _, it := range items {
		done, err := s.Consent(c.Context, it, a, c.String("second"), at)
		r.add(logged(done), err)
	}
	return r.end()
}

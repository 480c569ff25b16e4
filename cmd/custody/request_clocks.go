package main

import (
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/clock"
)

// clockLine is one deadline of one request.
type clockLine struct {
	Item     evidence.ItemID `json:"item"`
	Exhibit  string          `json:"exhibit,omitempty"`
	Deadline string          `json:"deadline"`
	Title    string          `json:"title"`
	Who      mla.Side        `json:"who"`
	State    string          `json:"state"` // where that side acts
	From     time.Time       `json:"from"`
	ActBy    *clockReading   `json:"act_by"`
	Overdue  *clockReading   `json:"overdue_from"`
	Status   clock.Status    `json:"status"` // of one that was met: as it was then
	Met      *time.Time      `json:"met,omitempty"`
	Source   string          `json:"source"`
	Changes  []mla.Change    `json:"changes"` // and whose they were
}

// clockReading is when a reading ends. One of Ends, Undecided and Paused says it.
type clockReading struct {
	Day       string     `json:"day,omitempty"` // the last day; "" of a period in hours
	Ends      *time.Time `json:"ends,omitempty"`
	Undecided string     `json:"undecided,omitempty"`
	Paused    bool       `json:"paused,omitempty"`
}

// clocksOutput is the output of custody request clocks.
type clocksOutput struct {
	Clocks []clockLine `json:"clocks"`
	File   string      `json:"file,omitempty"`
}

func requestClocks(t *tool) *cli.Command {
	return &cli.Command{
		Name: "clocks", ArgsUsage: "[ITEM…]", Usage: "show when something is due, in both readings",
		Description: "Of every request that has not ended, or of those named. \"Act by\" is the strict reading, \"overdue from\" that of Regulation (EEC, Euratom) No 1182/71; which one governs is for lawyers. " +
			"Where public holidays are not known the later one is undecided, and says why.\n\nStatus: running, half and most (50 and 80 of a hundred of the time until \"act by\" are over), disputed (late by one reading), undecided, overdue, paused.",
		UsageText: "custody request clocks\ncustody request clocks 4f2a9c01 --all --ics due.ics",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "also what was met, and requests that have ended"},
			&cli.PathFlag{Name: "ics", Usage: "write a calendar to `FILE`, with alarms; no name of a person stands in it"},
			asFlag(),
		},
		Action: t.requestClocks,
	}
}

func (t *tool) requestClocks(c *cli.Context) error {
	return t.lookAt(c, func(s *desk.Session) error {
		list, unread, err := chosenRequests(c, s)
		if err != nil {
			return err
		}
		moment := now()
		out := &clocksOutput{Clocks: []clockLine{}}
		var due []mla.Due
		for _, r := range list {
			t.sayRefused(r)
			clocks, err := r.Clocks()
			if err != nil {
				unread = append(unread, &desk.ItemError{Item: r.ID, Err: err})
				continue
			}
			for i := range clocks {
				if c.Bool("all") || clocks[i].Met.IsZero() && !mla.MachineOf(r.Law.Form.Machine).End(r.History.State()) {
					due = append(due, mla.Due{Request: r.ID.Short(), Clock: clocks[i]})
					out.Clocks = append(out.Clocks, clockLineOf(r, &clocks[i], moment))
				}
			}
		}
		if file := c.Path("ics"); file != "" {
			if err := t.writeWhole(file, mla.ICS(due, moment)); err != nil {
				return err
			}
			out.File = file
		}
		if err := t.term.Summary("request clocks", out, out.write); err != nil {
			return err
		}
		return t.unreadRequests(unread)
	})
}

// unreadRequests names each request that could not be read, and is a problem when
// there is one: what is due there is not known.
func (t *tool) unreadRequests(unread []*desk.ItemError) error {
	for _, e := range unread {
		t.term.Warn("item %s: what is due is not known: %v", e.Item.Short(), e.Err)
	}
	if len(unread) == 0 {
		return nil
	}
	return ui.NewProblem(codeRequestRecord, unread[0], "%s cannot be read; the first: %v", ui.Count(len(unread), "request", "requests"), unread[0].Err)
}

func chosenRequests(c *cli.Context, s *desk.Session) (list []*desk.Request, unread []*desk.ItemError, err error) {
	if c.NArg() == 0 {
		return s.Requests(c.Context)
	}
	for _, name := range c.Args().Slice() {
		r, err := findRequest(c, s, name)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, r)
	}
	return list, nil, nil
}

func clockLineOf(r *desk.Request, c *mla.Clock, moment time.Time) clockLine {
	status, met := c.Status(moment)
	l := clockLine{
		Item: r.ID, Deadline: c.Rule.ID, Title: c.Rule.Title, Who: c.Rule.Who, State: c.Place.State, From: c.Computed.From,
		ActBy: readingOf(c.Computed.ActBy()), Overdue: readingOf(c.Computed.OverdueFrom()), Status: status, Source: c.Rule.Source,
		Changes: append([]mla.Change{}, c.Changes...),
	}
	l.Exhibit, _ = r.Text("exhibit")
	if met {
		l.Met = &c.Met
	}
	return l
}

func readingOf(r clock.Reading) *clockReading {
	out := &clockReading{Day: r.Day, Undecided: r.Undecided, Paused: r.Paused}
	if r.Decided() {
		out.Ends = &r.End
	}
	return out
}

func (r *clockReading) words() string {
	switch {
	case r.Paused:
		return "paused"
	case r.Undecided != "":
		return "undecided: " + r.Undecided
	case r.Day != "":
		return "end of " + r.Day
	}
	return r.Ends.Format("2006-01-02 15:04 -07:00")
}

func (o *clocksOutput) write(w io.Writer) error {
	if len(o.Clocks) == 0 {
		_, err := io.WriteString(w, "Nothing is due.\n")
		return err
	}
	table := ui.NewTable("item", "exhibit", "deadline", "who", "act by", "overdue from", "status")
	for _, l := range o.Clocks {
		status := string(l.Status)
		if l.Met != nil {
			status = "met, then " + status
		}
		for _, x := range l.Changes {
			status += fmt.Sprintf("; %s by %s", x.Note, x.By)
		}
		table.Row(l.Item.Short(), l.Exhibit, l.Title, string(l.Who)+" ("+l.State+")", l.ActBy.words(), l.Overdue.words(), status)
	}
	return table.Write(w)
}

package main

import (
	"bytes"
	"encoding/json"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
)

// Problems of use limits.
const (
	codeUseAsk    ui.Code = "E-USE-ASK"
	codeUseDenied ui.Code = "E-USE-DENIED"
	codeNoGiver   ui.Code = "E-NO-GIVER"
	codeLimits    ui.Code = "E-LIMITS"
	codeKeepsUse  ui.Code = "E-KEEPS-LIMITS"
)

var _ = ui.Register(
	ui.Entry{Code: codeUseAsk, Title: "The state that gave it has to be asked", For: []error{desk.ErrUseAsk},
		Means: "nothing was shown, copied or handed over; that it was wanted is recorded in the item's history",
		Do: []string{"ask the state that is named, and keep its answer as a file",
			"custody request consent ITEM --giver STATE --reference TEXT --document FILE records it, with the same --use-… flags; then give the command again"}},
	ui.Entry{Code: codeUseDenied, Title: "The use limits deny it", For: []error{desk.ErrUseDenied},
		Means: "nothing was shown, copied or handed over; that it was wanted is recorded in the item's history. No consent changes it",
		Do:    []string{"custody request limits ITEM shows the limits, each with its source", "another use may be allowed: --use-state, --use-case, --use-purpose"}},
	ui.Entry{Code: codeNoGiver, Class: ui.ErrUsage, Title: "That state has nothing to agree to", For: []error{desk.ErrNoGiver},
		Means: "no consent was recorded", Do: []string{"custody request limits ITEM names the givers"}},
	ui.Entry{Code: codeLimits, Class: ui.ErrUsage, Title: "Not use limits, or not all of them", For: []error{mla.ErrLimits, mla.ErrLimitsHidden},
		Means: "nothing was signed; what nobody can read limits every use",
		Do:    []string{"custody help formats request has the form of a limit", "limits that are held back from this desk: ask who handed the item over"}},
	ui.Entry{Code: codeKeepsUse, Title: "The event says how the item may be used", For: []error{desk.ErrKeepsLimits},
		Means: "nothing was signed and nothing was erased; without the event the limits would be forgotten",
		Do:    []string{"erase the item as a whole: custody dispose --erase-all", "custody request limits ITEM"}},
)

// useFlags say what items with use limits are wanted for.
func useFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "use-case", Usage: "the proceeding it is for, where there are use limits: `REFERENCE`"},
		&cli.StringFlag{Name: "use-purpose", Usage: "what it is for, in the words of the limits: `TEXT`"},
		&cli.StringFlag{Name: "use-state", Usage: "the state that gets it, `CODE` as AA; unless given, this desk's"},
		choiceFlag("use-exception", "a use beside the purposes: `KIND` is exculpatory, threat or related", "", "exculpatory", "threat", "related"),
		&cli.BoolFlag{Name: "use-noticed", Usage: "the giver was told before, where an exception asks for it"},
		&cli.StringSliceFlag{Name: "use-handling", Usage: "a handling `CODE` that the recipient takes over"},
		&cli.BoolFlag{Name: "use-shows-request", Usage: "the recipient gets to know that there was a request"},
	}
}

// underFlags tie what is handed over to a request, and lay down its limits.
func underFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "under", Usage: "the `REQUEST` that it answers: an item of this desk; its instrument's use limits are laid down, for --use-purpose"},
		&cli.PathFlag{Name: "limits", Usage: "further use limits from a `FILE`: a list as custody help formats request has it"},
	}
}

// use reads useFlags; nil when none was given.
func use(c *cli.Context) *mla.Use {
	u := &mla.Use{
		State: c.String("use-state"), Proceeding: c.String("use-case"), Purpose: c.String("use-purpose"), Exception: mla.ExceptionKind(c.String("use-exception")),
		Noticed: c.Bool("use-noticed"), Handling: c.StringSlice("use-handling"), ShowsRequest: c.Bool("use-shows-request"),
	}
	for _, name := range []string{"use-case", "use-purpose", "use-state", "use-exception", "use-noticed", "use-handling", "use-shows-request"} {
		if c.IsSet(name) {
			return u
		}
	}
	return nil
}

// under reads underFlags; nil when none was given.
func under(c *cli.Context, s *desk.Session) (*desk.LimitedUnder, error) {
	if c.String("under") == "" && c.Path("limits") == "" {
		return nil, nil
	}
	out := &desk.LimitedUnder{}
	if file := c.Path("limits"); file != "" {
		b, err := input.Read(file, 1<<20)
		if err != nil {
			return nil, err
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&out.More); err != nil {
			return nil, ui.NewProblem(codeLimits, err, "%s: %v", ui.Name(file), err)
		}
	}
	name := c.String("under")
	if name == "" {
		return out, nil
	}
	if c.String("use-purpose") == "" {
		return nil, ui.Usage("--use-purpose TEXT, as the request states it", "the limits of a request are for the purposes that it states")
	}
	r, err := findRequest(c, s, name)
	if err != nil {
		return nil, err
	}
	out.Request, out.Purposes = r, []string{c.String("use-purpose")}
	if out.Proceeding = c.String("use-case"); out.Proceeding == "" {
		out.Proceeding, _ = r.Text("case")
	}
	if out.Proceeding == "" {
		return nil, ui.Usage("--use-case REFERENCE", "the request names no proceeding")
	}
	return out, nil
}

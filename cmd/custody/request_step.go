package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// stepVerb is a verb that takes one of some steps.
type stepVerb struct {
	name, usage, about, example string
	states                      []mla.State
}

// stepVerbs are the verbs of spec/request.md, "Steps".
var stepVerbs = []stepVerb{
	{"sign", "validate or sign a complete request",
		"A request that another authority has to validate is validated first. In an emergency an order to a provider can be issued before it is validated.",
		"custody request sign 4f2a9c01 signed", []mla.State{"validated", "signed", "issued-unvalidated"}},
	{"send", "record that a request, or what was asked for about it, was sent",
		"A request that is sent names the channel: custody request which lists those of the instrument. With --other CARD the request's other side is named, whose key may take steps from then on. The request itself goes to an authority by --hand-to; to a provider goes its copy. " +
			"--copy writes the form for whoever it is sent to: the copy for a provider never has the section that is for the authority of its state alone. Later the issuing side sends what was missing (supplemented, clarified), a notification, or what prolongs a preservation.",
		"custody request send 4f2a9c01 --field channel=direct --hand-to fr-court.card --out to-fr\ncustody request send 4f2a9c01 --field channel=decentralised-it --copy to-provider.pdf\ncustody request send 4f2a9c01 supplemented --field answer='page 3' --one-sided 'by post'",
		[]mla.State{"sent", "supplemented", "clarified", "notified", "extended", "held", "linked", mla.State(mla.NoteSupplement)}},
	{"receive", "record that a request, or what it asked for, has arrived",
		"A transport acknowledgement is no confirmation of receipt by the authority: that is custody request acknowledge. What was delivered counts as received only when the inventory that was recomputed is the sender's.",
		"custody request receive 4f2a9c01 --one-sided 'the issuing authority has no key here'\n" +
			"custody request receive 4f2a9c01 received-verified --inventory came.sha256 --one-sided 'by post'\n" +
			"custody request receive 4f2a9c01 received-mismatch --inventory came.sha256 --sent-inventory sent.sha256 --difference difference.json --one-sided 'by post'",
		[]mla.State{"delivered", "received", "preserved", "received-verified", "received-mismatch"}},
	{"acknowledge", "confirm the receipt of a request",
		"The executing authority confirms that it has the request; of a European Investigation Order within seven days.",
		"custody request acknowledge 4f2a9c01 --one-sided 'the issuing authority has no key here'", []mla.State{"acknowledged"}},
	{"decide", "recognise, refuse, postpone, pass on, or ask about a request",
		"A recognition names the document of the decision by digest, a refusal a ground of the instrument, the reason, and the remedy. What changes a deadline is decided too, with its reason: clock-extended, clock-paused, clock-resumed, clock-restarted.",
		"custody request decide 4f2a9c01 recognised --field recognition=full --field decision=sha256:… --one-sided 'by post'\n" +
			"custody request decide 4f2a9c01 clock-extended --field clock=decide --field period-length=10 --field period-unit=days --field reason='a hearing abroad' --one-sided 'by post'",
		[]mla.State{"recognised", "refused", "postponed", "forwarded", "incomplete", "consultation", "acknowledged", "objected", "not-objected", "form-3", "objection-third-country",
			"no-ground", "ground-raised", "partial", "conditions", "late-objection", "court-review", "upheld", "lifted", "overdue", "enforcement", "sanction",
			mla.State(mla.NoteConfidentiality), mla.State(mla.NoteExtended), mla.State(mla.NotePaused), mla.State(mla.NoteResumed), mla.State(mla.NoteRestarted)}},
	{"deliver", "record that a measure is carried out, and what it brought",
		"A delivery commits to the number of entries and the root of its inventory. The evidence itself goes by custody offer, or as copies by custody disclose.",
		"custody request deliver 4f2a9c01 sealed-abroad --inventory sent.sha256 --one-sided 'by post'",
		[]mla.State{"executing", "partial-delivery", "sealed-abroad", "remedy-pending", "transferred", "produced"}},
	{"close", "report on the use, return what was lent, close or withdraw a request",
		"A withdrawal is the issuing authority's, from every state that is no end, with its reason.",
		"custody request close 4f2a9c01 withdrawn --field reason='the suspect has died'",
		[]mla.State{"in-use", "use-reported", "return-due", "returned", "restricted", "deleted", "released", "expired", "closed", mla.Withdrawn}},
}

func requestStep(t *tool, v stepVerb) *cli.Command {
	var names []string
	for _, s := range v.states {
		names = append(names, string(s))
	}
	return &cli.Command{
		Name: v.name, ArgsUsage: "ITEM [STATE]", Usage: v.usage,
		Description: v.about + "\n\nSTATE is where the step leads, and may be left out when only one is open: " + strings.Join(names, ", ") +
			". What a step has to say is in custody help formats request; whatever is missing is named.\n\n" +
			"Who has to act next has to hold the request: with --hand-to CARD it is handed over with the step, as custody offer would, and custody accept of the file there takes it over and says where it stands. With --tell CARD the other side is shown the step and follows; nobody holds it but who held it before.",
		UsageText: v.example,
		Flags:     v.flags(),
		Action:    func(c *cli.Context) error { return t.requestStep(c, v) },
	}
}

func stepFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "field", Usage: "what the step says, `NAME=TEXT` or NAME:=JSON"},
		&cli.PathFlag{Name: "from-file", Usage: "what the step says, from a `FILE`: one JSON object, or a YAML mapping in a FILE.yaml"},
		&cli.StringFlag{Name: "one-sided", Usage: "why only one side signs: `TEXT`"},
		&cli.StringFlag{Name: "other", Usage: "names the other side by its `CARD`, whose key may take steps too"},
		choiceFlag("side", "the `SIDE` that takes it: issuing, executing, provider or enforcing; else that of the desk's state", "", "issuing", "executing", "provider", "enforcing"),
	}
	flags = append(append(flags, handFlags()...), whenFlags()...)
	return append(flags, receiptFlag(), asFlag(), dryRunFlag())
}

func (v stepVerb) flags() []cli.Flag {
	switch v.name {
	case "deliver", "receive":
		return append(inventoryFlags(), stepFlags()...)
	case "send":
		return append([]cli.Flag{copyFlag()}, stepFlags()...)
	}
	return stepFlags()
}

// requestStep takes one step of one request.
func (t *tool) requestStep(c *cli.Context, v stepVerb) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return ui.Usage("custody request "+v.name+" ITEM [STATE]", "one item is needed, and no more than a state behind it")
	}
	st, err := t.readStep(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if name := c.String("other"); name != "" {
		if st.Other, err = s.CardOf(name); err != nil {
			return err
		}
	}
	if st.Request, err = findRequest(c, s, c.Args().First()); err != nil {
		return err
	}
	t.sayRefused(st.Request)
	if st.To, err = v.choose(st.Request, mla.State(c.Args().Get(1))); err != nil {
		return err
	}
	with, err := t.stepFiles(c, v.name, &st)
	defer closeAll(with)
	if err != nil {
		return err
	}
	return t.takeStep(c, s, v.name, st, with)
}

// stepFiles prepares the files that go with a step: the report of a difference, the
// copies for whom it is sent to.
func (t *tool) stepFiles(c *cli.Context, verb string, st *desk.RequestStep) (with []*ui.Output, err error) {
	report, err := t.addInventory(c, verb, st)
	if report != nil {
		with = append(with, report)
	}
	if err != nil || verb != "send" {
		return with, err
	}
	copies, err := t.addresseeCopies(c, st)
	return append(with, copies...), err
}

// readStep reads what the line says of a step.
func (t *tool) readStep(c *cli.Context) (st desk.RequestStep, err error) {
	given := map[string]any{}
	if file := c.Path("from-file"); file != "" {
		if given, err = standards.ReadAnswers(file); err != nil {
			return st, err
		}
	}
	for _, f := range c.StringSlice("field") {
		name, value, err := parseField(f)
		if err != nil {
			return st, err
		}
		given[name] = value
	}
	if why := c.String("one-sided"); why != "" {
		given["one-sided"] = why
	}
	guards, err := mla.Builtin().Guards()
	if err != nil {
		return st, err
	}
	if st.Facts, err = guards.Answers(given); err != nil {
		return st, err
	}
	st.By = mla.Side(c.String("side"))
	st.At, err = occurred(c)
	return st, err
}

func findRequest(c *cli.Context, s *desk.Session, name string) (*desk.Request, error) {
	it, err := s.Find(c.Context, name)
	if err != nil {
		return nil, err
	}
	return s.Request(it)
}

// sayRefused says which steps of a request do not count.
func (t *tool) sayRefused(r *desk.Request) {
	for _, x := range r.Refused {
		t.term.Warn("item %s: its event %d, a step to %s, does not count: %v", r.ID.Short(), x.Seq, ui.Name(string(x.To)), x.Err)
	}
}

// choose finds the state that is meant: the one named, or the only one open.
func (v stepVerb) choose(r *desk.Request, named mla.State) (mla.State, error) {
	var open []string
	for _, s := range mla.MachineOf(r.Law.Form.Machine).Next(r.History.State()) {
		if slices.Contains(v.states, s) {
			open = append(open, string(s))
		}
	}
	switch {
	case named != "" && !slices.Contains(v.states, named):
		return "", ui.Usage("custody help request "+v.name+" lists the states", "%q is no state that %s leads to", named, v.name)
	case named != "":
		return named, nil
	case len(open) == 1:
		return mla.State(open[0]), nil
	case len(open) == 0:
		return "", ui.NewProblem(codeRequestStep, nil, "the request is %s, and %s leads nowhere from there", r.History.State(), v.name)
	}
	return "", ui.Usage("custody request "+v.name+" "+r.ID.Short()+" "+open[0], "which state is meant? From %s it can be %s", r.History.State(), strings.Join(open, ", "))
}

// requestLine is where a request stands.
type requestLine struct {
	Item       evidence.ItemID `json:"item"`
	Instrument string          `json:"instrument"`
	Form       string          `json:"form"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	State      mla.State       `json:"state"`
	Next       []mla.State     `json:"next"`
}

func lineOf(r *desk.Request, state mla.State) requestLine {
	return requestLine{
		Item: r.ID, Instrument: r.Law.Instrument.Name(), Form: r.Law.Form.ID, From: r.Law.From, To: r.Law.To, State: state,
		Next: append([]mla.State{}, mla.MachineOf(r.Law.Form.Machine).Next(state)...),
	}
}

// requestOutput is the output of the verbs that take a step.
type requestOutput struct {
	acted
	Request *requestLine `json:"request,omitempty"` // absent in a dry run
}

// takeStep takes the step and says where the request stands. Files that go with it
// are kept once the step is signed.
func (t *tool) takeStep(c *cli.Context, s *desk.Session, verb string, st desk.RequestStep, with []*ui.Output) error {
	r, err := t.newReport(c, "request "+verb, []*desk.Item{st.Request.Item})
	if err != nil {
		return err
	}
	done, err := r.stepped(c, s, st)
	r.add(done, err)
	if len(done) > 0 {
		for _, file := range with {
			r.whole = errors.Join(r.whole, file.Commit())
			r.out.Files = append(r.out.Files, file.Path())
		}
	}
	state := st.To
	if (&mla.Step{To: st.To}).Note() != "" {
		state = st.Request.History.State()
	}
	r.standing(lineOf(st.Request, state))
	return r.end()
}

// standing adds to a report where the request stands once the act is done.
func (r *report) standing(line requestLine) {
	r.shape = func() (any, func(io.Writer) error) {
		if len(r.out.Acts) == 0 {
			return requestOutput{acted: r.out}, r.text
		}
		return requestOutput{r.out, &line}, r.text
	}
	r.extra = func(w io.Writer) error {
		if len(r.out.Acts) == 0 {
			return nil
		}
		_, err := fmt.Fprintf(w, "The request is %s.%s\n", line.State, nextWords(line.Next))
		return err
	}
}

func nextWords(next []mla.State) string {
	if len(next) == 0 {
		return " Nothing follows."
	}
	var words []string
	for _, s := range next {
		words = append(words, string(s))
	}
	return " It can go on to " + strings.Join(words, ", ") + "."
}

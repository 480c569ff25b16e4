package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

func initVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "init", Category: groupStart,
		Usage: "make a desk: keys, ledger, store, vault, in one folder",
		Description: "A desk is one authority of one state. init makes its ledger, its authority, its first officer, and a trust list of this state alone; " +
			"verdicts under that list say that one state's word is all there is. custody trust makes a common list with other states' desks, who then cosign each other's ledgers.\n\n" +
			"The recovery identity opens everything the desk encrypts, when every passphrase is lost. It is shown or written once and is nowhere else: " +
			"keep it on paper or on a medium in a safe, away from this machine. --no-recovery does without, and then whoever loses the passphrases loses the evidence.\n\n" +
			"Encrypted evidence is kept in a folder of the desk, or with --store in a bucket of any S3 service, under object lock; keys and records never go there. The service's credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from the file that AWS_SHARED_CREDENTIALS_FILE names.\n\n" +
			"A desk begins with a ledger of its own. For a node to keep it from then on: custodyd init --home FOLDER --address ADDRESS, which the desk remembers.\n\n" +
			"A further desk of a state that has a node begins at that node: --node ADDRESS, and --trust FILE, the list by which the node is believed, from the state's first desk by another way. " +
			"It gets an authority of its own and no ledger. What it enrols is logged once the state's list names its authority: that desk runs custody trust propose --authority STATE=FILE; until then it waits.",
		UsageText: "custody init --state AA\ncustody init --home /srv/desk --state AA --officer ann --role collector --recovery-file /media/usb/recovery.txt",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "state", Usage: "the state's `CODE`, 2 to 8 letters as AA"},
			&cli.StringFlag{Name: "origin", Usage: "the `NAME` of the ledger, for ever; made from the state unless given"},
			&cli.StringFlag{Name: "name", Usage: "the authority's `NAME`, in its certificate"},
			&cli.StringFlag{Name: "officer", Value: "custodian", Usage: "what the desk calls its first `OFFICER`: a–z, 0–9, -"},
			roleFlag(),
			&cli.BoolFlag{Name: "no-recovery", Usage: "make no recovery identity"},
			&cli.PathFlag{Name: "trust", Usage: "with --node: the trust `FILE` of the state, or the list.note in another desk's folder trust"},
			&cli.PathFlag{Name: "recovery-file", Usage: "write the recovery identity to `FILE` instead of showing it; - is standard output"},
			dryRunFlag(),
		}, slices.Concat(storeFlags(), engineFlags())...),
		Action: func(c *cli.Context) error { return t.init(c) },
	}
}

func roleFlag() cli.Flag {
	words := []string{string(evidence.RoleCustodian)}
	for _, r := range evidence.Roles() {
		if r != evidence.RoleCustodian {
			words = append(words, string(r))
		}
	}
	return choiceFlag("role", "in what capacity the key signs: `ROLE` is "+strings.Join(words, ", "), words...)
}

// initOutput is the output of init.
type initOutput struct {
	DryRun    bool            `json:"dry_run"`
	Home      string          `json:"home"`
	State     string          `json:"state"`
	Origin    evidence.Origin `json:"origin"`
	Officer   string          `json:"officer"`
	Role      string          `json:"role"`
	Key       string          `json:"key,omitempty"`            // key id of the officer
	Card      string          `json:"card,omitempty"`           // file to give to other desks
	TrustList string          `json:"trust_list,omitempty"`     // file to give to verifiers
	Store     string          `json:"store,omitempty"`          // place of the bucket; absent: a folder of the home
	Node      string          `json:"node,omitempty"`           // where its ledger is kept
	Authority string          `json:"authority,omitempty"`      // of a desk at a node: the certificate that the state's next list has to name
	Waits     string          `json:"waits,omitempty"`          // why the officer's enrolment is not logged yet
	Recovery  bool            `json:"recovery"`                 // a recovery identity was made
	File      string          `json:"recovery_file,omitempty"`  // where it was written; absent when it was shown
	Sheet     string          `json:"recovery_sheet,omitempty"` // the identity itself, shown this once
}

func (t *tool) init(c *cli.Context) error {
	o, n, err := t.initOptions(c)
	if err != nil {
		return err
	}
	out := initOutput{Home: o.Dir, State: o.State, Origin: o.Origin, Officer: n.Alias, Role: string(n.Role), Recovery: !o.NoRecovery}
	keep, err := t.recoveryOutput(c, o)
	if err != nil {
		return err
	}
	defer keep.close()
	if err := desk.CanCreate(&o); err != nil {
		return err
	}
	out.Origin = o.Origin
	if o.Bucket != nil {
		out.Store = o.Bucket.Location.String()
	}
	if err := t.checkStore(c, o.Bucket); err != nil {
		return err
	}
	if c.Bool("dry-run") {
		out.DryRun = true
		return t.term.Summary("init", out, out.write)
	}
	if n.Passphrase, err = t.newPassphrase(c, "officer "+n.Alias); err != nil {
		return err
	}
	if err := t.found(c, o, n, keep, &out); err != nil {
		return err
	}
	if o.NoRecovery {
		t.term.Warn("there is no recovery identity: if the passphrases are lost, so is every piece of evidence in %s", o.Dir)
	}
	return t.term.Summary("init", out, out.write)
}

// initOptions reads the line, and asks for what is missing.
func (t *tool) initOptions(c *cli.Context) (o desk.CreateOptions, n desk.NewOfficer, err error) {
	if o.Dir, err = t.needHome(); err != nil {
		return o, n, err
	}
	if o.Join, err = t.joining(c); err != nil {
		return o, n, err
	}
	if o.Bucket, err = bucketOf(c); err != nil {
		return o, n, err
	}
	if o.Engine, err = engineOf(c); err != nil {
		return o, n, err
	}
	o.State, o.Name, o.NoRecovery = c.String("state"), c.String("name"), c.Bool("no-recovery")
	o.Origin = evidence.Origin(c.String("origin"))
	if o.State == "" {
		if o.State, err = t.term.Ask(c.Context, ui.Question{Text: "The state's code, as AA", Flag: "--state"}); err != nil {
			return o, n, err
		}
	}
	o.State = strings.ToUpper(o.State)
	if o.NoRecovery && c.IsSet("recovery-file") {
		return o, n, ui.Usage("give one of them", "--no-recovery and --recovery-file contradict each other")
	}
	n = desk.NewOfficer{Alias: c.String("officer"), Role: evidence.Role(c.String("role"))}
	return o, n, n.Validate()
}

// found makes the home. The recovery identity leaves the process before the
// officer is made: a home that an interrupt leaves without officer is no desk
// yet, and one with an officer has its recovery identity handed out.
func (t *tool) found(c *cli.Context, o desk.CreateOptions, n desk.NewOfficer, keep *recoveryOutput, out *initOutput) (err error) {
	o.StoreWaits = t.sayWaiting
	created, err := desk.Create(c.Context, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, created.Close()) }()
	if o.Join == nil {
		if _, err := desk.Found(c.Context, created.Now().Truncate(time.Second), created); err != nil {
			return err
		}
	}
	if created.Recovery != nil {
		if err := keep.hand(created.Recovery, created.Config.Created, out); err != nil {
			return err
		}
	}
	card, err := created.AddOfficer(c.Context, n)
	if o.Join != nil && errors.Is(err, desk.ErrWaits) {
		out.Waits, err = err.Error(), nil
	}
	if err != nil {
		return err
	}
	out.Key, out.TrustList = card.Key.ID().String(), created.TrustFile()
	if out.Waits == "" {
		out.Card = created.CardFile(n.Alias)
	}
	if o.Join != nil {
		out.Node, out.Authority = created.Config.Node, created.AuthorityFile()
	}
	return nil
}

// newPassphrase asks for a passphrase that is being chosen, and offers one.
func (t *tool) newPassphrase(c *cli.Context, name string) (string, error) {
	if t.asksPerson(c) {
		t.term.Say("choose a passphrase of 12 characters or more, or type this one, which has 100 random bits:")
		t.term.Say("%s", keyfile.SuggestPassphrase())
	}
	p, err := t.term.Passphrase(c.Context, ui.Secret{Name: name, New: true})
	if err != nil {
		return "", err
	}
	return p, keyfile.CheckPassphrase(p)
}

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
)

// Problems of trust lists, beside E-TRUST-LIST and E-NO-TRUST-LIST.
const (
	codeTrustChain    ui.Code = "E-TRUST-CHAIN"
	codeTrustForged   ui.Code = "E-TRUST-FORGED"
	codeTrustConflict ui.Code = "E-TRUST-CONFLICT"
	codeTrustOlder    ui.Code = "E-TRUST-OLDER"
	codeNotListed     ui.Code = "E-NOT-LISTED"
	codeProposal      ui.Code = "E-PROPOSAL"
	codeCosigners     ui.Code = "E-COSIGNER-FOLDER"
	codeHasCosigner   ui.Code = "E-HAS-COSIGNER"
)

var _ = ui.Register(
	ui.Entry{Code: codeTrustChain, Class: ui.ErrUndecided, Title: "The trust list does not follow", For: []error{trustlist.ErrChain},
		Means: "the list that was trusted before stays; the new one decides nothing",
		Do:    []string{"custody trust show FILE says who has signed it", "give every list between, oldest first"}},
	ui.Entry{Code: codeTrustForged, Class: ui.ErrNotAuthentic, Title: "A signature on the trust list is wrong", For: []error{trustlist.ErrForged},
		Means: "the list was changed after a state signed it; no honest party makes such a file, so nothing of it is used",
		Do:    []string{"keep the file as it is", "ask the state whose signature is wrong, by another way, for its list"}},
	ui.Entry{Code: codeTrustConflict, Class: ui.ErrUndecided, Title: "Two trust lists of one version", For: []error{trustlist.ErrConflict},
		Means: "neither takes the place of the other, and nothing was changed; states may be shown different lists",
		Do:    []string{"compare the two digests with your own state's authority, by another way", "all desks pin the same file, signatures included"}},
	ui.Entry{Code: codeTrustOlder, Title: "Not a newer trust list", For: []error{trustlist.ErrOlder},
		Means: "the pinned list stays: a desk never goes back",
		Do:    []string{"custody trust show", "the state with the highest version proposes"}},
	ui.Entry{Code: codeNotListed, Title: "The list does not have this state as it is", For: []error{desk.ErrNotListed},
		Means: "what this desk logs would not count under that list, so it was neither signed nor pinned",
		Do:    []string{"give the proposer this desk's founder file: custody trust founder"}},
	ui.Entry{Code: codeProposal, Class: ui.ErrUsage, Title: "No trust list can say that", For: []error{trustlist.ErrProposal},
		Means: "no list was made or signed; the pinned one stays",
		Do:    []string{"custody trust show lists the names", "custody help formats trust"}},
	ui.Entry{Code: codeCosigners, Title: "No other state's cosigner there", For: []error{desk.ErrCosignerFolder},
		Means: "the desk asks the cosigners that it asked before",
		Do:    []string{"name the folder cosigner of another state's desk, or the address of its node"}},
	ui.Entry{Code: codeHasCosigner, Title: "There is a cosigner", For: []error{desk.ErrHasCosigner},
		Means: "no key was made: a state whose witness had two keys could sign two histories of a ledger",
		Do:    []string{"leave out --new-cosigner", "of a stolen key: custody trust propose --revoke"}},
)

// trustVerb is `custody trust`.
func trustVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "trust", Category: groupAgreed,
		Usage: "the list of who counts: show, verify, propose, sign, adopt, found together",
		Description: "A trust list says which states, ledgers, cosigners and authorities count, from when to when. The states sign it; each list names the one before it.\n\n" +
			"Desks that were made apart found a common list so: every other state sends its founder file (trust founder) to one, which proposes (trust propose). The file goes round " +
			"and every state signs (trust sign); then every desk pins it (trust adopt). Whoever verifies gets the list from their own state's authority.",
		Subcommands: []*cli.Command{trustShow(t), trustVerify(t), trustFounder(t), trustPropose(t), trustSign(t), trustJoin(t), trustAdopt(t), trustCosigners(t)},
	}
}

func trustShow(t *tool) *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "print a trust list in plain words", ArgsUsage: "[FILE]",
		Description: "Without FILE, the list that the desk has pinned. It says who has signed and what the policies ask; whether a list follows the pinned one is for trust verify.",
		UsageText:   "custody trust show\ncustody trust show common.trust",
		Action:      t.trustShow,
	}
}

func (t *tool) trustShow(c *cli.Context) error {
	v, err := t.trustView(c.Args().First())
	if err != nil {
		return err
	}
	return t.term.Summary("trust show", v, func(w io.Writer) error { return writeTrust(w, v) })
}

func (t *tool) trustView(file string) (*trustlist.View, error) {
	if file == "" {
		dir, err := t.needHome()
		if err != nil {
			return nil, err
		}
		return trustlist.ShowPinned(dir, now())
	}
	if p := damagedStart(file); p != nil {
		return nil, p
	}
	f, err := trustlist.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return f.Show(now())
}

func now() time.Time { return time.Now().UTC() }

// writeTrust prints a list for people.
func writeTrust(w io.Writer, v *trustlist.View) error {
	var f facts
	f.add("sha256", v.SHA256)
	f.add("issued", fmt.Sprintf("%s, %s ago", v.Issued.Format(time.DateOnly), ui.Count(v.AgeDays, "day", "days")))
	f.add("next update", v.NextUpdate.Format(time.DateOnly))
	f.add("warning", v.Warning)
	f.add("signed by", strings.Join(v.Signed, ", "))
	f.add("missing", v.Missing)
	f.add("next list needs", ui.Count(v.Signers, "state", "states"))
	f.add("requires questions", questionList(v.Require))
	f.add("complete up to", v.MaxAge+" before packing at most")
	for _, r := range v.Revoked {
		f.add("revoked", r)
	}
	for _, p := range v.Pins {
		f.add("pinned", p)
	}
	if _, err := fmt.Fprintf(w, "Trust list, version %d\n", v.Version); err != nil {
		return err
	}
	if err := f.write(w); err != nil {
		return err
	}
	return writeTrustStates(w, v)
}

// writeTrustStates prints what the list has of each state.
func writeTrustStates(w io.Writer, v *trustlist.View) error {
	for _, s := range v.States {
		var f facts
		for _, g := range v.Logs {
			if g.State != s.State {
				continue
			}
			key := ""
			if g.FromSize > 0 {
				key = fmt.Sprintf(", this key from size %d", g.FromSize)
			}
			f.add("ledger", g.Origin+key)
			f.add("ended", g.Retired)
			f.add("receipt needs", g.Receipt)
			f.add("court needs", g.Court)
		}
		for _, k := range v.Cosigners {
			if k.State == s.State {
				f.add(k.Role, k.Name+window(k.From, k.To))
			}
		}
		for _, a := range v.Authority {
			if a.State == s.State {
				f.add("authority", a.SHA256[:16]+window(a.From, a.To))
				f.add("compromised", strings.Join(a.Compromised, "; "))
			}
		}
		for _, a := range v.TSAs {
			if a.State == s.State {
				f.add("time", a.SHA256[:16]+window(a.From, a.To))
			}
		}
		if _, err := fmt.Fprintf(w, "\nState %s\n", ui.Clean(s.State)); err != nil {
			return err
		}
		if err := f.write(w); err != nil {
			return err
		}
	}
	return nil
}

func window(from time.Time, to *time.Time) string {
	s := ", from " + from.Format(time.DateOnly)
	if to != nil {
		s += " to " + to.Format(time.DateOnly)
	}
	return s
}

func questionList(all []int) string {
	var words []string
	for _, q := range all {
		words = append(words, strconv.Itoa(q))
	}
	return strings.Join(words, " ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	courtreport "example.org/custody/verify/report"
)

// tourVerb is `custody tour`.
func tourVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "tour",
		Category:  groupStart,
		Usage:     "show the whole story on a sample or on your own files",
		ArgsUsage: "[PATH…]",
		UsageText: "custody tour\ncustody tour --out d disk.e01\ncustody tour --engine trillian --database postgresql://custody@127.0.0.1/trillian --log-server 127.0.0.1:8090",
		Description: "Three states, each with a desk and a node, a program of its own that keeps the ledger and cosigns and audits the two others: " +
			"seal, handoff across the border, examination, working copy, packages, verdict; then one state asks another by a European Investigation Order, which is acknowledged within its deadline, recognised, and answered, and what comes under it bears the limits of its use. " +
			"The states are real, because an instrument binds real ones; their authorities and the case are invented. It leaves a folder to look at, and says what to try next. " +
			"Nothing leaves this machine: the nodes (custodyd, beside custody) meet on loopback and end with the tour.\n\n" +
			"With --engine trillian or --store the same story runs over the servers that a state has outgrown one machine for. " +
			"A database keeps the name of a ledger for ever, so it takes one tour; each desk's evidence lies in the bucket below the state's code.\n\n" +
			"With --channel each node has a custody-channel beside it. The trust list names what the states agree about the channel, they adopt it there, and every package carries what their peers signed of the ledgers' newest checkpoints. " +
			"The folder has channel.json, as custody-channel agreement writes it, and for each state the configuration of fabric-sdk-go, as FR.yaml, in which FR is the organisation. " +
			"Peers and orderers run already; the chaincode is started when the tour has made the list that it pins, and says by which digest. A channel has its first list for ever, so it too takes one tour.",
		Flags: append([]cli.Flag{
			&cli.PathFlag{Name: "out", Value: "custody-tour", Usage: "the `FOLDER` to make"},
			channelFlag(),
		}, slices.Concat(storeFlags(), engineFlags())...),
		Action: func(c *cli.Context) error { return t.tourOf(c) },
	}
}

// toured is what `custody tour` prints.
type toured struct {
	*desk.Toured
	Report  string          `json:"report"`
	Verdict *verify.Verdict `json:"verdict"`
	Under   *verify.Verdict `json:"verdict_of_request"` // on what came under the request
	Next    []command       `json:"next"`
}

// tourOf reads the line.
func (t *tool) tourOf(c *cli.Context) (err error) {
	in := desk.Touring{Dir: c.Path("out"), Paths: c.Args().Slice(), Daemon: beside("custodyd"), Channel: sharing(c), Report: courtreport.Sender, Say: t.sayStep, StoreWaits: t.sayWaiting}
	if in.Bucket, err = bucketOf(c); err != nil {
		return err
	}
	if in.Engine, err = engineOf(c); err != nil {
		return err
	}
	if err := t.checkStore(c, in.Bucket); err != nil {
		return err
	}
	return t.tour(c.Context, in)
}

// tour runs the story and prints the verdict on it.
func (t *tool) tour(ctx context.Context, in desk.Touring) error {
	bar := t.term.Progress()
	defer bar.Close()
	in.Progress = bar
	dir, paths := in.Dir, in.Paths
	out, err := desk.Tour(ctx, in)
	if err != nil {
		return err
	}
	bar.Close()
	r := toured{Toured: out, Report: filepath.Join(dir, "report.html")}
	root, err := t.root(out.Trust)
	if err != nil {
		return err
	}
	t.sayStep("verify", "the court verifies it, knowing nothing but the trust list")
	v, p, err := t.decide(ctx, out.Package, root, verify.Options{})
	if err != nil {
		return err
	}
	r.Verdict = v
	if r.Under, _, err = t.decide(ctx, out.Requested, root, verify.Options{}); err != nil {
		return err
	}
	asked := verifying{file: out.Package, trust: out.Trust, report: r.Report}
	page, err := t.reportOutput(asked)
	if err != nil {
		return err
	}
	defer page.Close()
	if err := page.write(v, t.reportOptions(asked, p, root)); err != nil {
		return err
	}
	if r.Next, err = nextCommands(r, len(paths) == 0); err != nil {
		return err
	}
	options := t.reportOptions(asked, p, root)
	if err := t.term.Summary("tour", r, func(w io.Writer) error { return r.write(w, options) }); err != nil {
		return err
	}
	return errors.Join((verifyResult{Verdict: v, File: out.Package}).problem(), (verifyResult{Verdict: r.Under, File: out.Requested}).problem())
}

// exeEnding is how programs end on this system.
var exeEnding = map[string]string{"windows": ".exe"}[runtime.GOOS]

// beside is where a program that comes with this one should be: in the same folder.
func beside(program string) string {
	name := program + exeEnding
	var folders []string
	if at, err := exec.LookPath(os.Args[0]); err == nil {
		folders = append(folders, filepath.Dir(at))
	}
	if at, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Dir(at))
	}
	for _, dir := range folders {
		if at, err := filepath.Abs(filepath.Join(dir, name)); err == nil && isFile(at) {
			return at
		}
	}
	return name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// sayStep tells one step of the story.
func (t *tool) sayStep(step, detail string) { t.term.Say("%-8s %s", step, detail) }

// write prints the verdict and what to try next.
func (r toured) write(w io.Writer, o courtreport.Options) error {
	if err := r.glance(w, o); err != nil {
		return err
	}
	left := fmt.Sprintf("Left in %s: package.asice by DE, package-fr.asice by FR, package-request.asice with what came under the order, order.yaml, trust.note, "+
		"report.html (open it in a browser), the handoff files, and the homes fr, de and at of the three desks, which go on without their nodes. "+
		"Passphrase of all: %s, also in passphrase.txt.", ui.Clean(r.Dir), r.Passphrase)
	if r.Agreement != "" {
		left += " What the channel has of it is in the folder anchors; channel.json is the agreement under which that is checked."
	}
	fmt.Fprintf(w, "\n%s\n\nTry next\n", wrap(left, 80, ""))
	for _, c := range r.Next {
		shows := c.Shows
		if c.Exit != ui.ExitOK {
			shows += fmt.Sprintf(" (exit code %d)", c.Exit)
		}
		fmt.Fprintf(w, "\n  # %s\n  %s\n", shows, strings.ReplaceAll(c.Line, "\n", "\n  "))
	}
	return nil
}

// glance prints the verdict and the ten answers in short; verify prints all.
func (r toured) glance(w io.Writer, o courtreport.Options) error {
	v := r.Verdict
	fmt.Fprintf(w, "%s\n", wrap(v.Sentence, 80, ""))
	for i, it := range v.Items {
		of := "what was sealed"
		if i > 0 {
			of = "the working copy"
		}
		fmt.Fprintf(w, "\nItem %s, %s\n", it.Item.Short(), of)
		for _, q := range it.Questions {
			word := o.Style(courtLooks[q.Status], fmt.Sprintf("%-16s", statusWord(q.Status)))
			if _, err := fmt.Fprintf(w, "%2d %s %s\n", q.N, word, wrap(q.Sentence, 59, strings.Repeat(" ", 20))); err != nil {
				return err
			}
		}
	}
	if err := r.under(w, o); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nTrust list %d, sha256 %s\n", v.Trust.Version, v.Trust.SHA256)
	return err
}

// under prints under what the evidence of the second package came, finding by finding:
// question 8.
func (r toured) under(w io.Writer, o courtreport.Options) error {
	q := r.Under.Items[0].Questions[7]
	fmt.Fprintf(w, "\nItem %s, what FR gave under DE's order, by package-request.asice\n", r.Answer.Short())
	line := func(s verify.Status, lead, text string) error {
		word := o.Style(courtLooks[s], fmt.Sprintf("%-16s", statusWord(s)))
		_, err := fmt.Fprintf(w, "%s %s %s\n", lead, word, wrap(text, 59, strings.Repeat(" ", 20)))
		return err
	}
	if err := line(q.Status, " 8", q.Sentence); err != nil {
		return err
	}
	for _, f := range q.Findings {
		if f.Status == verify.NotApplicable {
			continue
		}
		if err := line(f.Status, "  ", f.Detail); err != nil {
			return err
		}
	}
	return nil
}

// courtLooks are the looks of a status in a report.
var courtLooks = map[verify.Status]courtreport.Look{
	verify.Holds: courtreport.LookHolds, verify.Fails: courtreport.LookFails,
	verify.Undecided: courtreport.LookUndecided, verify.NotApplicable: courtreport.LookNotApplicable,
}

// statusWord is a sign and a word, as everywhere.
func statusWord(s verify.Status) string {
	sign := map[verify.Status]string{verify.Holds: "✓", verify.Fails: "✗", verify.Undecided: "?", verify.NotApplicable: "–"}[s]
	return sign + " " + strings.ToUpper(string(s))
}

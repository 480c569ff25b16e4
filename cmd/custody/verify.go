package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Problems of a verdict. The verdict itself is on standard output by then; the
// problem says in three lines what follows.
const (
	codeNotAuthentic ui.Code = "E-NOT-AUTHENTIC"
	codeUndecided    ui.Code = "E-UNDECIDED"
	codeNoRoot       ui.Code = "E-NO-TRUST-LIST"
	codeTrustNote    ui.Code = "E-TRUST-LIST"
	codeNoPackage    ui.Code = "E-NO-PACKAGE"
	codeOwnCopy      ui.Code = "E-OWN-COPY"
	codeOwnCopyOpen  ui.Code = "E-OWN-COPY-OPEN"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotAuthentic, Class: ui.ErrNotAuthentic, Title: "Proven not authentic",
		Means: "a proof contradicts what the package says; do not rely on it",
		Do:    []string{"keep the file as it is", "custody verify --report report.html FILE shows the contradiction", "ask the sender for the package again"},
		About: "The finding that fails carries the values that contradict each other, so that anyone can see the failure without this program. A copy that was damaged on the way fails like one that was changed on purpose: compare it with the sender's."},
	ui.Entry{Code: codeUndecided, Class: ui.ErrUndecided, Title: "Could not be decided",
		Means: "nothing is proven wrong, and a question that the trust list requires is not answered",
		Do:    []string{"read the questions marked UNDECIDED; each says what is missing"}},
	ui.Entry{Code: codeNoRoot, Class: ui.ErrUndecided, Title: "No trust list",
		Means: "nothing beyond the package itself can be decided: a list inside the package proves nothing about itself",
		Do:    []string{"give --trust NOTE, the list that your own state's authority published", "never take it from the sender"},
		For:   []error{desk.ErrNoTrust}},
	ui.Entry{Code: codeTrustNote, Class: ui.ErrUndecided, Title: "The trust list cannot be used",
		Means: "without a list that its own states signed nobody is trusted, so nothing can be decided",
		Do:    []string{"get the list again from your own state's authority", "custody inspect NOTE"},
		For:   []error{desk.ErrTrustNote}},
	ui.Entry{Code: codeNoPackage, Class: ui.ErrUndecided, Title: "Not a whole package",
		Means: "its content was not looked at, so nothing is proven either way",
		Do:    []string{"get the file again from the sender and compare the sizes", "custody inspect FILE"},
		About: "A package is one container whose every byte outside the files in it is fixed. A file that was cut short, repaired, repacked with a zip program, or is over the limits of spec/package.md is refused before its content is read."},
	ui.Entry{Code: codeOwnCopy, Class: ui.ErrNotAuthentic, Title: "The copy compared is another one",
		Means: "the package is what it says; the copy it was compared with is not the evidence that was sealed",
		Do:    []string{"use the copies in the package", "custody open takes them out"}},
	ui.Entry{Code: codeOwnCopyOpen, Class: ui.ErrUndecided, Title: "The copy compared does not cover the record",
		Means: "no compared file differs, but some are missing, not recorded, or have withheld digests",
		Do:    []string{"read the list of files above"}},
)

// verifyVerb is `custody verify FILE`: it needs no home and no network.
func verifyVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Category:  groupProve,
		Usage:     "answer a court's ten questions about a package",
		ArgsUsage: "FILE",
		UsageText: "custody verify --trust trust.note package.asice\n" +
			"custody verify --trust trust.note --report report.html package.asice\n" +
			"custody verify --trust trust.note --against my-copies package.asice",
		Description: "Everything is decided from the two files; there is no network code in it. The trust list is the one you " +
			"name, or the one that your desk has pinned. A list inside the package is data, never a reason to believe it.\n\n" +
			"Exit code 0: nothing fails, and every question that the trust list requires holds. 10: proven not authentic. " +
			"11: could not be decided. 1: the file could not be read.",
		Flags: []cli.Flag{
			trustFlag(),
			&cli.BoolFlag{Name: "tree", Usage: "recompute the content trees only; plain digests are then as the sealer states them"},
			&cli.BoolFlag{Name: "all-digests", Usage: "recompute every further digest that is stated"},
			&cli.StringFlag{Name: "as-of", DefaultText: "when it was packed", Usage: "judge completeness at this `TIME`, such as 2026-11-24T10:00:00Z"},
			&cli.StringFlag{Name: "against", Usage: "compare your own copy, a `FILE or folder`, with what was sealed"},
			&cli.BoolFlag{Name: "explain", Usage: "print every hash step so that it can be redone by hand"},
			&cli.StringFlag{Name: "report", Usage: "write the verdict as a page to `OUT.html`"},
			forceFlag(),
		},
		Action: func(c *cli.Context) error { return t.verify(c.Context, readVerifying(c)) },
	}
}

// trustFlag names the root of trust of one command.
func trustFlag() cli.Flag {
	return &cli.PathFlag{Name: "trust", DefaultText: "the desk's own", Usage: "the trust list to decide by, a `NOTE` of your own state's authority"}
}

// verifying is what `custody verify` was asked.
type verifying struct {
	file, trust, asOf, against, report string
	tree, all, explain, force          bool
}

func readVerifying(c *cli.Context) verifying {
	return verifying{
		file: c.Args().First(), trust: c.Path("trust"), asOf: c.String("as-of"), against: c.String("against"), report: c.String("report"),
		tree: c.Bool("tree"), all: c.Bool("all-digests"), explain: c.Bool("explain"), force: c.Bool("force"),
	}
}

// options returns the reader's choices for the verifier.
func (v verifying) options() (verify.Options, error) {
	o := verify.Options{TreeOnly: v.tree, AllDigests: v.all}
	if v.tree && v.all {
		return o, ui.Usage("choose one", "--tree and --all-digests contradict each other")
	}
	if v.report != "" && !strings.HasSuffix(v.report, ".html") {
		return o, ui.Usage("give a name that ends in .html", "--report writes a page in HTML, and %q has another ending", v.report)
	}
	if v.asOf == "" {
		return o, nil
	}
	at, err := time.Parse(time.RFC3339, v.asOf)
	if err != nil {
		return o, ui.Usage("write it like 2026-11-24T10:00:00Z", "--as-of %q is not a time", v.asOf)
	}
	o.AsOf = at.UTC()
	return o, nil
}

// verifyResult is what `custody verify` prints: the verdict, and what else was
// asked for.
type verifyResult struct {
	*verify.Verdict
	File    string           `json:"file"`
	Against *desk.Comparison `json:"against,omitempty"`
	Report  string           `json:"report,omitempty"`
	Steps   string           `json:"steps,omitempty"` // every hash step, as a script
}

// verify decides about one package and prints the verdict.
func (t *tool) verify(ctx context.Context, in verifying) error {
	o, err := in.options()
	if err != nil {
		return err
	}
	page, err := t.reportOutput(in)
	if err != nil {
		return err
	}
	defer page.Close()
	root, err := t.root(in.trust)
	if err != nil {
		return err
	}
	v, p, err := t.decide(ctx, in.file, root, o)
	if err != nil {
		return err
	}
	out := verifyResult{Verdict: v, File: in.file}
	if p != nil && in.against != "" {
		if out.Against, err = t.compare(ctx, p.Dossier, in.against); err != nil {
			return err
		}
	}
	options := t.reportOptions(in, p, root)
	if err := page.write(v, options); err != nil {
		return err
	}
	out.Report = in.report
	if p != nil && in.explain {
		if out.Steps, err = steps(p.Dossier, root); err != nil {
			return err
		}
	}
	if err := t.term.Summary("verify", out, func(w io.Writer) error { return out.write(w, options) }); err != nil {
		return err
	}
	return out.problem()
}

// root returns the trust list to decide by: the one named, or the desk's.
func (t *tool) root(note string) (verify.Trust, error) {
	if note == "" {
		return desk.PinnedTrust(t.home)
	}
	if p := damagedStart(note); p != nil {
		return verify.Trust{}, p
	}
	return desk.GivenTrust(note)
}

// decide verifies the package in a file.
func (t *tool) decide(ctx context.Context, file string, root verify.Trust, o verify.Options) (*verify.Verdict, *pack.Package, error) {
	f, size, err := openRegular(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	bar := t.term.Progress()
	defer bar.Close()
	o.Progress = barOf(bar, "verifying")
	return verify.File(ctx, f, size, root, o)
}

// compare compares the reader's own copy.
func (t *tool) compare(ctx context.Context, d *pack.Dossier, own string) (*desk.Comparison, error) {
	bar := t.term.Progress()
	defer bar.Close()
	return desk.Against(ctx, d, own, bar)
}

// barOf tells a progress how many bytes are done, as the verifier counts them.
func barOf(bar *ui.Progress, stage string) func(done, total int64) {
	var before int64
	begun := false
	return func(done, total int64) {
		if !begun {
			bar.Stage(stage, total, -1)
			begun = true
		}
		bar.Add(done - before)
		before = done
	}
}

// openRegular opens a file for reading at random and refuses what has no size: a
// pipe would wait for a writer for ever.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is no regular file")}
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

// damagedStart returns the problem of a text file that a tool on the way changed.
func damagedStart(path string) *ui.Problem {
	f, _, err := openRegular(path)
	if err != nil {
		return nil // whoever reads it says why not
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := io.ReadFull(f, head)
	return ui.DamagedProblem(path, head[:n])
}

// problem returns what sets the exit code, nil when everything required holds.
func (r verifyResult) problem() error {
	what := r.File + ": " + strings.TrimSuffix(r.reason(), ".")
	switch {
	case r.Exit == verify.ExitFails:
		return &ui.Problem{Code: codeNotAuthentic, What: what}
	case r.Exit == verify.ExitUndecided && r.Package == nil:
		return &ui.Problem{Code: codeNoPackage, What: what}
	case r.Exit == verify.ExitUndecided && r.Trust.Source == verify.SourceNone:
		return &ui.Problem{Code: codeNoRoot, What: r.File + ": could not be decided: no trust list was given, and no desk here has pinned one"}
	case r.Exit == verify.ExitUndecided:
		return &ui.Problem{Code: codeUndecided, What: what}
	case r.Against == nil || r.Against.Same():
		return nil
	}
	counts := r.Against.Counts
	if n := counts[desk.Differs]; n > 0 {
		return &ui.Problem{Code: codeOwnCopy, What: fmt.Sprintf("%s: %s not what was sealed", r.Against.Path, ui.Count(n, "file is", "files are"))}
	}
	return &ui.Problem{Code: codeOwnCopyOpen, What: fmt.Sprintf("%s: %d match, %d missing, %d not recorded, %d withheld, %d not readable",
		r.Against.Path, counts[desk.Matches], counts[desk.Missing], counts[desk.Extra], counts[desk.NotShown], counts[desk.Unread])}
}

// reason says why the verdict is not that all holds: which file of the container
// is not what it was, or the plain answer to the first question of this status.
// That the sender's own verdict differs comes last, because it only follows.
func (r verifyResult) reason() string {
	for _, f := range r.Container {
		bad := f.Status == verify.Fails || f.Status == verify.Undecided
		if bad && slices.Contains(containerChecks, f.Check) {
			return aboutSubject(f)
		}
	}
	for _, it := range r.Items {
		for _, q := range it.Questions {
			if q.Status == r.Status && q.N <= 6 {
				return fmt.Sprintf("question %d: %s", q.N, q.Sentence)
			}
		}
	}
	for _, f := range r.Container {
		if f.Status == r.Status {
			return aboutSubject(f)
		}
	}
	return r.Sentence
}

// aboutSubject says what a finding found, naming its subject once.
func aboutSubject(f verify.Finding) string {
	if strings.Contains(f.Detail, f.Subject) {
		return f.Detail
	}
	return f.Subject + ": " + f.Detail
}

// containerChecks are the findings about bytes (spec/container.md, "Reading").
var containerChecks = []string{"malformed", "truncated", "limit", "checksum", "digest"}

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
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
			identityFlag(),
			&cli.StringFlag{Name: "standard", Usage: "hold every item against a standard of your own too: `ID`, ID/VERSION or FILE.json"},
			&cli.BoolFlag{Name: "explain", Usage: "print every hash step so that it can be redone by hand"},
			&cli.StringFlag{Name: "report", Usage: "write the verdict as a page or for paper to `OUT.html` or OUT.pdf"},
			langFlag(),
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
	standard                           string // of the reader's own; "": none
	identity                           string // file with the reader's key; "": none
	lang                               string // of the report; "": English
	tree, all, explain, force          bool
}

func readVerifying(c *cli.Context) verifying {
	return verifying{
		file: c.Args().First(), trust: c.Path("trust"), asOf: c.String("as-of"), against: c.String("against"), report: c.String("report"),
		standard: c.String("standard"), identity: c.Path("identity"), lang: c.String("lang"),
		tree: c.Bool("tree"), all: c.Bool("all-digests"), explain: c.Bool("explain"), force: c.Bool("force"),
	}
}

// options returns the reader's choices for the verifier.
func (v verifying) options() (verify.Options, error) {
	o, err := v.courtStandard(verify.Options{TreeOnly: v.tree, AllDigests: v.all})
	if err != nil {
		return o, err
	}
	if v.tree && v.all {
		return o, ui.Usage("choose one", "--tree and --all-digests contradict each other")
	}
	if v.report != "" && !strings.HasSuffix(v.report, ".html") && !strings.HasSuffix(v.report, ".pdf") {
		return o, ui.Usage("give a name that ends in .html or .pdf", "--report writes a page in HTML or a PDF, and %q has another ending", v.report)
	}
	if err := checkLang(v.lang, v.report); err != nil {
		return o, err
	}
	if o.Keys, err = identity(v.identity); err != nil {
		return o, err
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
	File    string             `json:"file"`
	Against *copies.Comparison `json:"against,omitempty"`
	Report  string             `json:"report,omitempty"`
	Steps   string             `json:"steps,omitempty"` // every hash step, as a script
}

// verify decides about one package and prints the verdict.
func (t *tool) verify(ctx context.Context, in verifying) error {
	page, err := t.reportOutput(in)
	if err != nil {
		return err
	}
	defer page.Close()
	v, p, root, err := t.verdictOf(ctx, in)
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

// verdictOf decides about the package that a line names, by the list and the keys it names.
func (t *tool) verdictOf(ctx context.Context, in verifying) (*verify.Verdict, *pack.Package, verify.Trust, error) {
	o, err := in.options()
	if err != nil {
		return nil, nil, verify.Trust{}, err
	}
	root, err := t.root(in.trust)
	if err != nil {
		return nil, nil, verify.Trust{}, err
	}
	v, p, err := t.decide(ctx, in.file, root, o)
	return v, p, root, err
}

// root returns the trust list to decide by: the one named, or the desk's.
func (t *tool) root(note string) (verify.Trust, error) {
	if note == "" {
		return trustlist.OfHome(t.home)
	}
	if p := damagedStart(note); p != nil {
		return verify.Trust{}, p
	}
	return trustlist.Given(note)
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
func (t *tool) compare(ctx context.Context, d *pack.Dossier, own string) (*copies.Comparison, error) {
	bar := t.term.Progress()
	defer bar.Close()
	return copies.Compare(ctx, d, own, bar)
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

package main

import (
	"bytes"
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
			"seal, handoff across the border, examination, working copy, packages, verdict. It leaves a folder to look at, and says what to try next. " +
			"Nothing leaves this machine: the nodes (custodyd, beside custody) meet on loopback and end with the tour.\n\n" +
			"With --engine trillian or --store the same story runs over the servers that a state has outgrown one machine for. " +
			"A database keeps the name of a ledger for ever, so it takes one tour; each desk's evidence lies in the bucket below the state's code.",
		Flags: append([]cli.Flag{
			&cli.PathFlag{Name: "out", Value: "custody-tour", Usage: "the `FOLDER` to make"},
		}, slices.Concat(storeFlags(), engineFlags())...),
		Action: func(c *cli.Context) error { return t.tourOf(c) },
	}
}

// toured is what `custody tour` prints.
type toured struct {
	*desk.Toured
	Report  string          `json:"report"`
	Verdict *verify.Verdict `json:"verdict"`
	Next    []command       `json:"next"`
}

// command is one to try next.
type command struct {
	Shows string `json:"shows"`
	Line  string `json:"line"` // for a POSIX shell, in the folder of the tour's caller
	Exit  int    `json:"exit"` // of its last command
}

// tourOf reads the line.
func (t *tool) tourOf(c *cli.Context) (err error) {
	in := desk.Touring{Dir: c.Path("out"), Paths: c.Args().Slice(), Daemon: daemonBeside(), Report: courtreport.Sender, Say: t.sayStep}
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
	return (verifyResult{Verdict: v, File: out.Package}).problem()
}

// exeEnding is how programs end on this system.
var exeEnding = map[string]string{"windows": ".exe"}[runtime.GOOS]

// daemonBeside is where the node's program should be: in the folder of this one.
func daemonBeside() string {
	name := "custodyd" + exeEnding
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
	left := fmt.Sprintf("Left in %s: package.asice by BB, package-aa.asice by AA, trust.note, report.html (open it in a browser), the handoff files, and the homes "+
		"aa, bb and cc of the three desks, which go on without their nodes. Passphrase of all: %s, also in passphrase.txt.", ui.Clean(r.Dir), r.Passphrase)
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
	_, err := fmt.Fprintf(w, "\nTrust list %d, sha256 %s\n", v.Trust.Version, v.Trust.SHA256)
	return err
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

// nextCommands are what a reader may try on the folder; each can be pasted as it
// is.
func nextCommands(r toured, sample bool) ([]command, error) {
	dir := shellWord(r.Dir)
	change, err := tamper(r.Package, dir)
	if err != nil {
		return nil, err
	}
	tool := shellWord(program())
	verifies := tool + " verify --trust " + dir + "/trust.note "
	next := []command{
		{"verify it as a court would; add --explain for every hash step", verifies + dir + "/package.asice", ui.ExitOK},
		{"change one byte of it, and see that it no longer holds", change + "\n" + verifies + dir + "/changed.asice", ui.ExitNotAuthentic},
		{"without a trust list nothing is believed", tool + " verify " + dir + "/package.asice", ui.ExitUndecided},
		{"take the evidence out", tool + " open --trust " + dir + "/trust.note --out " + dir + "/evidence " + dir + "/package.asice", ui.ExitOK},
		{"AA's package about what BB holds, verified in CC by the list that CC's desk has pinned", tool + " verify --home " + dir + "/cc " + dir + "/package-aa.asice", ui.ExitOK},
		{"replay BB's whole ledger, every leaf of it", tool + " audit --trust " + dir + "/trust.note " + dir + "/bb", ui.ExitOK},
		{"who held it when, as the receiving desk knows it", tool + " history --home " + dir + "/bb --passphrase-fd 3 E-1 3< " + dir + "/passphrase.txt", ui.ExitOK},
	}
	if sample {
		next = append(next, command{"compare a copy of your own that differs", "cp -r " + dir + "/sample " + dir + "/mine; echo >> " + dir + "/mine/report.pdf\n" +
			verifies + "--against " + dir + "/mine " + dir + "/package.asice", ui.ExitNotAuthentic})
	}
	return next, nil
}

// tamper is the command that copies the package and changes one byte of it, in
// the first evidence copy when there is one.
func tamper(file, dir string) (string, error) {
	f, size, err := openRegular(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, min(size, 1<<20))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	at := len(head) / 2
	// The name of the first copy stands 26 bytes into its header (spec/container.md).
	for copies := bytes.Index(head, []byte("payload/1")); copies >= 30; {
		if bytes.Equal(head[copies-30:copies-26], []byte("PK\x03\x04")) {
			at = min(copies+80, len(head)-1)
			break
		}
		next := bytes.Index(head[copies+1:], []byte("payload/1"))
		if next < 0 {
			break
		}
		copies += 1 + next
	}
	other := head[at] ^ 0x20
	return fmt.Sprintf("cp %s/package.asice %s/changed.asice\nprintf '\\%03o' | dd of=%s/changed.asice bs=1 seek=%d conv=notrunc status=none", dir, dir, other, dir, at), nil
}

// program is how this tool was called, so that a command can be pasted.
func program() string {
	if name := os.Args[0]; strings.ContainsAny(name, `/\`) {
		return name
	}
	return "custody"
}

// shellWord quotes a path for a POSIX shell where it must be.
func shellWord(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

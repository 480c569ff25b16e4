package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
)

// Problems of taking evidence out of a package.
const (
	codeNotEmpty    ui.Code = "E-NOT-EMPTY"
	codeNotEnclosed ui.Code = "E-NOT-ENCLOSED"
	codeChangedCopy ui.Code = "E-CHANGED-COPY"
	codeNotSame     ui.Code = "E-NOT-SAME"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotEmpty, Title: "The folder is not empty",
		Means: "nothing was written; what is in the folder was left as it is",
		Do:    []string{"name a folder that does not exist yet"},
		For:   []error{copies.ErrNotEmpty}},
	ui.Entry{Code: codeNotEnclosed, Title: "No evidence copy enclosed",
		Means: "the package proves what was sealed and carries no copy of it",
		Do:    []string{"ask the sender for the copies", "compare your own copy: custody verify --against FILE PACKAGE"},
		For:   []error{copies.ErrNotEnclosed}},
	ui.Entry{Code: codeChangedCopy, Class: ui.ErrNotAuthentic, Title: "The package changed while it was read",
		Means: "nothing was left on disk; a copy was verified and is now another one",
		Do:    []string{"find out what else writes to the file", "verify it again from a medium that is read-only"},
		For:   []error{copies.ErrChangedCopy}},
	ui.Entry{Code: codeNotSame, Class: ui.ErrUndecided, Title: "Not shown to be what was sealed",
		Means: "nothing was taken out; the trust list does not require question 1, and the package does not answer it",
		Do:    []string{"read question 1: custody verify FILE", "use a trust list that requires question 1, from your own state's authority"},
		For:   []error{copies.ErrNotSame}},
)

// openVerb is `custody open FILE`.
func openVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "open",
		Category:  groupProve,
		Usage:     "take the evidence out of a package, only after it verifies",
		ArgsUsage: "FILE",
		UsageText: "custody open --trust trust.note --out evidence package.asice",
		Description: "The package is verified first, as custody verify does; unless everything required holds, nothing is written. " +
			"The files go to a new folder under their recorded paths. A path that would be unsafe or impossible on some system " +
			"is changed, and each change is said.",
		Flags: []cli.Flag{
			trustFlag(), identityFlag(),
			&cli.PathFlag{Name: "out", Required: true, Usage: "the `FOLDER` to make"},
			&cli.StringFlag{Name: "item", Usage: "take out one item only, the `ID` or its beginning"},
		},
		Action: func(c *cli.Context) error {
			return t.open(c.Context, opening{file: c.Args().First(), trust: c.Path("trust"), out: c.Path("out"), item: c.String("item"), identity: c.Path("identity")})
		},
	}
}

// opening is what `custody open` was asked.
type opening struct{ file, trust, out, item, identity string }

// opened is what `custody open` prints.
type opened struct {
	*copies.Extracted
	File  string            `json:"file"`
	Trust verify.TrustFacts `json:"trust"`
}

// open verifies a package and takes the evidence copies out of it.
func (t *tool) open(ctx context.Context, in opening) error {
	return t.takeOut(ctx, in, func(x copies.Extraction, v *verify.Verdict) (func() error, error) {
		out, err := copies.Extract(ctx, x)
		return func() error {
			t.sayExtracted(out, v)
			return t.term.Summary("open", opened{out, in.file, v.Trust}, func(w io.Writer) error { return writeExtracted(w, out) })
		}, err
	})
}

// takeOut verifies a package, and only when it holds lets take have its copies; say
// tells of it once the progress bar is gone.
func (t *tool) takeOut(ctx context.Context, in opening, take func(copies.Extraction, *verify.Verdict) (say func() error, err error)) error {
	root, err := t.root(in.trust)
	if err != nil {
		return err
	}
	keys, err := identity(in.identity)
	if err != nil {
		return err
	}
	f, size, err := openRegular(in.file)
	if err != nil {
		return err
	}
	defer f.Close()
	bar := t.term.Progress()
	defer bar.Close()
	v, p, err := verify.File(ctx, f, size, root, verify.Options{Progress: barOf(bar, "verifying"), Keys: keys})
	if err != nil {
		return err
	}
	if refused := (verifyResult{Verdict: v, File: in.file}).problem(); refused != nil {
		return fmt.Errorf("nothing was taken out: %w", refused)
	}
	say, err := take(copies.Extraction{Package: p, Verdict: v, Dir: in.out, Item: in.item, Keys: keys, Progress: bar}, v)
	if err != nil {
		return err
	}
	bar.Close()
	return say()
}

// writeExtracted prints what was taken out as sha256sum does, so that
// `sha256sum -c` can check it again.
func writeExtracted(w io.Writer, out *copies.Extracted) error {
	for _, f := range out.Files {
		if _, err := fmt.Fprintf(w, "%s  %s\n", f.SHA256, ui.Clean(filepath.Join(out.Dir, filepath.FromSlash(f.Path)))); err != nil {
			return err
		}
	}
	return nil
}

// listSource says where a list came from (rule P10).
func listSource(t verify.TrustFacts) string {
	if t.Root == nil {
		return string(t.Source)
	}
	return fmt.Sprintf("from the package, proven from list %d, %s", t.Root.Version, t.Source)
}

// sayExtracted tells what stands behind the files, and every path that was changed.
func (t *tool) sayExtracted(out *copies.Extracted, v *verify.Verdict) {
	t.term.Say("%s, %s, in %s: every byte is what was sealed, by trust list %d, sha256 %s (%s)", ui.Count(len(out.Files), "file", "files"),
		ui.Bytes(out.Bytes), out.Dir, v.Trust.Version, v.Trust.SHA256, listSource(v.Trust))
	for _, f := range out.Files {
		if f.Recorded != "" {
			t.term.Warn("the record has another path than %s, which would not be safe or possible everywhere: %s", f.Path, f.Recorded)
		}
	}
	if out.NotOpened > 0 {
		t.term.Say("%s encrypted to other readers", ui.Count(out.NotOpened, "copy is", "copies are"))
	}
	if out.NotEnclosed > 0 {
		t.term.Say("%s recorded and not enclosed", ui.Count(out.NotEnclosed, "file is", "files are"))
	}
}

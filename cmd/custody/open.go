package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
)

// Problems of taking evidence out of a package.
const (
	codeNotEmpty    ui.Code = "E-NOT-EMPTY"
	codeNotEnclosed ui.Code = "E-NOT-ENCLOSED"
	codeChangedCopy ui.Code = "E-CHANGED-COPY"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotEmpty, Title: "The folder is not empty",
		Means: "nothing was written; what is in the folder was left as it is",
		Do:    []string{"name a folder that does not exist yet"},
		For:   []error{desk.ErrNotEmpty}},
	ui.Entry{Code: codeNotEnclosed, Title: "No evidence copy enclosed",
		Means: "the package proves what was sealed and carries no copy of it",
		Do:    []string{"ask the sender for the copies", "compare your own copy: custody verify --against FILE PACKAGE"},
		For:   []error{desk.ErrNotEnclosed}},
	ui.Entry{Code: codeChangedCopy, Class: ui.ErrNotAuthentic, Title: "The package changed while it was read",
		Means: "nothing was left on disk; a copy was verified and is now another one",
		Do:    []string{"find out what else writes to the file", "verify it again from a medium that is read-only"},
		For:   []error{desk.ErrChangedCopy}},
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
			trustFlag(),
			&cli.PathFlag{Name: "out", Required: true, Usage: "the `FOLDER` to make"},
			&cli.StringFlag{Name: "item", Usage: "take out one item only, the `ID` or its beginning"},
		},
		Action: func(c *cli.Context) error {
			return t.open(c.Context, opening{file: c.Args().First(), trust: c.Path("trust"), out: c.Path("out"), item: c.String("item")})
		},
	}
}

// opening is what `custody open` was asked.
type opening struct{ file, trust, out, item string }

// opened is what `custody open` prints.
type opened struct {
	*desk.Extracted
	File  string            `json:"file"`
	Trust verify.TrustFacts `json:"trust"`
}

// open verifies a package and takes the evidence copies out of it.
func (t *tool) open(ctx context.Context, in opening) error {
	root, err := t.root(in.trust)
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
	v, p, err := verify.File(ctx, f, size, root, verify.Options{Progress: barOf(bar, "verifying")})
	if err != nil {
		return err
	}
	if refused := (verifyResult{Verdict: v, File: in.file}).problem(); refused != nil {
		return fmt.Errorf("nothing was taken out: %w", refused)
	}
	out, err := desk.Extract(ctx, desk.Extraction{Package: p, Dir: in.out, Item: in.item, Progress: bar})
	if err != nil {
		return err
	}
	bar.Close()
	t.sayExtracted(out, v)
	return t.term.Summary("open", opened{out, in.file, v.Trust}, func(w io.Writer) error { return writeExtracted(w, out) })
}

// writeExtracted prints what was taken out as sha256sum does, so that
// `sha256sum -c` can check it again.
func writeExtracted(w io.Writer, out *desk.Extracted) error {
	for _, f := range out.Files {
		if _, err := fmt.Fprintf(w, "%s  %s\n", f.SHA256, ui.Clean(filepath.Join(out.Dir, filepath.FromSlash(f.Path)))); err != nil {
			return err
		}
	}
	return nil
}

// sayExtracted tells what stands behind the files, and every path that was changed.
func (t *tool) sayExtracted(out *desk.Extracted, v *verify.Verdict) {
	t.term.Say("%s, %s, in %s: every byte is what was sealed, by trust list %d, sha256 %s (%s)", ui.Count(len(out.Files), "file", "files"),
		ui.Bytes(out.Bytes), out.Dir, v.Trust.Version, v.Trust.SHA256, v.Trust.Source)
	for _, f := range out.Files {
		if f.Recorded != "" {
			t.term.Warn("the record has another path than %s, which would not be safe or possible everywhere: %s", f.Path, f.Recorded)
		}
	}
	if out.NotEnclosed > 0 {
		t.term.Say("%s recorded and not enclosed", ui.Count(out.NotEnclosed, "file is", "files are"))
	}
}

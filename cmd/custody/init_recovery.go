package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile"
)

// recoveryOutput is where the recovery identity goes: a file, or the screen.
type recoveryOutput struct {
	t    *tool
	file *ui.Output // nil: standard output
}

// recoveryOutput finds out before anything is made where the identity can go. It
// is not printed where nobody looks unless that was asked for.
func (t *tool) recoveryOutput(c *cli.Context, o desk.CreateOptions) (*recoveryOutput, error) {
	out := &recoveryOutput{t: t}
	path := c.Path("recovery-file")
	switch {
	case o.NoRecovery || path == "-":
		return out, nil
	case path == "" && !t.term.OutIsTerminal() && !c.Bool("dry-run"):
		return nil, ui.Usage("--recovery-file FILE, --recovery-file - for standard output, or --no-recovery",
			"the recovery identity is shown once, and standard output is not a terminal")
	case path == "":
		return out, nil
	}
	if abs, err := filepath.Abs(path); err == nil && strings.HasPrefix(abs, o.Dir+string(filepath.Separator)) {
		return nil, ui.Usage("write it to a medium that is kept elsewhere", "the recovery file %s lies in the home it is to open", path)
	}
	var err error
	out.file, err = t.term.Output(path, ui.OutputOptions{Private: true})
	return out, err
}

// hand gives the identity out: it is nowhere else.
func (r *recoveryOutput) hand(id *age.X25519Identity, made time.Time, out *initOutput) error {
	if r.file == nil {
		out.Sheet = keyfile.RecoverySheet(id)
		return nil
	}
	if _, err := r.file.Write(keyfile.RecoveryFile(id, made)); err != nil {
		return err
	}
	if err := r.file.Commit(); err != nil {
		return err
	}
	out.File = r.file.Path()
	return nil
}

func (r *recoveryOutput) close() {
	if r.file != nil {
		r.file.Close()
	}
}

// write prints what was made for people.
func (o *initOutput) write(w io.Writer) error {
	fmt.Fprintf(w, "home       %s\nledger     %s\nofficer    %s (%s)\n", ui.Name(o.Home), o.Origin, o.Officer, o.Role)
	if o.DryRun {
		fmt.Fprintf(w, "recovery   %s\n", yesNo(o.Recovery, "an identity would be made", "none"))
		_, err := fmt.Fprintln(w, "nothing was made")
		return err
	}
	if o.Card != "" {
		fmt.Fprintf(w, "card       %s\n", ui.Name(o.Card))
	}
	fmt.Fprintf(w, "trust list %s\n", ui.Name(o.TrustList))
	switch {
	case o.File != "":
		fmt.Fprintf(w, "recovery   %s; move it to a safe place away from this machine\n", ui.Name(o.File))
	case o.Sheet != "":
		fmt.Fprintf(w, "\nRecovery identity. Print or copy it now: it is shown this once and is nowhere else.\n\n%s\n", o.Sheet)
	}
	if o.Waits != "" {
		return o.writeJoined(w)
	}
	_, err := fmt.Fprintf(w, "next: custody seal FILE\n")
	return err
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/audit"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger/client"
	"example.org/custody/verify"
)

// Problems of an audit.
const (
	codeMisbehaved ui.Code = "E-LEDGER-MISBEHAVED"
	codeAuditOpen  ui.Code = "E-AUDIT-UNDECIDED"
	codeNoAlarm    ui.Code = "E-ALARM"
	codeNoLedgerAt ui.Code = "E-NO-LEDGER-THERE"
	codeLedgerAway ui.Code = "E-LEDGER-AWAY"
)

var _ = ui.Register(
	ui.Entry{Code: codeMisbehaved, Class: ui.ErrNotAuthentic, Title: "The ledger broke its rules",
		Means: "the ledger's own signed words contradict each other; from there on its receipts and packages prove less than they say",
		Do:    []string{"keep the alarm file and send it to every state that relies on the ledger", "custody audit --alarm FILE lets anyone see it for themselves"},
		About: "An alarm needs no trust in whoever raised it: it holds what the ledger signed, and only the ledger's key is needed to check it. Items whose last act the ledger has not misreported can go on under another ledger that the trust list names."},
	ui.Entry{Code: codeAuditOpen, Class: ui.ErrUndecided, Title: "The ledger's honesty could not be decided", For: []error{audit.ErrCopy},
		Means: "nothing is proven against the ledger, and something needed to vouch for it is missing",
		Do:    []string{"do what stands below each line marked UNDECIDED", "copy the ledger again from its state"}},
	ui.Entry{Code: codeNoAlarm, Class: ui.ErrUndecided, Title: "The alarm proves nothing", For: []error{audit.ErrAlarm},
		Means: "the file says nothing about the ledger, good or bad",
		Do:    []string{"get the file again, byte for byte", "give --vkey KEY or --trust NOTE with the ledger's own key"}},
	ui.Entry{Code: codeNoLedgerAt, Title: "No ledger there", For: []error{audit.ErrNone},
		Means: "nothing was audited",
		Do:    []string{"name a desk's home, its folder ledger, a C2SP tlog-tiles folder, or a node's address"}},
	ui.Entry{Code: codeLedgerAway, Title: "The ledger's node does not answer", For: []error{audit.ErrAway},
		Means: "nothing was audited; that a node is away proves nothing about its ledger",
		Do:    []string{"try again later, or from another network", "audit a copy of the ledger: custody audit DIR"}},
)

// auditVerb is `custody audit URL|DIR`.
func auditVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "audit", Category: groupLook,
		Usage:     "replay a whole ledger: every leaf, every epoch, who vouches",
		ArgsUsage: "[URL|DIR]",
		UsageText: "custody audit\ncustody audit https://node.bb.example --trust court.note\ncustody audit /mnt/bb/ledger --trust court.note\ncustody audit mirror --vkey \"$KEY\" --note receipt-checkpoint.note\ncustody audit --alarm alarm.json",
		Description: "DIR is a desk's home, a ledger's folder, a copy of one, or any C2SP tlog-tiles folder; URL is the address of a node, or of anything that serves such a folder. Without either it is the desk's own ledger. Nothing in it is changed and no passphrase asked. " +
			"The ledger's key comes from the trust list given, or the one that the desk has pinned, or from --vkey; then nobody else is asked for.\n\n" +
			"Exit code 0: the ledger kept its rules and, by the list's court policy, other states vouch. 10: it broke one; an alarm file is written, which proves that to anyone. " +
			"11: could not be decided. --alarm checks such a file: 10 when it proves what it says, 11 when it proves nothing.",
		Flags: []cli.Flag{
			trustFlag(),
			&cli.StringFlag{Name: "vkey", Usage: "the ledger's own `KEY`, name+hash+base64, in the place of a trust list"},
			&cli.StringSliceFlag{Name: "note", Usage: "hold another checkpoint of the ledger against it, from a `FILE`"},
			&cli.PathFlag{Name: "alarm", Usage: "check an alarm `FILE` instead of a ledger"},
			&cli.PathFlag{Name: "out", DefaultText: "alarm-DIGEST.json", Usage: "where an alarm is written, a `FILE`"},
		},
		Action: t.audit,
	}
}

// auditOutput is the summary of audit.
type auditOutput struct {
	*audit.Result
	AlarmFile string `json:"alarm_file,omitempty"`
}

func (t *tool) audit(c *cli.Context) error {
	root, err := t.auditRoot(c)
	if err != nil {
		return err
	}
	if file := c.Path("alarm"); file != "" {
		if c.NArg() > 0 {
			return ui.Usage("give one of them", "--alarm and a ledger's folder contradict each other")
		}
		return t.auditAlarm(file, root)
	}
	dir := c.Args().First()
	if dir == "" {
		if dir, err = t.needHome(); err != nil {
			return err
		}
	}
	if client.IsAddress(dir) {
		if _, err := client.ParseAddress(dir); err != nil {
			return ui.Usage("custody audit https://node.bb.example", "%v", err)
		}
	}
	bar := t.term.Progress()
	defer bar.Close()
	got, err := audit.Ledger(c.Context, audit.Task{Dir: dir, Root: root, Notes: c.StringSlice("note"), Progress: bar})
	if err != nil {
		return err
	}
	bar.Close()
	out := auditOutput{Result: got}
	if got.Alarm != nil {
		if out.AlarmFile, err = t.keepAlarm(c.Path("out"), got.Alarm); err != nil {
			return err
		}
	}
	return t.reportAudit(out)
}

// auditRoot returns what the audit takes for granted.
func (t *tool) auditRoot(c *cli.Context) (audit.Root, error) {
	vkey, list := c.String("vkey"), c.Path("trust")
	switch {
	case vkey != "" && list != "":
		return audit.Root{}, ui.Usage("give one of them", "--vkey and --trust contradict each other")
	case vkey != "":
		root, err := audit.RootByKey(vkey)
		if err != nil {
			return root, ui.Usage("custody trust show --json lists the ledgers' keys", "--vkey: %v", err)
		}
		return root, nil
	case list != "":
		if p := damagedStart(list); p != nil {
			return audit.Root{}, p
		}
		return audit.RootByList(list)
	}
	return audit.RootOfHome(t.home)
}

// keepAlarm writes an alarm where nothing is, or where the same alarm is already.
func (t *tool) keepAlarm(path string, alarm []byte) (string, error) {
	if path == "" {
		path = "alarm-" + digestHex(alarm)[:12] + ".json"
	}
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, alarm) {
		return path, nil
	}
	out, err := t.term.Output(path, ui.OutputOptions{})
	if err != nil {
		return "", err
	}
	defer out.Close()
	if _, err := out.Write(alarm); err != nil {
		return "", err
	}
	return path, out.Commit()
}

// reportAudit prints every check, then what came of them.
func (t *tool) reportAudit(out auditOutput) error {
	for _, check := range out.Checks {
		if err := t.term.Finding(ui.Finding{Check: check.Name, Status: string(check.Status), Subject: check.Name, Detail: check.Detail, Do: check.Do}); err != nil {
			return err
		}
	}
	if err := t.term.Summary("audit", out, out.text); err != nil {
		return err
	}
	name := out.Dir
	if !client.IsAddress(name) {
		name = filepath.Clean(name)
	}
	switch out.Status {
	case verify.Fails:
		return ui.NewProblem(codeMisbehaved, nil, "%s: %s; the proof is %s", out.Origin, out.What, out.AlarmFile)
	case verify.Undecided:
		return ui.NewProblem(codeAuditOpen, nil, "%s: %s", name, out.What)
	}
	return nil
}

func (o auditOutput) text(w io.Writer) error {
	fmt.Fprintf(w, "\n%s: %d leaves, %d seals closed", ui.Clean(string(o.Origin)), o.Size, o.Seals)
	if o.Rate > 0 {
		fmt.Fprintf(w, "; replayed in %.1f s, %.0f leaves a second", o.Seconds, o.Rate)
	}
	_, err := fmt.Fprintln(w)
	if o.AlarmFile != "" {
		_, err = fmt.Fprintf(w, "alarm written: %s\n", ui.Clean(o.AlarmFile))
	}
	return err
}

// auditAlarm checks an alarm file. That the ledger misbehaved is proven then, so
// the exit code says so.
func (t *tool) auditAlarm(file string, root audit.Root) error {
	p, err := audit.CheckAlarm(file, root)
	if err != nil {
		return err
	}
	if err := t.term.Summary("audit", p, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: the alarm proves it: %s\n", ui.Clean(string(p.Origin)), p.What)
		return err
	}); err != nil {
		return err
	}
	return ui.NewProblem(codeMisbehaved, nil, "%s: %s", p.Origin, p.What)
}

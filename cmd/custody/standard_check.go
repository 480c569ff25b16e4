package main

import (
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// standardCheckOutput is the output of custody standard check.
type standardCheckOutput struct {
	Standard string        `json:"standard"`
	SHA256   string        `json:"sha256"`
	Refused  bool          `json:"refused"` // custody seal would refuse it
	InForce  string        `json:"in_force"`
	Fields   []rules.Why   `json:"fields"` // that are missing or malformed
	Rules    []checkedRule `json:"rules"`
}

// checkedRule is what became of one rule.
type checkedRule struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Status   string   `json:"status"`
	Blocks   bool     `json:"blocks"` // when sealing
	Why      string   `json:"why,omitempty"`
	Text     string   `json:"text"`
	Sources  []string `json:"sources"`
}

func standardCheck(t *tool) *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "[STANDARD] [PATH…]",
		Usage: "hold a draft against a standard before anything is sealed",
		Description: "Takes what custody seal takes, reads the files, and says of every rule what would become of it. Nothing is written, " +
			"and no desk is needed. Exit code 1 when custody seal would refuse it.\n\n" +
			"STANDARD is an id, an id with its version, or the file of a pack; --standard says the same, as for custody seal. Whether a pack itself can be used is said by custody standard show FILE.json.",
		UsageText: "custody standard check device-seizure --object 'phone, black' --physical-seal 0017732 --fields phone.yaml\n" +
			"custody standard check forensic-image disk.E01 --fields image.json",
		Flags:  append(sealFlags(), roleFlag()),
		Action: t.checkStandard,
	}
}

func (t *tool) checkStandard(c *cli.Context) error {
	ref, paths, err := draftOf(c.String("standard"), c.Args().Slice())
	if err != nil {
		return err
	}
	if len(paths) == 0 && c.String("object") == "" {
		return nothingToCheck(ref)
	}
	in, err := sealing(c, paths)
	if err != nil {
		return err
	}
	if err := t.underStandard(c, ref, &in); err != nil {
		return err
	}
	progress := t.term.Progress()
	defer progress.Close()
	in.Progress = progress
	j, err := desk.CheckDraft(c.Context, in, evidence.Signer{Role: evidence.Role(c.String("role"))}, time.Now())
	if err != nil {
		return err
	}
	progress.Close()
	refusal := j.Refuses(rules.AtSeal, false)
	out := checkedDraft(j, refusal != nil)
	if err := t.term.Summary("standard check", out, out.write); err != nil {
		return err
	}
	return refusal
}

func checkedDraft(j *standard.Judgement, refused bool) *standardCheckOutput {
	out := &standardCheckOutput{
		Standard: string(j.Name), SHA256: j.Result.SHA256.String(), Refused: refused, InForce: string(j.InForce.Status), Fields: j.Result.Fields, Rules: []checkedRule{},
	}
	for i := range j.Lines {
		l := &j.Lines[i]
		r := checkedRule{
			Rule: l.Rule.ID, Severity: string(l.Severity), Status: string(l.Status), Blocks: l.Rule.BlocksAt(rules.AtSeal), Why: l.Why(), Text: l.Rule.Text, Sources: []string{},
		}
		for _, s := range l.Rule.Source {
			r.Sources = append(r.Sources, s.String())
		}
		out.Rules = append(out.Rules, r)
	}
	return out
}

func (o *standardCheckOutput) write(w io.Writer) error {
	fmt.Fprintf(w, "%s, sha256 %s\n", o.Standard, o.SHA256)
	for _, f := range o.Fields {
		fmt.Fprintf(w, "field %s is %s\n", ui.Name(f.What), f.Cause)
	}
	table := ui.NewTable("rule", "severity", "status", "sentence")
	count := map[string]int{}
	for _, r := range o.Rules {
		count[r.Status]++
		text := r.Text
		if r.Why != "" {
			text += " (" + r.Why + ")"
		}
		table.Row(r.Rule, r.Severity, r.Status, text)
	}
	if err := table.Write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d hold, %d fail, %d undecided, %d do not apply\n", count["holds"], count["fails"], count["undecided"], count["not applicable"])
	return err
}

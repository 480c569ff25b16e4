package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify/pack"
	courtreport "example.org/custody/verify/report"
)

// Problems of packing.
const (
	codeNotProven ui.Code = "E-NOT-PROVEN"
	codePackLimit ui.Code = "E-PACKAGE-LIMIT"
	codeNoneHeld  ui.Code = "E-NOTHING-WITHHELD"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotProven, Title: "A ledger's proof is missing",
		Means: "no package was written; it would have left a question open that can be closed",
		Do:    []string{"pack the items of each handoff, or of each case, by themselves", "let the desk that holds the item now pack it"},
		For:   []error{pack.ErrNotProven}},
	ui.Entry{Code: codePackLimit, Title: "Too much for one package",
		Means: "no package was written; a reader would have to refuse it",
		Do:    []string{"pack fewer items at a time", "leave the copies out: --no-files"},
		For:   []error{pack.ErrLimit, asic.ErrLimit}},
	ui.Entry{Code: codeNoneHeld, Title: "Nothing of that name to withhold",
		Means: "no package was written, because it would have shown everything",
		Do:    []string{"custody show ITEM lists the names of its record", "a name that ends in / stands for all that begin with it"},
		For:   []error{desk.ErrNothingHeld}},
)

// packVerb is `custody pack`.
func packVerb(t *tool) *cli.Command {
	var codes []string
	for _, c := range evidence.ReasonCodes() {
		codes = append(codes, string(c))
	}
	return &cli.Command{
		Name:      "pack",
		Category:  groupProve,
		Usage:     "make the one file for a court: records, proofs, evidence copies",
		ArgsUsage: "[ITEM…]",
		UsageText: "custody pack --out package.asice E-0017\n" +
			"custody pack --out package.asice --case KOS-2026-0042 --to \"District Court, file 12/26\"\n" +
			"custody pack --out p.asice E-0017 --reader age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n" +
			"custody pack --out p.asice E-0017 --withhold file/3=method --decided-by \"Court BB\" --review 2027-01-01\n" +
			"custody pack --out p.asice E-17 E-17-1 --withhold E-17:file/1=method --decided-by \"Court BB\" --review 2027-01-01",
		Description: "Everything in the items' records is shown unless it is withheld, or unless --reveal names what alone is shown. What is withheld stays counted, and named unless " +
			"its name is hidden too; the reader sees who decided, the reason, and when it is looked at again. A NAME that ends in a " +
			"slash stands for all that begin with it: file/ is every file. A file whose value is withheld is not enclosed. " +
			"A NAME alone means that entry of every item in the package, ITEM:NAME that of one: E-17:file/1 holds back an original, and its redacted copy beside it stays. " +
			"What has a number, such as file/1, is not revealed without its ITEM when several items are packed.\n\n" +
			"With --reader the copies are encrypted with age to readers who hold a key of their own; records and proofs are not. A reader of one copy alone is named with it: --reader file/3=age1…, or of one item's E-17:file/3=age1…. " +
			"Such a reader checks and opens it with --identity; for everybody else the verdict says that the copy was not compared.\n\n" +
			"With --tsa a timestamp authority, which the trust list must name, says when the package was made; without, that is this desk's word alone, and the verdict says so.\n\n" +
			"Reasons: " + strings.Join(codes, ", ") + ".",
		Flags: append([]cli.Flag{
			caseFlag("every item of the proceeding with this `REFERENCE`"), asFlag(),
			&cli.PathFlag{Name: "out", Required: true, Usage: "the package to write, `FILE.asice`"},
			&cli.StringFlag{Name: "to", Usage: "the `REFERENCE` of the court or request it is for"},
			readerFlag(),
			&cli.BoolFlag{Name: "cades", Usage: "also a CAdES signature for the programs of other offices; the officer's certificate is in it, with the name"},
			&cli.BoolFlag{Name: "long-term", Usage: "the CAdES signature also says that the certificate was not revoked; needs --cades and --tsa"},
			tsaFlag("timestamps for the package and the checkpoints in it, from the timestamp authority at this `URL`"),
			&cli.BoolFlag{Name: "no-files", Usage: "enclose no evidence copies; digests only"},
			toAuthorityFlag("the package shows"),
			dryRunFlag(), forceFlag(),
		}, append(append(append(anchorFlags(), underFlags()...), useFlags()...), withholdFlags()...)...),
		Action: t.pack,
	}
}

// pack writes a package.
func (t *tool) pack(c *cli.Context) (err error) {
	byName, err := readWithholding(c)
	if err != nil {
		return err
	}
	byRule, err := readRules(c)
	if err != nil {
		return err
	}
	readers, err := readReaders(c)
	if err != nil {
		return err
	}
	stamp, err := stamper(c)
	if err != nil {
		return err
	}
	if c.Bool("long-term") && (!c.Bool("cades") || stamp == nil) {
		return ui.Usage("give --cades and --tsa URL with it", "--long-term is about a CAdES signature with a timestamp")
	}
	anchors, err := readAnchors(c)
	if err != nil {
		return err
	}
	out := c.Path("out")
	if !c.Bool("force") { // asic.Create refuses as well; here before a passphrase is asked for
		if err := t.checkOutput(out); err != nil {
			return err
		}
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	items, err := itemsToPack(c, s)
	if err != nil {
		return err
	}
	find := finder(c, s)
	held, err := withheldOf(find, byName, byRule, items)
	if err != nil {
		return err
	}
	to, err := readersIn(find, readers)
	if err != nil {
		return err
	}
	limited, err := under(c, s)
	if err != nil {
		return err
	}
	p := desk.Packing{
		Items: items, Out: out, Force: c.Bool("force"), To: c.String("to"), Withhold: held, Readers: to, NoFiles: c.Bool("no-files"),
		Report: courtreport.Sender, CAdES: c.Bool("cades"), LongTerm: c.Bool("long-term"), Stamp: stamp, Anchors: anchors,
		Use: use(c), Under: limited, ToAuthority: c.Bool("to-authority"),
	}
	if c.Bool("dry-run") {
		return t.packPlan(c, s, p)
	}
	bar := t.term.Progress()
	defer bar.Close()
	p.Progress = bar
	done, err := s.Pack(c.Context, p)
	if err != nil {
		return err
	}
	bar.Close()
	t.warnNoticed(&done.Noticed)
	if done.Encrypted > 0 {
		t.term.Warn("of a copy that is encrypted, the name, size and digests stand in the package for everybody; what must not be known either has to be held back: --withhold, --hide")
	}
	t.warnLarge(out, done)
	return t.term.Summary("pack", done, func(w io.Writer) error { return writePacked(w, done) })
}

// itemsToPack returns the items named and those of a case, each once; those that
// have ended belong to a package, too.
func itemsToPack(c *cli.Context, s *desk.Session) ([]*desk.Item, error) {
	ref := c.String("case")
	if c.NArg() == 0 && ref == "" {
		return nil, ui.Usage("name items, or --case REFERENCE", "no item was named")
	}
	var items []*desk.Item
	for _, name := range c.Args().Slice() {
		it, err := s.Find(c.Context, name)
		if err != nil {
			return nil, err
		}
		items = addItem(items, it)
	}
	if ref == "" {
		return items, nil
	}
	all, err := s.InCase(c.Context, ref)
	for _, it := range all {
		items = addItem(items, it)
	}
	return items, err
}

// checkOutput finds out now whether a file can be made there.
func (t *tool) checkOutput(path string) error {
	out, err := t.term.Output(path, ui.OutputOptions{Binary: true})
	if err != nil {
		return err
	}
	return out.Close()
}

func writePacked(w io.Writer, done *desk.Packed) error {
	held := ""
	if done.Withheld > 0 {
		held = ", " + ui.Count(done.Withheld, "entry withheld", "entries withheld")
	}
	if done.Encrypted > 0 {
		held += fmt.Sprintf(", %d encrypted to readers", done.Encrypted)
	}
	when := "packing time: this desk's word alone (--tsa URL asks a timestamp authority)"
	if done.Stamped != "" {
		when = "packing time: " + done.Stamped + ", by a timestamp authority"
	}
	_, err := fmt.Fprintf(w, "%s: %s, %s, %s%s\n%s\nNext: custody verify %s\n", ui.Clean(done.File), ui.Count(done.Items, "item", "items"),
		ui.Count(done.Files, "evidence copy", "evidence copies"), ui.Bytes(done.Bytes), held, when, ui.Clean(done.File))
	return err
}

package report

import (
	"strconv"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// New settles the words of a report on a verdict, every item described.
func New(v *verify.Verdict, o Options) *Document {
	return newBuilder(v, o).document(describeAll)
}

// describing says how many items are described, and which.
type describing struct {
	all      int // up to so many items, all of them
	troubled int // beyond that, so many of those that do not hold
}

// A page lists every item at a glance and describes so many that it stays far
// below what a package may carry (spec/package.md, "Limits"); a terminal
// describes what needs attention.
var (
	describeAll      = describing{all: 1 << 30}
	describePage     = describing{all: 200, troubled: 200}
	describeTerminal = describing{all: 3, troubled: 50}
)

// builder settles the words of one document.
type builder struct {
	*Language
	english *builder // where the words are a translation that nobody has reviewed; else nil
	v       *verify.Verdict
	o       Options
	sender  bool
	dossier *dossierView // nil when there is none
	roots   *roots

	rows     int // most rows of one table
	findings int // that may still be described
	letters  int // of values that contradict that may still be shown
}

func newBuilder(v *verify.Verdict, o Options) *builder {
	b := &builder{Language: languageFor(o.Language), v: v, o: o, roots: newRoots(v), rows: maxRows, findings: maxDescribed, letters: maxLetters}
	if o.Dossier != nil {
		b.dossier = viewDossier(o.Dossier, v)
	}
	if !b.reviewed() {
		o.Language = "en"
		b.english = newBuilder(v, o)
	}
	return b
}

// notice says that nobody has reviewed the words; empty when somebody has.
func (b *builder) notice() string {
	if b.reviewed() {
		return ""
	}
	return b.text("page.unreviewed")
}

func (b *builder) document(which describing) *Document {
	d := &Document{Language: b.Language, Sender: b.sender, Title: b.text("title.court"), Running: b.running()}
	d.Skip, d.Glance = b.text("page.skip"), b.text("overview.title")
	if b.sender {
		d.Title = b.text("sender.heading")
	}
	d.Notice = b.notice()
	d.Lead = b.lead()
	d.Basis = b.basis()
	d.Overview, d.Legend = b.overview()
	d.Package = b.packaged()
	b.items(d, which)
	d.Limits = b.limits()
	d.Footer = []string{
		b.text("time.utc"), b.text("footer.offline"),
		b.catalogued(),
	}
	d.Summary = b.summary()
	return d
}

// catalogued says whose words these are.
func (b *builder) catalogued() string {
	if !b.reviewed() {
		return b.text("footer.unreviewed", b.Name, b.Date)
	}
	return b.text("footer.catalogue", b.Name, b.Date, b.ReviewedBy)
}

// original returns the English words of the same thing where those of the
// report have been reviewed by nobody, else nothing.
func (b *builder) original(english func(b *builder) string) string {
	if b.english == nil {
		return ""
	}
	return english(b.english)
}

// items describes the items that are to be described.
func (b *builder) items(d *Document, which describing) {
	quiet, left, troubled := 0, 0, 0
	for i := range b.v.Items {
		mark := b.itemStatus(&b.v.Items[i])
		switch {
		case len(b.v.Items) <= which.all:
		case mark == verify.Holds:
			quiet++
			continue
		case troubled >= which.troubled:
			left++
			continue
		}
		if mark != verify.Holds {
			troubled++
		}
		d.Items = append(d.Items, b.item(i))
	}
	if quiet > 0 {
		d.Brief = b.text("item.brief", quiet)
	}
	if left > 0 {
		d.LeftOut = b.text("item.left-out", left)
	}
}

// itemStatus is the result for one item: as the exit code would be if the
// package were about it alone (rule P18).
func (b *builder) itemStatus(i *verify.ItemVerdict) verify.Status {
	if b.v.Status == verify.Holds {
		return verify.Holds
	}
	status := verify.Holds
	for _, q := range i.Questions {
		switch {
		case q.N <= 6 && q.Status == verify.Fails:
			return verify.Fails
		case b.keepsOpen(q):
			status = verify.Undecided
		}
	}
	return status
}

// keepsOpen reports whether a question keeps the verdict from holding without
// that anything fails: it is required, or it shows a gap.
func (b *builder) keepsOpen(q verify.Question) bool {
	if q.Status != verify.Holds {
		for _, n := range b.o.require() {
			if n == q.N {
				return true
			}
		}
	}
	for _, f := range q.Findings {
		if f.Check == gapCheck && f.Status == verify.Undecided {
			return true
		}
	}
	return false
}

func (b *builder) mark(s verify.Status) Mark {
	return Mark{Status: s, Sign: b.text("sign." + string(s)), Word: b.text("status." + string(s))}
}

// basis says what the verdict was checked against, the trust list first (P10).
func (b *builder) basis() Facts {
	t := b.v.Trust
	version := b.text("basis.none")
	if t.Version > 0 {
		version = b.text("basis.version", strconv.FormatUint(t.Version, 10))
	}
	f := Facts{Title: b.text("basis.title")}
	list, from := "basis.list", b.listSource()
	if b.sender {
		list, from = "basis.sender-list", b.text("basis.source.sender")
	}
	f.add(b.text(list), version)
	if t.SHA256 != "" {
		f.code(b.text("basis.list-digest"), plain.Text(t.SHA256))
	}
	if root := t.Root; root != nil {
		f.add(b.text("basis.list-root"), b.text("basis.version", strconv.FormatUint(root.Version, 10)))
		f.code(b.text("basis.list-root-digest"), plain.Text(root.SHA256))
	}
	f.add(b.text("basis.list-from"), from)
	if b.o.File != "" {
		f.add(b.text("basis.file"), plain.Name(b.o.File))
	}
	b.packageFacts(&f)
	return f
}

func (b *builder) listSource() string {
	key := "basis.source." + string(b.v.Trust.Source)
	if b.o.List != "" && b.has(key+"-file") {
		return b.text(key+"-file", plain.Name(b.o.List))
	}
	return b.or(key, plain.Text(string(b.v.Trust.Source)))
}

func (b *builder) packageFacts(f *Facts) {
	p := b.v.Package
	if p == nil {
		return
	}
	if b.sender {
		f.add(b.text("basis.sender-packed"), plain.Text(p.Packed))
		return
	}
	f.code(b.text("basis.manifest"), plain.Text(p.Manifest))
	f.add(b.text("basis.packed"), b.text("basis.packed-value", plain.Text(p.Packed)))
	if p.Stamped != "" {
		f.add(b.text("basis.stamped"), plain.Text(p.Stamped))
	}
	for _, at := range p.Archived {
		f.add(b.text("basis.archived"), plain.Text(at))
	}
	for _, who := range p.Signers {
		f.add(b.text("basis.packer"), b.named("signer", who))
	}
	if p.To != "" {
		f.add(b.text("basis.to"), plain.Name(p.To))
	}
}

func (f *Facts) add(name, value string) { f.List = append(f.List, Fact{Name: name, Value: value}) }
func (f *Facts) code(name, value string) {
	f.List = append(f.List, Fact{Name: name, Value: value, Code: true})
}

// running is what stands at the head of every printed page.
func (b *builder) running() string {
	var ids []string
	for _, i := range b.v.Items {
		ids = append(ids, i.Item.Short())
	}
	about := strings.Join(ids, ", ")
	if len(ids) > 4 {
		about = b.text("title.print-items", len(ids))
	}
	if b.v.Package == nil || b.v.Package.Manifest == "" {
		return about
	}
	return b.text("title.print", about, plain.Text(b.v.Package.Manifest))
}

// packaged is what was found about the file itself.
func (b *builder) packaged() *Question {
	if len(b.v.Container) == 0 {
		return nil
	}
	q := b.checks("package", "", b.v.Container)
	status := worst(b.v.Container)
	q.Mark, q.Title = b.mark(status), b.text("package.title")
	q.Sentence = b.text("package.sentence." + string(status))
	q.Original = b.original(func(e *builder) string {
		return e.text("package.title") + ": " + e.text("package.sentence."+string(status))
	})
	return &q
}

// worst is the status of a question over findings (spec/verdict.md).
func worst(findings []verify.Finding) verify.Status {
	count := map[verify.Status]int{}
	for _, f := range findings {
		count[f.Status]++
	}
	for _, s := range []verify.Status{verify.Fails, verify.Undecided, verify.Holds} {
		if count[s] > 0 {
			return s
		}
	}
	return verify.NotApplicable
}

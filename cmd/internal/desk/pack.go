package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Packing says what goes into a package and what is held back.
type Packing struct {
	Items    []*Item
	Out      string // the file to write
	Force    bool   // replace a file that is there
	To       string // reference of the court or request
	Withhold []Withhold
	NoFiles  bool // without evidence copies: digests only
	Report   func(verdict []byte) ([]byte, error)
	Progress Progress
}

// Withhold holds back the entries of the records whose name is Name, or begins
// with it when it ends in a slash.
type Withhold struct {
	Name      string
	Code      evidence.ReasonCode
	Authority string
	Review    string // day, YYYY-MM-DD
	HideName  bool   // hold the name back too
}

// bagFrom is from how many files of one item on they go into an inner bag: the
// container must stay below 1,000 entries (spec/package.md, "Limits").
const bagFrom = 100

// ErrNothingHeld reports a name to withhold that no record has.
var ErrNothingHeld = errors.New("no record to be packed has an entry of that name")

// ErrNoVerdictRoot reports packing at a desk without a trust list.
var ErrNoVerdictRoot = fmt.Errorf("the sender's verdict names a trust list: %w", ErrNoTrust)

// Packed is what came of packing.
type Packed struct {
	File     string `json:"file"`
	Items    int    `json:"items"`
	Files    int    `json:"files"` // evidence copies
	Bytes    int64  `json:"bytes"` // of the copies
	Withheld int    `json:"withheld"`
}

// Pack writes one package about the items: the dossier under one shared
// checkpoint for each ledger, evidence copies, the sender's verdict and report.
func (s *Session) Pack(ctx context.Context, p Packing) (out *Packed, err error) {
	if s.trusted == nil {
		return nil, ErrNoVerdictRoot
	}
	if s.acting == nil {
		return nil, ErrNoAct
	}
	plan := &packPlan{s: s, in: p, out: &Packed{File: p.Out, Items: len(p.Items)}, used: map[int]bool{}}
	selected, err := plan.selections(ctx)
	if err != nil {
		return nil, err
	}
	// The packer's own enrolment must be shown too.
	d, err := s.assemble(ctx, &pack.Builder{}, selected, s.acting.as.Enrolled)
	if err != nil {
		return nil, err
	}
	if err := plan.checkUsed(); err != nil {
		return nil, err
	}
	plan.stage()
	f, err := asic.Create(p.Out, asic.Options{Overwrite: p.Force, Signatures: []string{asic.SignatureDSSE}})
	if err != nil {
		return nil, err
	}
	if err := pack.Write(ctx, f.Writer, plan.writing(d)); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return plan.out, f.Close()
}

// packPlan chooses names for the copies and what is shown.
type packPlan struct {
	s       *Session
	in      Packing
	out     *Packed
	sources []pack.Source
	used    map[int]bool // of in.Withhold, by its place
}

// stage tells the progress what there is to read.
func (p *packPlan) stage() {
	if p.in.Progress != nil {
		p.in.Progress.Stage("packing", p.out.Bytes, p.out.Files)
	}
}

func (p *packPlan) selections(ctx context.Context) ([]*selection, error) {
	var all []*selection
	for i, it := range p.in.Items {
		sel := &selection{id: it.ID, view: p.withhold}
		if !p.in.NoFiles {
			if err := p.copies(ctx, i+1, it, sel); err != nil {
				return nil, err
			}
		}
		all = append(all, sel)
	}
	return all, nil
}

// copies names the evidence copies of item number i that are not held back.
func (p *packPlan) copies(ctx context.Context, i int, it *Item, sel *selection) error {
	values, err := it.FileValues()
	if err != nil {
		return err
	}
	bag := len(values) >= bagFrom
	for n := 1; n <= len(values); n++ {
		v, ok := values[n]
		name := evidence.FileName(n)
		if !ok || v.Stored == nil || v.Kind != evidence.KindFile || p.held(name) >= 0 {
			continue
		}
		at := pack.Enclosed{Entry: pack.PayloadName(i, n, extension(v.Path)), File: name}
		if bag {
			at = pack.Enclosed{Entry: pack.BagName(i), File: name, Member: fmt.Sprint(n)}
		}
		sel.payload = append(sel.payload, at)
		p.sources = append(p.sources, pack.Source{Enclosed: at, Size: v.Digests.Size, Open: func() (io.ReadCloser, error) {
			if p.in.Progress != nil {
				p.in.Progress.File(v.Path)
			}
			r, err := p.s.keeper.open(ctx, v)
			if err != nil {
				return nil, err
			}
			return counted{r, p.in.Progress}, nil
		}})
		p.out.Files++
		p.out.Bytes += v.Digests.Size
	}
	return nil
}

// extension returns a file's ending when it tells a program what to do with the
// copy and a person nothing: a dot and 1 to 8 letters or digits.
func extension(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 9 || strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return ext
}

// held returns which of the reasons holds an entry of that name back, or -1.
func (p *packPlan) held(name string) int {
	return slices.IndexFunc(p.in.Withhold, func(w Withhold) bool {
		return w.Name == name || strings.HasSuffix(w.Name, "/") && strings.HasPrefix(name, w.Name)
	})
}

// withhold decides about one entry of a record, and remembers what was used.
func (p *packPlan) withhold(e evidence.ViewEntry) *evidence.Withholding {
	i := p.held(e.Name)
	if i < 0 {
		return nil
	}
	p.used[i] = true
	p.out.Withheld++
	w := p.in.Withhold[i]
	return &evidence.Withholding{Name: w.HideName, Withheld: evidence.Withheld{Authority: w.Authority, Code: w.Code, Review: w.Review}}
}

// checkUsed refuses a name to withhold that no record has: a slip in it would
// show what was to be held back.
func (p *packPlan) checkUsed() error {
	for i, w := range p.in.Withhold {
		if !p.used[i] {
			return fmt.Errorf("%q: %w", w.Name, ErrNothingHeld)
		}
	}
	return nil
}

func (p *packPlan) writing(d *pack.Dossier) pack.Writing {
	return pack.Writing{
		Dossier: d, Payload: p.sources, Packed: evidence.Instant(p.s.Now()), To: p.in.To,
		Signers: []evidence.Signer{p.s.acting.as},
		Verdict: func(found pack.Contents, packed time.Time) ([]byte, error) {
			return verify.Sender(d, found, packed, p.s.trusted.root())
		},
		Report: p.in.Report,
		Sign: func(ctx context.Context, payloadType string, payload []byte) (*signing.Envelope, error) {
			return signing.Sign(ctx, payloadType, payload, p.s.acting.signer)
		},
	}
}

// counted tells the progress what was read.
type counted struct {
	io.ReadCloser
	p Progress
}

// Read implements io.Reader.
func (c counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if c.p != nil {
		c.p.Add(int64(n))
	}
	return n, err
}

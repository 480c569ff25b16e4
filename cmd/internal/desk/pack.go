package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
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
	Reveal   []string
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

// ErrNoVerdictRoot reports packing at a desk without a trust list.
var ErrNoVerdictRoot = fmt.Errorf("the sender's verdict names a trust list: %w", ErrNoTrust)

// Packed is what came of packing.
type Packed struct {
	File     string
	Items    int
	Files    int
	Bytes    int64
	Withheld int
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
	plan := &packPlan{s: s, in: p, out: &Packed{File: p.Out, Items: len(p.Items)}}
	selected, err := plan.selections(ctx)
	if err != nil {
		return nil, err
	}
	// The packer's own enrolment must be shown too.
	d, err := s.assemble(ctx, &pack.Builder{}, selected, s.acting.as.Enrolled)
	if err != nil {
		return nil, err
	}
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
		if !ok || v.Stored == nil || v.Kind != evidence.KindFile || p.withhold(evidence.ViewEntry{Name: name}) != nil {
			continue
		}
		at := pack.Enclosed{Entry: pack.PayloadName(i, n, extension(v.Path)), File: name}
		if bag {
			at = pack.Enclosed{Entry: pack.BagName(i), File: name, Member: fmt.Sprint(n)}
		}
		sel.payload = append(sel.payload, at)
		p.sources = append(p.sources, pack.Source{Enclosed: at, Size: v.Digests.Size, Open: func() (io.ReadCloser, error) {
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

// withhold decides about one entry of a record.
func (p *packPlan) withhold(e evidence.ViewEntry) *evidence.Withholding {
	for _, w := range p.in.Withhold {
		if w.Name != e.Name && !(strings.HasSuffix(w.Name, "/") && strings.HasPrefix(e.Name, w.Name)) {
			continue
		}
		p.out.Withheld++
		return &evidence.Withholding{Name: w.HideName, Withheld: evidence.Withheld{
			Authority: w.Authority, Code: w.Code, Review: w.Review,
		}}
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

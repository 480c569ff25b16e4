package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/evidence/mla"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/pack/readers"
)

// Packing says what goes into a package and what is held back.
type Packing struct {
	Items    []*Item
	Out      string // the file to write
	Force    bool   // replace a file that is there
	To       string // reference of the court or request
	Withhold []Withhold
	Readers  []ReaderOf                                  // whom copies are encrypted to; of the others everybody is a reader
	NoFiles  bool                                        // without evidence copies: digests only
	Report   func(*verify.SenderVerdict) ([]byte, error) // the page in it; nil: none
	CAdES    bool                                        // also a CAdES signature, which has the officer's certificate in it
	LongTerm bool                                        // with the authority's revocation list in it: level LT; needs Stamp
	Stamp    Stamper                                     // timestamps for the checkpoints and the package; nil: none
	Anchors  []pack.Anchor                               // what the states recorded on their shared channel
	Use      *mla.Use                                    // what it is for, where items have use limits; nil: nothing is said
	Under    *LimitedUnder                               // the request that it answers, and the limits of what it brings; nil: none
	Progress progress.Sink                               // nil: nobody is told

	ToAuthority bool // its reader may have what a request's form keeps apart; else that is held back
}

// Withhold holds back the entries that it names; where Name is empty, those of the item,
// or of every item, that Except does not name.
type Withhold struct {
	EntryName
	Except    []EntryName
	Code      evidence.ReasonCode
	Authority string
	Review    string // day, YYYY-MM-DD
	HideName  bool   // hold the name back too
}

// bagFrom is from how many files of one item on they go into an inner bag: the
// container must stay below 1,000 entries (spec/package.md, "Limits").
const bagFrom = 100

// ErrNoVerdictRoot reports packing at a desk without a trust list.
var ErrNoVerdictRoot = fmt.Errorf("the sender's verdict names a trust list: %w", trustlist.ErrNone)

// Packed is what came of packing.
type Packed struct {
	File     string `json:"file"`
	Items    int    `json:"items"`
	Files    int    `json:"files"` // evidence copies
	Most     int    `json:"-"`     // of them: those of the item that has most, in one bag
	Bytes    int64  `json:"bytes"` // of the copies
	Withheld int    `json:"withheld"`

	Encrypted int `json:"encrypted,omitempty"` // copies that are encrypted to readers

	Tokens  int    `json:"tokens,omitempty"`  // timestamp tokens over checkpoints
	Anchors int    `json:"anchors,omitempty"` // anchor proofs of the states' channel
	Stamped string `json:"stamped,omitempty"` // by a timestamp authority: the packing time; absent, it is the packer's word

	Noticed
}

// Pack writes one package about the items: the dossier under one shared
// checkpoint for each ledger, evidence copies, the sender's verdict and report.
// What is asked of the limits of items is logged last, when everything else is known to
// be in order.
func (s *Session) Pack(ctx context.Context, p Packing) (out *Packed, err error) {
	if err := s.mayPack(&p); err != nil {
		return nil, err
	}
	acts, err := s.packedActs(ctx, &p)
	if err != nil {
		return nil, err
	}
	plan, err := s.planOf(ctx, p)
	if err != nil {
		return nil, err
	}
	if len(acts) > 0 { // else nothing is logged, and it is found out on the way
		if err := plan.try(ctx, acts, nil); err != nil {
			return nil, err
		}
	}
	f, err := asic.Create(p.Out, asic.Options{Overwrite: p.Force, Signatures: plan.signatures()})
	if err != nil {
		return nil, err
	}
	if out, err = s.packInto(ctx, f.Writer, plan, acts); err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	return out, f.Close()
}

// packInto logs what has to be logged, and writes the package.
func (s *Session) packInto(ctx context.Context, to *asic.Writer, plan *packPlan, acts []Act) (*Packed, error) {
	if len(acts) == 0 {
		return plan.out, plan.write(ctx, to)
	}
	items, err := s.logPacked(ctx, plan.asked, acts)
	if err != nil {
		return nil, err
	}
	again := plan.in
	again.Items = items
	if plan, err = s.planOf(ctx, again); err == nil {
		err = plan.write(ctx, to)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; that a copy goes into a package is in the history all the same, and no package came of it", err)
	}
	return plan.out, nil
}

// write puts the package together.
func (p *packPlan) write(ctx context.Context, to *asic.Writer) error {
	selected, err := p.selections(ctx)
	if err != nil {
		return err
	}
	// The packer's own enrolment must be shown too.
	d, err := p.s.assemble(ctx, &pack.Builder{Anchors: p.in.Anchors}, selected, p.s.acting.as.Enrolled)
	if err != nil {
		return err
	}
	if err := allAnchored(d, p.in.Anchors); err != nil {
		return err
	}
	p.out.Anchors = len(d.Anchors)
	if err := errors.Join(p.names.checkUsed(), p.addReaders(d)); err != nil {
		return err
	}
	p.out.Alike = p.names.alike()
	if err := p.stampNotes(ctx, d); err != nil {
		return err
	}
	p.stage()
	return pack.Write(ctx, to, p.writing(d))
}

// packPlan chooses names for the copies and what is shown.
type packPlan struct {
	s       *Session
	in      Packing
	out     *Packed
	sources []pack.Source
	asked   []*Item // without the requests that were added

	told map[limitKey]bool // confidential limits of which the package may tell

	requests map[evidence.ItemID]bool // added because items name them

	read       map[int]bool        // of in.Readers, by its place
	recipients map[string][]string // of an entry that is encrypted

	names *heldNames // of in.Withhold

	made map[evidence.ItemID][]*Item // by what they were made from, once it was asked
}

// stage tells the progress what there is to read.
func (p *packPlan) stage() {
	p.in.Progress.Stage("packing", p.out.Bytes, p.out.Files)
}

func (p *packPlan) selections(ctx context.Context) ([]*selection, error) {
	var all []*selection
	for i, it := range p.in.Items {
		view, err := p.keepsRequests(it, p.viewOf(it))
		if err != nil {
			return nil, err
		}
		sel := &selection{id: it.ID, item: it, view: view}
		if err := p.namesShown(it); err != nil {
			return nil, err
		}
		if !p.in.NoFiles {
			if err := p.copies(ctx, i+1, it, sel); err != nil {
				return nil, err
			}
		}
		all = append(all, sel)
	}
	return all, p.sameShown()
}

// copies names the evidence copies of item number i that are not held back.
func (p *packPlan) copies(ctx context.Context, i int, it *Item, sel *selection) error {
	view, err := it.First().View()
	if err != nil {
		return err
	}
	shown := 0
	for _, e := range view.Files() {
		if e.Form == evidence.Shown {
			shown++
		}
	}
	for n, e := range view.Files() {
		if e.Form != evidence.Shown || p.held(it, e.Name) >= 0 {
			continue
		}
		v, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		if v.Stored == nil || v.Kind != evidence.KindFile {
			continue
		}
		at := pack.Enclosed{Entry: pack.PayloadName(i, n, extension(v.Path)), File: e.Name}
		if shown >= bagFrom {
			at = pack.Enclosed{Entry: pack.BagName(i), File: e.Name, Member: pack.BagMember(i, n)}
		}
		if at, err = p.encryptTo(it, at); err != nil {
			return err
		}
		sel.payload = append(sel.payload, at)
		p.sources = append(p.sources, pack.Source{Enclosed: at, Size: v.Digests.Size, Open: p.opener(ctx, e.Value)})
		p.out.Files++
		p.out.Most = max(p.out.Most, len(sel.payload))
		p.out.Bytes += v.Digests.Size
	}
	return nil
}

// opener opens the copy of the file that has that value in the record. It reads
// the value again: of many thousand files that takes less memory than to keep it.
func (p *packPlan) opener(ctx context.Context, value json.RawMessage) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		v, err := evidence.ParseFileValue(value)
		if err != nil {
			return nil, err
		}
		p.in.Progress.File(v.Path)
		r, err := p.s.keeper.open(ctx, v)
		if err != nil {
			return nil, err
		}
		return progress.ReadCloser(r, p.in.Progress), nil
	}
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

// withhold decides about one entry of an item's record, and remembers what was used.
func (p *packPlan) withhold(it *Item, e evidence.ViewEntry) *evidence.Withholding {
	i := p.names.meet(it.ID, e.Name)
	if i < 0 {
		return nil
	}
	p.out.Withheld++
	return p.reason(i)
}

// reason is what a reader sees of one of the reasons.
func (p *packPlan) reason(i int) *evidence.Withholding {
	w := p.in.Withhold[i]
	return &evidence.Withholding{Name: w.HideName, Withheld: evidence.Withheld{Authority: w.Authority, Code: w.Code, Review: w.Review}}
}

func (p *packPlan) writing(d *pack.Dossier) pack.Writing {
	var said *verify.SenderVerdict
	w := pack.Writing{
		SignCAdES: p.signCAdES(), Stamp: p.stampManifest(),
		Dossier: d, Payload: p.sources, Encrypt: readers.Encrypt, Packed: evidence.Instant(p.s.Now()), To: p.in.To,
		Signers: []evidence.Signer{p.s.acting.as},
		Verdict: func(found pack.Contents, packed time.Time) (_ io.WriterTo, err error) {
			said, err = verify.Sender(d, found, packed, p.in.To, p.s.trusted.Root())
			return said, err
		},
		Graph: caseuco.Write, Registers: true,
		Sign: func(ctx context.Context, payloadType string, payload []byte) (*signing.Envelope, error) {
			return signing.Sign(ctx, payloadType, payload, p.s.acting.signer)
		},
	}
	if p.in.Report != nil {
		w.Report = func() ([]byte, error) { return p.in.Report(said) }
	}
	return w
}

package verify

import (
	"context"
	"io"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

// File opens a package and verifies it. The package is nil when what r holds is
// none; the verdict then says why. An error is the medium's: nothing was decided.
func File(ctx context.Context, r io.ReaderAt, size int64, t Trust, o Options) (*Verdict, *pack.Package, error) {
	p, err := pack.Open(r, size)
	if err != nil {
		if !pack.Refused(err) {
			return nil, nil, err
		}
		return Refused(err, t), nil, nil
	}
	v, err := Package(ctx, p, t, o)
	return v, p, err
}

// Refused returns the verdict on a file that [pack.Open] or [pack.Decode]
// refused with err ([pack.Refused] says so).
func Refused(err error, t Trust) *Verdict {
	v := newVerdict(t)
	v.Container = append(v.Container, *refusal(err))
	v.conclude(nil)
	return v
}

// Package verifies a package: its form, the evidence copies in it, and its
// dossier. It is pure but for reading the copies from what [pack.Open] was
// given; an error is that medium's, or the context's.
func Package(ctx context.Context, p *pack.Package, t Trust, o Options) (*Verdict, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	read := beginReading(ctx, p, o)
	t, way := succeed(p.Dossier, t, o)
	token := packingTime(p, t.List)
	packed := p.Statement.Packed
	if token.counts() {
		packed = evidence.Instant(token.time)
	}
	s := newSession(p.Dossier, t, o, packed)
	copies := read()
	if copies.err != nil {
		return nil, copies.err
	}
	s.contents, s.way, s.stamped, s.said = copies.found, way, token.counts(), p.Statement.Packed
	s.to = p.Statement.To
	v := newVerdict(t)
	v.Trust.from(way)
	v.Items = s.verdicts()
	for _, f := range s.container(p, copies.reading) {
		v.Container = append(v.Container, *f)
	}
	v.stray(append(s.strays, s.unvoiced()...))
	if f := s.signature(p); f != nil {
		v.Container = append(v.Container, *f)
	}
	if token != nil {
		v.Container = append(v.Container, *token.finding)
	}
	stamps := archives(p, copies.archived, token, t.List)
	for _, a := range stamps {
		v.Container = append(v.Container, *a.finding)
	}
	v.Container = append(v.Container, *s.sender(p, v.Items))
	v.Package = &PackageFacts{Manifest: p.Manifest.String(), Packed: stamp(p.Statement.Packed), To: p.Statement.To, Signers: []string{}}
	if token.counts() {
		v.Package.Stamped = stamp(token.time)
	}
	for _, a := range stamps {
		if a.counts() {
			v.Package.Archived = append(v.Package.Archived, stamp(a.time))
		}
	}
	for _, who := range p.Statement.Signers {
		v.Package.Signers = append(v.Package.Signers, signer(who))
	}
	v.conclude(s.required())
	return v, nil
}

// Dossier verifies a dossier without package, as desks hand it to each other.
// Contents of evidence are those that o brings.
func Dossier(d *pack.Dossier, t Trust, o Options) *Verdict {
	t, way := succeed(d, t, o)
	s := newSession(d, t, o, time.Time{})
	s.way = way
	s.stated(o.Contents, o.algorithms())
	v := newVerdict(t)
	v.Trust.from(way)
	v.Items = s.verdicts()
	v.Container = append(v.Container, *s.lists())
	v.stray(append(s.strays, s.unvoiced()...))
	v.conclude(s.required())
	return v
}

// stray shows what is about nothing that a question speaks of.
func (v *Verdict) stray(list []*Finding) {
	for _, f := range list {
		v.Container = append(v.Container, *f)
	}
}

func newVerdict(t Trust) *Verdict {
	v := &Verdict{Container: []Finding{}, Format: Format, Items: []ItemVerdict{}, Trust: TrustFacts{Source: SourceNone}}
	if t.List != nil {
		v.Trust = TrustFacts{SHA256: evidence.Hash(t.List.Digest()).String(), Source: t.Source, Version: uint64(t.List.Version)}
	}
	return v
}

// from notes the reader's own list when a newer one is in use.
func (f *TrustFacts) from(way succession) {
	if way.proven != "" {
		f.Root = &TrustRoot{evidence.Hash(way.root.Digest()).String(), uint64(way.root.Version)}
	}
}

// JSON returns the verdict's one encoding (spec/verdict.md).
func (v *Verdict) JSON() ([]byte, error) { return evidence.Canonical(v) }

// required returns the questions that must hold for exit 0.
func (s *session) required() []int {
	if s.list == nil {
		return []int{1, 2, 3, 4, 6}
	}
	return s.list.Require
}

// stated takes digests that the caller recomputed.
func (s *session) stated(found pack.Contents, taken evidence.Algorithms) {
	for where, d := range found {
		s.contents[where.Where()] = &contentCase{digests: d, taken: taken & d.Algorithms()}
	}
}

package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// Stamper gets a timestamp token over bytes with that SHA-256; signing/tsa's
// Client does.
type Stamper interface {
	Ask(ctx context.Context, digest [sha256.Size]byte) (*cms.Token, []byte, error)
}

// ErrTimeUnlisted reports a timestamp authority that the pinned trust list does not
// let count: its tokens would prove nothing to a court.
var ErrTimeUnlisted = errors.New("the trust list does not let this timestamp authority count")

// stamp gets a token that counts under the pinned list.
func (p *packPlan) stamp(ctx context.Context, digest [sha256.Size]byte) (*cms.Token, []byte, error) {
	t, raw, err := p.in.Stamp.Ask(ctx, digest)
	if err != nil {
		return nil, nil, err
	}
	return t, raw, countsTime(p.s.trusted, t)
}

// countsTime reports with [ErrTimeUnlisted] a token whose authority the list does
// not name, or not at its time.
func countsTime(list *trustlist.Pinned, t *cms.Token) error {
	d := trust.Digest(signing.CertificateDigest(t.Certificate()))
	if _, err := list.List.TSA(d, t.Time); err != nil {
		return fmt.Errorf("%w: %v", ErrTimeUnlisted, err)
	}
	return nil
}

// stampNotes adds a token over the shared checkpoint of every ledger.
func (p *packPlan) stampNotes(ctx context.Context, d *pack.Dossier) error {
	if p.in.Stamp == nil {
		return nil
	}
	for _, l := range d.Logs {
		_, raw, err := p.stamp(ctx, l.Note)
		if err != nil {
			return err
		}
		d.Tokens[pack.NoteDigest(raw)] = raw
	}
	p.out.Tokens = len(d.Tokens)
	return nil
}

// signatures names the signature files of the package.
func (p *packPlan) signatures() []string {
	names := []string{asic.SignatureDSSE}
	if p.in.CAdES {
		names = append(names, asic.SignatureCAdES)
	}
	if p.in.Stamp != nil {
		names = append(names, asic.Timestamp, asic.TimestampManifest)
	}
	return names
}

// signCAdES returns what makes the signature that foreign validators read: of
// level B, and of level T when there is a timestamp authority.
func (p *packPlan) signCAdES() func(context.Context, []byte) ([]byte, error) {
	if !p.in.CAdES {
		return nil
	}
	return func(ctx context.Context, manifest []byte) ([]byte, error) {
		who, ok := p.s.acting.signer.(signing.Certified)
		if !ok {
			return nil, fmt.Errorf("the acting officer's key has no certificate: %w", signing.ErrCertificate)
		}
		signed, err := cms.Sign(ctx, manifest, who, p.s.Now())
		if err != nil || p.in.Stamp == nil {
			return signed, err
		}
		s, err := cms.ParseSignature(signed)
		if err != nil {
			return nil, err
		}
		_, token, err := p.stamp(ctx, s.Digest())
		if err != nil {
			return nil, err
		}
		if signed, err = cms.WithToken(signed, token); err != nil || !p.in.LongTerm {
			return signed, err
		}
		list, err := p.s.revocationList(ctx)
		if err != nil {
			return nil, err
		}
		return cms.WithRevocations(signed, [][]byte{list})
	}
}

// stampManifest returns what stamps the package itself.
func (p *packPlan) stampManifest() func(context.Context, []byte) ([]byte, error) {
	if p.in.Stamp == nil {
		return nil
	}
	return func(ctx context.Context, manifest []byte) ([]byte, error) {
		t, raw, err := p.stamp(ctx, sha256.Sum256(manifest))
		if err == nil {
			p.out.Stamped = evidence.Instant(t.Time).Format(time.RFC3339)
		}
		return raw, err
	}
}

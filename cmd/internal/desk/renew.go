package desk

import (
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// LongStamper gets a timestamp token over bytes with that SHA-512; signing/tsa's
// Client does.
type LongStamper interface {
	AskLong(ctx context.Context, digest [sha512.Size]byte) (*cms.Token, []byte, error)
}

// Renewing says which package gets an archive timestamp, and where the new file goes.
type Renewing struct {
	Package  *pack.Package
	Out      string
	Force    bool        // replace a file that is there
	List     *trust.List // must let the authority count
	Stamp    LongStamper
	Progress progress.Sink // nil: nobody is told
}

// Renewed is what came of a renewal.
type Renewed struct {
	File    string    `json:"file"`
	Archive int       `json:"archive"` // number of the archive timestamp, from 1
	Stamped time.Time `json:"stamped"` // its time, by the authority
	Ends    time.Time `json:"ends"`    // until when the authority's certificate is valid
}

// ErrStampOrder reports an authority whose token is older than a timestamp that it
// would be over, or, where none counts, than the packer says the package is: one of the
// two clocks is wrong, and the package would contradict itself.
var ErrStampOrder = errors.New("the token is older than the package that it would be over")

// Renew writes a package with one more archive timestamp, over everything in it
// (spec/time.md, "Archive timestamp"). It needs no desk. Whether the package holds is
// the caller's to ask first; what differs from its manifest, or from an archive
// timestamp before, is refused. A token that the list does not let count is
// [ErrTimeUnlisted], and nothing is written.
func Renew(ctx context.Context, r Renewing) (*Renewed, error) {
	out := &Renewed{File: r.Out, Archive: len(r.Package.Archives()) + 1}
	stamp := func(ctx context.Context, manifest []byte) ([]byte, error) {
		t, raw, err := r.Stamp.AskLong(ctx, sha512.Sum512(manifest))
		if err != nil {
			return nil, err
		}
		if _, err := r.List.TSA(trust.Digest(signing.CertificateDigest(t.Certificate())), t.Time); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTimeUnlisted, err)
		}
		newest := verify.NewestStamp(r.Package, r.List)
		if newest.IsZero() {
			newest = r.Package.Statement.Packed
		}
		if t.Latest().Before(newest) {
			return nil, fmt.Errorf("%s, and the package is of %s: %w", t.Latest().Format(time.RFC3339), newest.Format(time.RFC3339), ErrStampOrder)
		}
		out.Stamped, out.Ends = evidence.Instant(t.Time), t.Certificate().NotAfter.UTC()
		return raw, nil
	}
	p := progress.Or(r.Progress)
	p.Stage("renewing", r.Package.Size(), -1)
	if err := r.Package.RenewFile(ctx, r.Out, r.Force, stamp, func(n int) { p.Add(int64(n)) }); err != nil {
		return nil, err
	}
	return out, nil
}

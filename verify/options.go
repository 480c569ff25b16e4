package verify

import (
	"context"
	"io"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// Trust is the root of trust of one verdict (rule P10), and what belongs to it.
type Trust struct {
	// List is nil when there is none; then nothing beyond the package itself can
	// be decided.
	List   *trust.List
	Source Source // where List came from
	// Policies and Certs are texts and certificates (DER) that List names by
	// digest, beside those in the dossier. Which counts is decided by digest.
	Policies [][]byte
	Certs    [][]byte
}

// Options are the reader's choices.
type Options struct {
	// TreeOnly leaves out the plain SHA-256 of the evidence: "stated by the
	// sealer, not recomputed". The content tree is always recomputed.
	TreeOnly bool
	// AllDigests recomputes every further digest that is stated (SHA-512).
	AllDigests bool
	// AsOf is the moment for which completeness and open offers are judged. Zero
	// means the packer's claimed time (rule P3); a dossier without package has
	// none.
	AsOf time.Time
	// Standards are packs beside those of this program, such as the one that an
	// older item names. Which counts is decided by the trust list.
	Standards *rules.Library
	// Court is a pack of the reader's own, held against every item beside the one
	// that the item names; it changes no answer. Nil: none.
	Court *rules.Pack
	// Contents are digests that the caller has recomputed from the evidence
	// itself, for a dossier without package.
	Contents pack.Contents
	// Hash takes content tree and CRC-32 of the larger copies when TreeOnly is
	// set, in another way than this program's own; nil: there is none.
	Hash Hasher
	// Keys open copies that are encrypted to the reader; nil: none.
	Keys Keys
	// Progress is told how many bytes of evidence are done and how many there
	// are. It is called from several goroutines, one at a time.
	Progress func(done, total int64)
}

// Hasher reads all of r and returns the root of its content tree
// (spec/content.md) and its CRC-32 (IEEE). A browser's own hasher is many times
// faster than the same code compiled for it. It calls done with the number of
// bytes read since the last call; an error is the medium's, or the context's.
type Hasher func(ctx context.Context, r *io.SectionReader, done func(n int)) (tree evidence.Hash, crc uint32, err error)

// algorithms returns which digests to recompute.
func (o Options) algorithms() evidence.Algorithms {
	switch {
	case o.AllDigests:
		return evidence.WithSHA256 | evidence.WithSHA512
	case o.TreeOnly:
		return evidence.TreeOnly
	}
	return evidence.WithSHA256
}

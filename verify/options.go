package verify

import (
	"time"

	"example.org/custody/evidence"
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
	// Contents are digests that the caller has recomputed from the evidence
	// itself, for a dossier without package.
	Contents pack.Contents
	// Progress is told how many bytes of evidence are done and how many there
	// are. It is called from several goroutines, one at a time.
	Progress func(done, total int64)
}

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

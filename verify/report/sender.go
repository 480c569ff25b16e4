package report

import (
	"bytes"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/verify"
)

// senderVerdict is record/verdict.json (spec/verdict.md): the answers alone.
type senderVerdict struct {
	Format string               `json:"format"`
	Items  []verify.ItemVerdict `json:"items"`
	Packed string               `json:"packed"`
	Trust  struct {
		SHA256  string `json:"sha256"`
		Version uint64 `json:"version"`
	} `json:"trust"`
}

// maxStatement is how long a statement of a sender may become, in bytes: a
// reader refuses a package whose report is longer than 16 MiB (spec/package.md,
// "Limits").
const maxStatement = 15 << 20

// Sender returns report/summary.html for a package that is being made: the
// sender's own answers, headed as its statement (rule P16). verdict is
// record/verdict.json. Of a package with very many items the page describes
// fewer, so that a reader still takes it.
func Sender(verdict []byte) ([]byte, error) {
	var in senderVerdict
	if err := evidence.ParseCanonical(verdict, &in); err != nil {
		return nil, fmt.Errorf("sender's verdict: %w", err)
	}
	if in.Format != verify.SenderFormat {
		return nil, fmt.Errorf("sender's verdict: format %.40q", in.Format)
	}
	return statement(in.verdict())
}

// statement writes the page about the answers in v.
func statement(v *verify.Verdict) ([]byte, error) {
	var page bytes.Buffer
	for _, which := range []describing{describePage, {all: 20, troubled: 20}, {}} {
		b := newBuilder(v, Options{})
		b.sender = true
		page.Reset()
		if err := writePage(&page, b.document(which)); err != nil {
			return nil, err
		}
		if page.Len() <= maxStatement {
			return page.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("the statement of the sender has %d bytes, more than a package may carry", page.Len())
}

// verdict puts the sender's answers in the form of a verdict; it has no result.
func (s *senderVerdict) verdict() *verify.Verdict {
	return &verify.Verdict{
		Items: s.Items, Package: &verify.PackageFacts{Packed: s.Packed},
		Trust: verify.TrustFacts{SHA256: s.Trust.SHA256, Version: s.Trust.Version},
	}
}

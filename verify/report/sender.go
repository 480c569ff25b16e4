package report

import (
	"bytes"
	"fmt"
	"time"

	"example.org/custody/verify"
)

// maxStatement is how long a statement of a sender may become, in bytes: a
// reader refuses a package whose report is longer than 16 MiB (spec/package.md,
// "Limits").
const maxStatement = 15 << 20

// Sender returns report/summary.html for a package that is being made: the
// sender's own answers, headed as its statement (rule P16). Of a package with very
// many items the page describes fewer, so that a reader still takes it.
func Sender(v *verify.SenderVerdict) ([]byte, error) {
	return statement(&verify.Verdict{
		Items: v.Items, Package: &verify.PackageFacts{Packed: v.Packed.Format(time.RFC3339Nano)},
		Trust: verify.TrustFacts{SHA256: v.Trust.SHA256.String(), Version: v.Trust.Version},
	})
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

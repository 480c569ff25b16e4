package client

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// What the bodies of add-checkpoint are called and how large they may be.
const (
	MaxRequest  = 128 << 10                               // bytes of a request
	SizeType    = "text/x.tlog.size"                      // of an answer 409 that says a size
	AlarmType   = "application/vnd.custody.alarm.v1+json" // of an answer that proves misbehaviour
	maxProof    = 63                                      // hashes
	maxLines    = 64 << 10                                // bytes of an answer's signature lines
	oldSizeWord = "old "
)

// MarshalRequest writes the body of C2SP tlog-witness add-checkpoint.
func MarshalRequest(r ledger.CosignRequest) []byte {
	b := fmt.Appendf(nil, "%s%d\n", oldSizeWord, r.OldSize)
	for _, h := range r.Proof {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, r.Note...)
}

// ParseRequest reads the body of add-checkpoint, in the one form that
// [MarshalRequest] writes, or returns [ledger.ErrRequest]. The note is not looked at.
func ParseRequest(b []byte) (ledger.CosignRequest, error) {
	head, signed, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		return ledger.CosignRequest{}, fmt.Errorf("no empty line: %w", ledger.ErrRequest)
	}
	lines := strings.Split(string(head), "\n")
	size, found := strings.CutPrefix(lines[0], oldSizeWord)
	old, err := parseSize(size)
	if !found || err != nil {
		return ledger.CosignRequest{}, fmt.Errorf("first line %.40q: %w", lines[0], ledger.ErrRequest)
	}
	if len(lines)-1 > maxProof {
		return ledger.CosignRequest{}, fmt.Errorf("proof of %d hashes: %w", len(lines)-1, ledger.ErrRequest)
	}
	r := ledger.CosignRequest{OldSize: old, Note: signed}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != len(evidence.Hash{}) || strings.Contains(line, "\r") {
			return ledger.CosignRequest{}, fmt.Errorf("proof line %.60q: %w", line, ledger.ErrRequest)
		}
		r.Proof = append(r.Proof, evidence.Hash(h))
	}
	return r, nil
}

// parseSize reads a decimal in its one form, at most 2^63-1.
func parseSize(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > math.MaxInt64 || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("size %.30q: %w", s, ledger.ErrRequest)
	}
	return n, nil
}

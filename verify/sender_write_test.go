package verify

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/custody/evidence"
)

// saidOf is a sender's verdict about items with so many findings each, in texts that look
// like its own members.
func saidOf(items, findings int) *SenderVerdict {
	v := &SenderVerdict{Format: SenderFormat, Items: []ItemVerdict{}, Packed: time.Date(2026, 11, 24, 10, 0, 0, 1e6, time.UTC), Trust: SenderTrust{Version: 3}}
	for i := range items {
		odd := `"findings":[]` + "é<&>\u2028\\"
		q := Question{ByHand: odd, Facts: []Fact{{"name", odd}}, Findings: []Finding{}, N: 1, Sentence: odd, Status: Holds}
		for n := range findings {
			q.Findings = append(q.Findings, Finding{Check: "content.tree", Detail: fmt.Sprint(odd, n), Status: Fails, Subject: "[]", Proof: Proof{`"questions":[]`: odd}})
		}
		v.Items = append(v.Items, ItemVerdict{Item: evidence.ItemID{byte(i)}, Questions: []Question{q, {Facts: []Fact{}, Findings: []Finding{}, N: 2}}, Timeline: []Span{{Kind: `"items":[]`}}})
	}
	return v
}

// A sender's verdict is written piece by piece as it would be at once.
func TestSenderVerdictInPieces(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {1, 0}, {2, 1}, {1, findingsAtOnce}, {3, 2*findingsAtOnce + 1}} {
		v := saidOf(c[0], c[1])
		want, err := evidence.Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		n, err := v.WriteTo(&got)
		if err != nil || !bytes.Equal(got.Bytes(), want) || n != int64(len(want)) {
			t.Errorf("%v: %d bytes, %v\n%.2000s\nwant\n%.2000s", c, n, err, got.Bytes(), want)
		}
		if !v.is(want, nil) || v.is(want[:len(want)-1], nil) || v.is(append(want, ' '), nil) {
			t.Errorf("%v: it is not itself, or another", c)
		}
	}
}

// Whichever byte differs, it is another verdict.
func TestSenderVerdictIsNoOther(t *testing.T) {
	v := saidOf(2, 2)
	b, err := evidence.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 1
		if v.is(b, nil) {
			t.Errorf("byte %d differs", i)
		}
		b[i] ^= 1
	}
}

// What cannot be said, or not be written, is an error, wherever it stands.
func TestSenderVerdictEndsWithTheFirstError(t *testing.T) {
	v := saidOf(1, 2*findingsAtOnce)
	v.Items[0].Questions[0].Findings[findingsAtOnce].Detail = "\xff"
	if _, err := v.WriteTo(new(bytes.Buffer)); !errors.Is(err, evidence.ErrNotCanonical) {
		t.Errorf("not UTF-8: %v", err)
	}
	v = saidOf(1, 1)
	for room := range 40 {
		w := &narrow{left: room}
		if n, err := v.WriteTo(w); !errors.Is(err, errFull) || n != int64(room) {
			t.Fatalf("room for %d bytes: %d written, %v", room, n, err)
		}
	}
}

var errFull = errors.New("full")

// narrow takes so many bytes, and none after it was full.
type narrow struct {
	left int
	full bool
}

func (w *narrow) Write(p []byte) (int, error) {
	if w.full {
		panic("written after an error")
	}
	n := min(w.left, len(p))
	if w.left -= n; n < len(p) {
		w.full = true
		return n, errFull
	}
	return n, nil
}

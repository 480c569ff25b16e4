package writer_test

import (
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// tenEvents returns the dossier of an item with ten events in a ledger of a million
// leaves, among which the ten stand far apart, and what verifies it.
func tenEvents(b *testing.B) (*pack.Dossier, verify.Trust, verify.Options) {
	b.Helper()
	const leaves = 1_000_000
	w := verifytest.New(verifytest.Config{})
	log := w.State("AA").Log
	from := uint64(0)
	fill := func() {
		for range 20 { // batches, each with its epoch
			log.Append(ledgertest.Events(from, from+leaves/200)...)
			log.Epoch()
			from += leaves / 200
		}
	}
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	fill()
	item := ann.Collect(verifytest.Record{Fields: map[string]any{"case": "KOS-1", "description": "a phone"}})
	for range 9 {
		fill()
		item.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{Fields: map[string]any{"purpose": "imaging"}})
	}
	d := w.Dossier(item)
	if log.Size() < leaves {
		b.Fatalf("a ledger of %d leaves", log.Size())
	}
	return d, w.Trust(), verify.Options{AsOf: w.Now}
}

// rawProofs counts the bytes that prove a dossier's events: hashes, indexes, epoch
// and checkpoint; without the envelopes and records that they are about, from which
// the verifier makes the leaves. The signer's enrolment, an eleventh event, counts.
func rawProofs(d *pack.Dossier) (n int) {
	for _, l := range d.Logs {
		n += ledger.LeafSize + 8 + 32*len(l.Epoch.Proof)
		for _, i := range l.Inclusion {
			n += 8 + 32*len(i.Proof)
		}
		for _, c := range l.Closed {
			n += 3*32 + 33*len(c.Proof.Path)
		}
		if note, ok := d.Note(l.Note); ok {
			n += len(note)
		}
	}
	return n
}

// BenchmarkItemOfTen verifies an item of ten events in a ledger of a million leaves,
// without the content: signatures, leaves, proofs, cosignatures, ten questions. The
// bounds: proofs under 10 kB raw and 14 kB as text, 5 ms.
func BenchmarkItemOfTen(b *testing.B) {
	d, trust, options := tenEvents(b)
	files, err := d.Encode()
	if err != nil {
		b.Fatal(err)
	}
	text := len(files["proof/logs.jsonl"])
	if note, ok := d.Note(d.Logs[0].Note); ok {
		text += len(note)
	}
	start := time.Now()
	for b.Loop() {
		if v := verify.Dossier(d, trust, options); v.Exit != 0 {
			b.Fatalf("exit %d: %s", v.Exit, v.Sentence)
		}
	}
	took := time.Since(start).Seconds() * 1000 / float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took, "ms/verdict")
	b.ReportMetric(float64(rawProofs(d)), "raw-B")
	b.ReportMetric(float64(text), "text-B")
}

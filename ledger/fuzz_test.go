package ledger_test

import (
	"bytes"
	"errors"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

// seeds adds what the vectors have of one file.
func seeds(f *testing.F, all []made, file string) {
	for _, m := range all {
		for i := 0; i < len(m.files); i += 2 {
			if m.files[i] == file {
				f.Add([]byte(m.files[i+1]))
			}
		}
	}
}

// Whatever is read as a leaf is one byte string for one meaning.
func FuzzParseLeaf(f *testing.F) {
	l := ledgertest.Event(1)
	f.Add(l[:])
	l = ledger.Epoch{Covered: 4, Previous: 2}.Leaf()
	f.Add(l[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ledger.ParseLeaf(b)
		if err != nil {
			if !errors.Is(err, ledger.ErrLeafForm) {
				t.Fatal(err)
			}
			return
		}
		if e, ok := l.Epoch(); ok && e.Leaf() != l {
			t.Fatalf("epoch %+v of %x is another leaf", e, b)
		}
		_, event := l.Seal()
		if event != (b[0] == 1) || !bytes.Equal(l[:], b) {
			t.Fatalf("%x read as %x", b, l)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add([]byte("aa.example/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
	f.Add([]byte("aa.example/ledger\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ledger.ParseCheckpoint(b)
		if err != nil {
			if !errors.Is(err, ledger.ErrCheckpoint) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(c.Marshal(), b) || c.Size > ledger.MaxSize {
			t.Fatalf("%q read as %+v", b, c)
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	seeds(f, receiptVectors(f), "receipt.tlog-proof")
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ledger.ParseReceipt(b)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Marshal(), b) {
			t.Fatalf("%q became %q", b, r.Marshal())
		}
		if _, err := ledger.ReadCheckpoint(r.Note); err != nil {
			t.Fatalf("a receipt under no checkpoint: %v", err)
		}
	})
}

// A note's signatures: what is added to one is read from it again.
func FuzzAddCosignatures(f *testing.F) {
	_, signed := vectorTree(f, 3)
	i := bytes.Index(signed, []byte("\n\n"))
	f.Add(signed, signed[i+2:])
	f.Fuzz(func(t *testing.T, signed, lines []byte) {
		out, err := ledger.AddCosignatures(signed, lines, vectorKnown)
		if err != nil {
			return
		}
		before, errBefore := ledger.Cosignatures(signed, vectorKnown)
		after, err := ledger.Cosignatures(out, vectorKnown)
		if err != nil && errBefore == nil {
			t.Fatalf("%q cannot be read: %v", out, err)
		}
		if len(after) < len(before) {
			t.Fatalf("%d cosignatures became %d", len(before), len(after))
		}
	})
}

package vault

import (
	"bytes"
	"testing"

	"example.org/custody/evidence"
)

// seeds adds the vectors' files of that name.
func seeds(f *testing.F, name string) {
	f.Helper()
	f.Add([]byte(nil))
	for _, v := range vectors(f) {
		if v.files[name] != nil {
			f.Add(v.files[name])
			f.Add(v.text(name))
		}
	}
}

// FuzzKey: what is taken is written again byte for byte, and age reads it.
func FuzzKey(f *testing.F) {
	seeds(f, "key.txt")
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKey(b)
		if err != nil {
			return
		}
		if again, err := k.marshal(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q came back as %q, %v", b, again, err)
		}
	})
}

// FuzzReport: what is taken is written again byte for byte.
func FuzzReport(f *testing.F) {
	seeds(f, "erasure.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseReport(b)
		if err != nil {
			return
		}
		if again, err := r.marshal(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q came back as %q, %v", b, again, err)
		}
	})
}

// FuzzStub: what is taken is written again byte for byte.
func FuzzStub(f *testing.F) {
	seeds(f, "stub.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseStub(b)
		if err != nil {
			return
		}
		if again, err := evidence.Canonical(s.wire()); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q came back as %q, %v", b, again, err)
		}
	})
}

// FuzzJournal: what is taken is written again byte for byte.
func FuzzJournal(f *testing.F) {
	seeds(f, "ingest.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		j, err := parseJournal(b)
		if err != nil {
			return
		}
		if again, err := evidence.Canonical(j); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q came back as %q, %v", b, again, err)
		}
	})
}

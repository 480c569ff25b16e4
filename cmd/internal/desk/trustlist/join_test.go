package trustlist

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/signing/trust"
)

// Copies that states signed apart are joined into one list that all of them would pin,
// whoever joins them and in whatever order; other lists and strangers are not.
func TestJoin(t *testing.T) {
	var f trust.Founding
	f.From, f.Issued, f.NextUpdate = time.Unix(1790000000, 0).UTC(), time.Unix(1790000000, 0).UTC(), time.Unix(1800000000, 0).UTC()
	var signers []note.Signer
	for _, code := range []string{"AA", "BB", "CC"} {
		keys := map[string]trust.VKey{}
		for _, name := range []string{code + "-list", code + ".example/ledger", code + "-witness", code + "-auditor"} {
			generate := trust.GenerateKey
			if strings.HasSuffix(name, "-witness") || strings.HasSuffix(name, "-auditor") {
				generate = trust.GenerateCosignerKey
			}
			secret, public, err := generate(name)
			if err != nil {
				t.Fatal(err)
			}
			keys[name] = public
			if name == code+"-list" {
				s, err := note.NewSigner(secret)
				if err != nil {
					t.Fatal(err)
				}
				signers = append(signers, s)
			}
		}
		f.Founders = append(f.Founders, trust.Founder{
			State: code, Key: keys[code+"-list"], Log: keys[code+".example/ledger"], Witness: keys[code+"-witness"], Auditor: keys[code+"-auditor"], Authority: trust.DigestOf([]byte(code)),
		})
	}
	f.F = 1
	l, texts, err := trust.Found(f)
	if err != nil {
		t.Fatal(err)
	}
	copyOf := func(s ...note.Signer) *File {
		signed, err := l.Sign(s...)
		if err != nil {
			t.Fatal(err)
		}
		return &File{Note: signed, Policies: texts, Certs: map[trust.Digest][]byte{}}
	}
	apart := []*File{copyOf(signers[0], signers[2]), copyOf(signers[1]), copyOf(signers[0])}
	one, err := Join(apart...)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(apart)
	other, err := Join(apart...)
	if err != nil || !bytes.Equal(one.Note, other.Note) || len(one.Policies) != len(texts) {
		t.Errorf("in another order %v\n%s\n%s", err, one.Note, other.Note)
	}
	pinned, err := trust.Open(one.Note, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := SignedBy(l, one.Note); !slices.Equal(got, []string{"AA", "BB", "CC"}) {
		t.Errorf("signed by %v", got)
	}
	next, err := pinned.Next(f.Issued.Add(time.Hour), f.NextUpdate).Sign(signers[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Join(apart[0], &File{Note: next}); !errors.Is(err, ErrApart) {
		t.Errorf("another list: %v", err)
	}
	if _, err := Join(); !errors.Is(err, ErrApart) {
		t.Errorf("nothing: %v", err)
	}
}

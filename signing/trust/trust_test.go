package trust

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

func TestFound(t *testing.T) {
	for _, c := range []struct {
		states  string
		f, n, q int
	}{
		{"AA BB", 0, 1, 1},
		{"AA BB CC", 1, 2, 2},
		{"AA BB CC", 0, 2, 2},
		{"AA BB CC DD EE FF GG HH", 2, 7, 5},
	} {
		states := strings.Fields(c.states)
		l, texts := founded(t, c.f, states...)
		for _, kind := range []PolicyKind{Receipt, Court} {
			pin, err := l.Pinned(aaLog, kind)
			if err != nil {
				t.Fatal(err)
			}
			p, err := l.Policy(aaLog, kind, texts[pin.Digest])
			if err != nil {
				t.Fatal(err)
			}
			byState := make(map[VKey]string)
			for _, w := range l.Witnesses {
				byState[w.Key] = w.State
			}
			n, q, err := p.Count(func(k VKey) (string, bool) { s, ok := byState[k]; return s, ok })
			if n != c.n || q != c.q || err != nil {
				t.Errorf("%s, f = %d, %s: n = %d, q = %d, %v", c.states, c.f, kind, n, q, err)
			}
		}
		if opened(t, l, nil, states...).Signers != len(states) {
			t.Errorf("%s: not all founders must sign", c.states)
		}
	}
	alone, texts := founded(t, 0, "AA")
	pin, _ := alone.Pinned(aaLog, Court)
	if p, err := alone.Policy(aaLog, Court, texts[pin.Digest]); err != nil || p.Quorum != None {
		t.Errorf("one state alone: %v", err)
	}
	in := Founding{From: day, Issued: day, NextUpdate: day.AddDate(1, 0, 0), F: 1, Founders: []Founder{founder(t, "AA"), founder(t, "BB")}}
	if _, _, err := Found(in); !errors.Is(err, ErrForm) && !errors.Is(err, ErrPolicy) {
		t.Errorf("of two states one may lie: %v", err)
	}
	in.F, in.Founders[1].Log = 0, in.Founders[0].Log
	if _, _, err := Found(in); !errors.Is(err, ErrForm) {
		t.Errorf("one ledger for two states: %v", err)
	}
}

// TestListRoundTrip writes lists with every statement and reads them again.
func TestListRoundTrip(t *testing.T) {
	base := history(t)
	rapid.Check(t, func(r *rapid.T) {
		l := next(base)
		l.Version = rapid.Int64Range(2, 1<<53).Draw(r, "version")
		l.Issued = time.Unix(rapid.Int64Range(1, 1<<34).Draw(r, "issued"), 0).UTC()
		l.NextUpdate = l.Issued.Add(time.Duration(rapid.IntRange(1, 1<<30).Draw(r, "lives")) * time.Second)
		l.Signers = rapid.IntRange(1, 2).Draw(r, "signers")
		l.MaxAge = time.Duration(rapid.IntRange(1, 1000).Draw(r, "hours")) * time.Hour
		l.Require = nil
		for q := 1; q <= 9; q++ {
			if q == 4 || rapid.Bool().Draw(r, "required") {
				l.Require = append(l.Require, q)
			}
		}
		pins := rapid.MapOfN(rapid.StringMatching(`[a-z][a-z0-9-]{0,20}/[0-9]{1,3}`), rapid.Byte(), 0, 5).Draw(r, "pins")
		l.Standards, l.Instruments = nil, nil
		for name, b := range pins {
			l.Standards = append(l.Standards, Pin{name, DigestOf([]byte{b})})
			l.Instruments = append(l.Instruments, Pin{name, DigestOf([]byte{b, b})})
		}
		text, err := l.Text()
		if err != nil {
			r.Fatal(err)
		}
		once, err := ParseText(text)
		if err != nil {
			r.Fatal(err)
		}
		again, err := once.Text()
		if err != nil || again != text {
			r.Fatalf("%v\n%s\n%s", err, text, again)
		}
		twice, err := ParseText(again)
		if diff := cmp.Diff(once, twice, cmp.AllowUnexported(List{}, VKey{})); err != nil || diff != "" {
			r.Fatal(err, diff)
		}
		if once.Version != l.Version || !once.Issued.Equal(l.Issued) || once.MaxAge != l.MaxAge || len(once.Standards) != len(pins) {
			r.Fatalf("other content:\n%s", text)
		}
	})
}

// TestEveryBitOfAList: no bit of a signed list can change and leave it good.
func TestEveryBitOfAList(t *testing.T) {
	l, _ := founded(t, 0, "AA", "BB")
	good := opened(t, l, nil, "AA", "BB").Note()
	for i := range good {
		for bit := range 8 {
			bad := append([]byte(nil), good...)
			bad[i] ^= 1 << bit
			if _, err := Open(bad, nil); err == nil {
				t.Fatalf("byte %d, bit %d flipped, and it still opens:\n%s", i, bit, bad)
			}
		}
	}
	if _, err := Open(append(good, make([]byte, MaxList)...), nil); !errors.Is(err, ErrForm) {
		t.Errorf("over the limit: %v", err)
	}
}

func TestConflict(t *testing.T) {
	l, _ := founded(t, 0, "AA", "BB", "CC")
	l.Signers = 2
	a, b := opened(t, l, nil, "AA", "BB"), opened(t, l, nil, "BB", "CC")
	if a.Digest() == b.Digest() || Conflict(a, b) {
		t.Error("other signatures under one text are no conflict, and another digest")
	}
	m := *l
	m.MaxAge *= 2
	c := opened(t, &m, nil, "AA", "BB")
	if !Conflict(a, c) || !Conflict(c, a) || Conflict(a, a) {
		t.Error("two texts of one version are a conflict")
	}
	d := opened(t, next(a), a, "AA", "BB")
	if Conflict(a, d) {
		t.Error("two versions are no conflict")
	}
	if _, err := Open(d.Note(), b); !errors.Is(err, ErrChain) {
		t.Errorf("after the same text under other signatures: %v", err)
	}
	if _, err := Open(d.Note(), l); !errors.Is(err, ErrChain) {
		t.Errorf("after a list that nobody opened: %v", err)
	}
	if (&List{}).Digest() != (Digest{}) || a.Digest() != DigestOf(a.Note()) {
		t.Error("digest")
	}
}

func TestKeys(t *testing.T) {
	skey, k, err := GenerateKey("log.aa.example/1")
	if err != nil {
		t.Fatal(err)
	}
	checkKey(t, skey, k)
	s, err := note.NewSigner(skey)
	if err != nil || s.KeyHash() != k.Hash() || s.Name() != k.Name() {
		t.Fatal(err)
	}
	checkSigner(t, s, k)

	skey, k, err = GenerateCosignerKey("witness.aa.example")
	if err != nil {
		t.Fatal(err)
	}
	checkKey(t, skey, k)
	c, err := fnote.NewSignerForCosignatureV1(skey)
	if err != nil || c.KeyHash() != k.Hash() {
		t.Fatal(err)
	}
	checkSigner(t, c, k)

	// ML-DSA-44 keys come from formats.
	skey, text, err := fnote.GenerateMLDSAKey("witness.aa.example")
	if err != nil {
		t.Fatal(err)
	}
	if k, err = ParseVKey(text); err != nil || !k.Cosigns() || k.String() != text {
		t.Fatal(err)
	}
	if c, err = fnote.NewSignerForCosignatureV1(skey); err != nil {
		t.Fatal(err)
	}
	checkSigner(t, c, k)

	if _, _, err := GenerateKey("two words"); !errors.Is(err, ErrVKey) {
		t.Errorf("name of two words: %v", err)
	}
}

func checkKey(t *testing.T, skey string, k VKey) {
	t.Helper()
	again, err := VKeyOf(skey)
	if err != nil || again != k {
		t.Errorf("key of the signing key: %v", err)
	}
	if again, err = ParseVKey(k.String()); err != nil || again != k {
		t.Errorf("key read back: %v", err)
	}
	for _, bad := range []string{"", "PRIVATE+KEY+", strings.ToLower(skey), skey[1:], skey + "A", strings.Replace(skey, k.Name(), "x", 1)} {
		if _, err := VKeyOf(bad); !errors.Is(err, ErrVKey) || strings.Contains(err.Error(), skey[len(skey)-20:]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func checkSigner(t *testing.T, s note.Signer, k VKey) {
	t.Helper()
	msg, err := note.Sign(&note.Note{Text: "log.aa.example/1\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	known, err := Verifiers(k)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(msg, known); err != nil || len(n.Sigs) != 1 {
		t.Errorf("key %s: %v", k.Name(), err)
	}
}

func TestBounds(t *testing.T) {
	at := func(m int) time.Time { return day.Add(time.Duration(m) * time.Minute) }
	s := []Signed{{"BB", at(3)}, {"CC", at(1)}, {"DD", at(9)}, {"BB", at(5)}, {"EE", at(4)}}
	for _, c := range []struct {
		f, lower, upper int
		ok              bool
	}{{0, 9, 1, true}, {1, 5, 3, true}, {2, 4, 4, true}, {3, 1, 9, true}, {4, 0, 0, false}, {-1, 0, 0, false}} {
		lower, upper, ok := Bounds(s, c.f)
		if ok != c.ok || ok && (!lower.Equal(at(c.lower)) || !upper.Equal(at(c.upper))) {
			t.Errorf("f = %d: %s … %s, %t", c.f, lower, upper, ok)
		}
	}
	// With at most f liars the lower bound is never after an honest time, and
	// the upper never before one.
	rapid.Check(t, func(r *rapid.T) {
		f := rapid.IntRange(0, 3).Draw(r, "f")
		honest := rapid.IntRange(1, 5).Draw(r, "honest")
		var all []Signed
		first, last := 1<<30, 0
		for i := range honest {
			m := rapid.IntRange(100, 200).Draw(r, "time")
			first, last = min(first, m), max(last, m)
			all = append(all, Signed{string(rune('A' + i)), at(m)})
		}
		for i := range rapid.IntRange(0, f).Draw(r, "liars") {
			for range rapid.IntRange(1, 3).Draw(r, "lies") {
				all = append(all, Signed{string(rune('a' + i)), at(rapid.IntRange(0, 300).Draw(r, "lie"))})
			}
		}
		if lower, upper, ok := Bounds(all, f); ok && (lower.After(at(last)) || upper.Before(at(first))) {
			r.Fatalf("f = %d, honest %d … %d: bounds %s … %s", f, first, last, lower, upper)
		}
	})
}

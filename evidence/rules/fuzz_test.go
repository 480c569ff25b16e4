package rules

import (
	"math/rand"
	"slices"
	"testing"
)

// fuzzPacks are packs to change bytes of.
func fuzzPacks(t testing.TB) [][]byte {
	return [][]byte{
		packWith(t, `f.tool.exists(x, x.version == '1') && within(f.begun, item.sealed, duration('4h'))`),
		packWith(t, `events.all(e, !has(e.reason) || e.reason.matches('^[a-z]+$')) ? imei(f.make) : mrz([f.make, f.other])`),
		packWith(t, `{'a': 1}.size() == 1`),
	}
}

// smallPack is the shortest pack that has one of everything: a fuzzer makes each
// input that reaches further small, and a long one takes it all its time.
const smallPack = `{"format":"custody/standard/v1","id":"a","version":1,"language":"en","title":"t","about":"a","in-force":{"from":"2026-01-01","to":"2027-01-01"},"includes":[],"translations":["fr"],` +
	`"fields":[{"name":"c","type":"code","values":[{"code":"x","label":"x"}],"label":"l","help":"h"},{"name":"g","type":"group","list":true,"most":2,"fields":[{"name":"d","type":"text","personal":"record","label":"l","help":"h"}],"label":"l","help":"h"}],` +
	`"rules":[{"id":"R","severity":"block","at":["seal"],"when":"true","holds":"f.c=='x'","text":"t","source":[{"standard":"S"}]}]}`

// Whatever the bytes, a pack is refused or has what every pack has.
func FuzzParse(f *testing.F) {
	if _, err := Parse("small.json", []byte(smallPack)); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{smallPack, `{"id":"a","version":1}`, `[[{"a":1,"a":2}]]`, `{"version":1.5,"id":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := Parse("fuzzed.json", b); err == nil && (s.Name() == "" || len(s.Rules) > maxRules) {
			t.Fatal(s)
		}
	})
}

// Whatever the expression, it is refused or can be evaluated over nothing known.
// Not a fuzz target: the parser of CEL keeps what it has learned, so that one
// input goes other ways each time, and the fuzzer spends its time on making it small.
func TestChangedPacksAreRefusedOrEvaluated(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	seeds, compiled := fuzzPacks(t), 0
	for range 1500 {
		s, err := Parse("changed.json", changed(r, seeds[r.Intn(len(seeds))]))
		if err != nil {
			continue
		}
		p, err := Compile(s, NewLibrary().Find)
		if err != nil {
			continue
		}
		compiled++
		if _, err := p.Evaluate(&Input{}); err != nil {
			t.Fatal(err)
		}
	}
	if compiled < 20 {
		t.Errorf("only %d of the changed packs compiled: nothing is tested", compiled)
	}
}

// changed changes, removes or repeats some bytes.
func changed(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + r.Intn(3) {
		i, n := r.Intn(len(b)-200), 1+r.Intn(100)
		switch r.Intn(3) {
		case 0:
			b[i] = byte(' ' + r.Intn(95))
		case 1:
			b = slices.Delete(b, i, i+1+r.Intn(2))
		case 2:
			b = slices.Insert(b, i, slices.Clone(b[i:i+n])...)
		}
	}
	return b
}

func FuzzParseTranslation(f *testing.F) {
	s, err := Parse("pack.json", packWith(f, `true`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"about":"a","fields":{},"format":"custody/standard-text/v1","language":"fr","rules":{"T-1":"x"},"standard":"test/1","title":"t","values":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if tr, err := ParseTranslation("fuzzed.json", b, s); err == nil && len(tr.Rules) != len(s.Rules) {
			t.Fatal("a translation that lacks rules")
		}
	})
}

func FuzzParseName(f *testing.F) {
	f.Add("device-seizure/1")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseName(s); err == nil && string(n) != s {
			t.Fatal(n)
		}
	})
}

// The guard and the check digits read what people type.
func FuzzIdentifies(f *testing.F) {
	f.Add("call +44 20 7946 0958 or a.b@example.org")
	f.Fuzz(func(t *testing.T, s string) {
		Identifies(s)
		imei(s)
		iccid(s)
		iban(s)
		mrz([]string{s, s})
		mrz([]string{s, s, s})
	})
}

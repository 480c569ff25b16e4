package closed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"example.org/custody/evidence"
	"pgregory.net/rapid"
)

// mapOf returns a map in memory with n events.
func mapOf(t testing.TB, n int) *Map {
	t.Helper()
	m := New(testOrigin)
	for i := range n {
		if err := m.Add(testEvent(i)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func prove(t testing.TB, m *Map, key int) (Proof, evidence.Seal) {
	t.Helper()
	seal := testKey(key).Seal()
	p, err := m.Prove(seal)
	if err != nil {
		t.Fatal(err)
	}
	return p, seal
}

// TestProofInsert follows a map from empty to 60 seals with proofs alone.
func TestProofInsert(t *testing.T) {
	m := New(testOrigin)
	root := m.Root()
	for i := range 60 {
		p, seal := prove(t, m, i)
		next, err := p.Insert(root, seal, testEvent(i).Hash())
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add(testEvent(i)); err != nil {
			t.Fatal(err)
		}
		if root = m.Root(); next != root {
			t.Fatalf("seal %d: proof leads to root %s, map has %s", i, next, root)
		}
		if p, seal = prove(t, m, i); p.VerifyClosed(root, seal, testEvent(i).Hash()) != nil {
			t.Fatalf("seal %d: not closed afterwards", i)
		}
		if _, err := p.Insert(root, seal, testEvent(i).Hash()); !errors.Is(err, ErrProof) {
			t.Fatalf("seal %d: inserted twice: %v", i, err)
		}
	}
}

// TestProofChanged changes any one byte of a proof and expects it not to hold.
func TestProofChanged(t *testing.T) {
	m := mapOf(t, 30)
	root := m.Root()
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.IntRange(0, 59).Draw(rt, "key")
		p, seal := prove(t, m, key)
		e, path := *p.Reached, append([]Step(nil), p.Path...)
		q := Proof{Reached: &e, Path: path}
		mask := byte(rapid.IntRange(1, 255).Draw(rt, "mask"))
		i := rapid.IntRange(0, 31).Draw(rt, "byte")
		switch rapid.IntRange(0, 6).Draw(rt, "what") {
		case 0:
			q.Reached.Seal[i] ^= mask
		case 1:
			q.Reached.Leaf[i] ^= mask
		case 2:
			q.Path[i%len(path)].Other[i] ^= mask
		case 3:
			q.Path[i%len(path)].Bit ^= mask
		case 4:
			q.Path = append(path[:i%len(path):i%len(path)], path[i%len(path)+1:]...)
		case 5:
			q.Path = append(path, Step{Bit: 255})
		case 6:
			q.Reached, q.Path = nil, nil
		}
		if _, _, err := q.Verify(root, seal); !errors.Is(err, ErrProof) {
			rt.Fatalf("changed proof of key %d holds: %v", key, err)
		}
	})
}

// TestProofOfAnother shows one seal's proof for another one.
func TestProofOfAnother(t *testing.T) {
	m := mapOf(t, 50)
	for key := range 100 {
		p, seal := prove(t, m, key)
		for other := range 100 {
			s := testKey(other).Seal()
			leaf, closed, err := p.Verify(m.Root(), s)
			if err != nil || s == seal {
				continue
			}
			// It may serve for another seal, but only to say what is true of it.
			if want := other < 50; closed != want || want && leaf != testEvent(other).Hash() {
				t.Fatalf("proof for key %d says of key %d: %s, %v", key, other, leaf, closed)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, n := range []int{0, 1, 2, 20} {
		m := mapOf(f, n)
		p, _ := prove(f, m, 0)
		b, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, 0)
		f.Add(b, 30)
	}
	m := mapOf(f, 20)
	root := m.Root()
	f.Fuzz(func(t *testing.T, b []byte, key int) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil || string(again) != string(b) {
			t.Fatalf("parsed %s, wrote %s (%v)", b, again, err)
		}
		k := key & 63
		seal := testKey(k).Seal()
		leaf, closed, err := p.Verify(root, seal)
		if err != nil {
			return
		}
		if closed != (k < 20) || closed && leaf != testEvent(k).Hash() {
			t.Fatalf("a proof says of key %d what is not so: %s, %v", k, leaf, closed)
		}
	})
}

func TestParseProofStrict(t *testing.T) {
	h := evidence.Hash(sha256.Sum256([]byte("x"))).String()
	step := func(bits ...byte) string {
		var b []byte
		for _, bit := range bits {
			b = append(append(b, bit), make([]byte, 32)...)
		}
		return base64.StdEncoding.EncodeToString(b)
	}
	whole := func(path string) string { return `{"key":"` + h + `","path":` + path + `,"value":"` + h + `"}` }
	good := whole(`"` + step(0, 9) + `"`)
	for _, s := range []string{good, `{"path":""}`, whole(`""`)} {
		if _, err := ParseProof([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for name, s := range map[string]string{
		"space":       `{"path": ""}`,
		"line feed":   `{"path":""}` + "\n",
		"null path":   `{"path":null}`,
		"no path":     `{}`,
		"key alone":   `{"key":"` + h + `","path":""}`,
		"value alone": `{"path":"","value":"` + h + `"}`,
		"path alone":  `{"path":"` + step(0) + `"}`,
		"null key":    `{"key":null,"path":"","value":null}`,
		"unknown":     `{"path":"","x":1}`,
		"duplicate":   `{"path":"","path":""}`,
		"case":        `{"Path":""}`,
		"order":       `{"path":"","key":"` + h + `","value":"` + h + `"}`,
		"short hash":  `{"key":"` + h[2:] + `","path":"","value":"` + h + `"}`,
		"capital":     `{"key":"` + "AA" + h[2:] + `","path":"","value":"` + h + `"}`,
		"escape":      `{"p\u0061th":""}`,
		"empty":       ``,
		"two":         `{"path":""}{"path":""}`,
		"array":       `[]`,
		"half a step": whole(`"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `"`),
		"line break":  whole(`"` + step(0)[:4] + `\n` + step(0)[4:] + `"`),
		"257 steps":   whole(`"` + step(make([]byte, 257)...) + `"`),
		"array path":  whole(`[]`),
	} {
		if _, err := ParseProof([]byte(s)); !errors.Is(err, ErrProofForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Inside another document the same holds.
	var doc struct{ P Proof }
	if err := json.Unmarshal([]byte(`{"P":`+good+`}`), &doc); err != nil || len(doc.P.Path) != 2 {
		t.Errorf("in a document: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"P":{"path": ""}}`), &doc); !errors.Is(err, ErrProofForm) {
		t.Errorf("in a document, with a space: %v", err)
	}
}

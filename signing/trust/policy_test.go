package trust

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/google/go-cmp/cmp"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

// drawn is a random policy of up to eight witnesses, each of one of four states.
type drawn struct {
	text  string
	keys  []VKey
	skeys []string
	state map[VKey]string
}

func (d drawn) who(k VKey) (string, bool) { s, ok := d.state[k]; return s, ok }

func drawPolicy(t *rapid.T, tb testing.TB) drawn {
	d := drawn{state: make(map[VKey]string)}
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", vkey(tb, aaLog, AlgEd25519))
	var free, names []string
	for i := range rapid.IntRange(1, 8).Draw(t, "witnesses") {
		name := fmt.Sprintf("w%d", i)
		skey, k := fixedKey(tb, name+".example", AlgCosignature)
		d.keys, d.skeys = append(d.keys, k), append(d.skeys, skey)
		d.state[k] = rapid.SampledFrom([]string{"BB", "CC", "DD", "EE"}).Draw(t, "state")
		fmt.Fprintf(&b, "witness %s %s\n", name, k)
		free, names = append(free, name), append(names, name)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "groups") {
		if len(free) == 0 {
			break
		}
		of := rapid.Permutation(free).Draw(t, "order")[:rapid.IntRange(1, len(free)).Draw(t, "size")]
		k := rapid.IntRange(1, len(of)).Draw(t, "threshold")
		threshold := fmt.Sprint(k)
		if k == len(of) && rapid.Bool().Draw(t, "all") {
			threshold = "all"
		} else if k == 1 && rapid.Bool().Draw(t, "any") {
			threshold = "any"
		}
		name := fmt.Sprintf("g%d", i)
		fmt.Fprintf(&b, "group %s %s %s\n", name, threshold, strings.Join(of, " "))
		free = append(slices.DeleteFunc(free, func(s string) bool { return slices.Contains(of, s) }), name)
		names = append(names, name)
	}
	quorum := names[len(names)-1]
	if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
		quorum = None
	}
	fmt.Fprintf(&b, "quorum %s\n", quorum)
	d.text = b.String()
	return d
}

// withURLs gives every witness the URL that formats' parser wants.
func withURLs(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "witness ") {
			line = strings.TrimSuffix(line, "\n") + " https://witness.example/\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestPolicyAgrees: what we accept, both other Go readers accept, and all three
// say the same of every checkpoint.
func TestPolicyAgrees(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawPolicy(r, t)
		p, err := ParsePolicy([]byte(d.text))
		if err != nil {
			r.Fatal(err)
		}
		tw, err := torchwood.ParsePolicy([]byte(d.text))
		if err != nil {
			r.Fatalf("torchwood: %v\n%s", err, d.text)
		}
		tf, err := witness.ParsePolicy([]byte(withURLs(d.text)))
		if err != nil {
			r.Fatalf("formats: %v\n%s", err, d.text)
		}
		again, err := ParsePolicy(p.Text())
		if diff := cmp.Diff(p, again, cmp.AllowUnexported(VKey{}, Policy{})); err != nil || diff != "" {
			r.Fatalf("text read back: %v\n%s", err, diff)
		}

		signers := []note.Signer{signer(t, aaLog)}
		signed := make(map[VKey]bool)
		for i, skey := range d.skeys {
			if rapid.Bool().Draw(r, "signs") {
				s, err := fnote.NewSignerForCosignatureV1(skey)
				if err != nil {
					r.Fatal(err)
				}
				signers, signed[d.keys[i]] = append(signers, s), true
			}
		}
		root := DigestOf(nil)
		cp, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n7\n%s\n", aaLog, strings.Fields(Point{Root: root}.String())[1])}, signers...)
		if err != nil {
			r.Fatal(err)
		}
		n, err := note.Open(cp, tw)
		if err != nil {
			r.Fatal(err)
		}
		ours := p.Satisfied(func(k VKey) bool { return signed[k] })
		if theirs := tw.Check(aaLog, n.Sigs) == nil; theirs != ours {
			r.Fatalf("torchwood says %t, we say %t\n%s%s", theirs, ours, d.text, cp)
		}
		if theirs := tf.Satisfied(cp); theirs != ours {
			r.Fatalf("formats says %t, we say %t\n%s%s", theirs, ours, d.text, cp)
		}
	})
}

// TestPolicyStricter lists where the other two Go readers take what we refuse.
// A change of theirs shows here.
func TestPolicyStricter(t *testing.T) {
	const refuse, accept = false, true
	for _, c := range []struct {
		what, text         string
		formats, torchwood bool
	}{
		{"plain", plainPolicy, accept, accept}, // we accept this one, too
		{"comment behind a statement", strings.Replace(plainPolicy, "quorum states\n", "quorum states # x\n", 1), accept, accept},
		{"other white space", strings.Replace(plainPolicy, "quorum states", "\vquorum\u00a0  states", 1), accept, accept},
		{"carriage return", strings.Replace(plainPolicy, "quorum states\n", "quorum states\r\n", 1), accept, accept},
		{"last line not ended", strings.TrimSuffix(plainPolicy, "\n"), accept, accept},
		{"no log", strings.Replace(plainPolicy, "log <AA1>\n", "", 1), accept, accept},
		{"two logs", strings.Replace(plainPolicy, "log <AA1>\n", "log <AA1>\nlog <AA1>\n", 1), accept, accept},
		{"log line that is none", strings.Replace(plainPolicy, "log <AA1>\n", "log nonsense\n", 1), accept, refuse},
		{"two quorums", strings.Replace(plainPolicy, "quorum states\n", "quorum states\nquorum BB\n", 1), accept, refuse},
		{"statement after the quorum", strings.Replace(plainPolicy, "quorum states\n", "quorum states\nwitness DD <DD>\n", 1), accept, accept},
		{"quorum before its group", "witness BB <BB>\nquorum g\ngroup g all BB\n", accept, accept},
		{"one key under two names", strings.Replace(plainPolicy, "<CC>", "<BB>", 1), accept, accept},
		{"one member twice", strings.Replace(plainPolicy, "all BB CC", "2 BB BB", 1), accept, accept},
		{"one member in two groups", strings.Replace(plainPolicy, "group states all BB CC\n", "group one all BB CC\ngroup states all one CC\n", 1), accept, accept},
		{"threshold 0", strings.Replace(plainPolicy, "all BB CC", "0 BB CC", 1), accept, refuse},
		{"threshold 02", strings.Replace(plainPolicy, "all BB CC", "02 BB CC", 1), accept, accept},
		{"threshold +2", strings.Replace(plainPolicy, "all BB CC", "+2 BB CC", 1), refuse, accept},
		{"group of nobody", strings.Replace(plainPolicy, "all BB CC", "all", 1), accept, refuse},
		{"keyword as a name", strings.ReplaceAll(plainPolicy, "states", "group"), refuse, accept},
		{"long name", strings.ReplaceAll(plainPolicy, "states", strings.Repeat("s", 65)), accept, accept},
		{"strange name", strings.ReplaceAll(plainPolicy, "states", "st@tes"), accept, accept},
		{"type 1 key as a witness", strings.Replace(plainPolicy, "<BB>", vkey(t, "witness.bb.example", AlgEd25519).String(), 1), accept, refuse},
		{"wrong key id", strings.Replace(plainPolicy, "<BB>", strings.Replace(witnessKey(t, "BB").String(), fmt.Sprintf("%08x", witnessKey(t, "BB").Hash()), "00000000", 1), 1), accept, refuse},
	} {
		text := string(policyText(t, c.text))
		_, err := witness.ParsePolicy([]byte(withURLs(text)))
		if got := err == nil; got != c.formats {
			t.Errorf("%s: formats accepts: %t (%v)", c.what, got, err)
		}
		_, err = torchwood.ParsePolicy([]byte(text))
		if got := err == nil; got != c.torchwood {
			t.Errorf("%s: torchwood accepts: %t (%v)", c.what, got, err)
		}
		if _, err = ParsePolicy([]byte(text)); (err == nil) != (c.what == "plain") {
			t.Errorf("%s: we: %v", c.what, err)
		}
	}
	// The other way round: C2SP lets witnesses have URLs, and formats asks for
	// them. We refuse them, because a list pins who signs and not where.
	if _, err := ParsePolicy([]byte(withURLs(string(policyText(t, plainPolicy))))); !errors.Is(err, ErrForm) {
		t.Errorf("URLs: %v", err)
	}
}

// TestCount compares with trying every subset of states.
func TestCount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawPolicy(r, t)
		for k := range d.state { // some keys do not count, as auditors among witnesses
			if rapid.IntRange(0, 3).Draw(r, "counts") == 0 {
				delete(d.state, k)
			}
		}
		p, err := ParsePolicy([]byte(d.text))
		if err != nil {
			r.Fatal(err)
		}
		n, q, err := p.Count(d.who)
		if err != nil {
			r.Fatal(err)
		}
		wantN, wantQ := bruteCount(p, d)
		if n != wantN || q != wantQ {
			r.Fatalf("n = %d, q = %d, want %d and %d\n%s%v", n, q, wantN, wantQ, d.text, d.state)
		}
	})
}

var fourStates = []string{"BB", "CC", "DD", "EE"}

func bruteCount(p *Policy, d drawn) (n, q int) {
	if p.Quorum == None {
		return 0, 0
	}
	below := set{}
	var walk func(string)
	walk = func(name string) {
		m := p.Members[p.index[name]]
		if s, ok := d.state[m.Key]; ok && len(m.Of) == 0 {
			below.add(s)
		}
		for _, c := range m.Of {
			walk(c)
		}
	}
	walk(p.Quorum)
	q = len(fourStates)
	for subset := range 1 << len(fourStates) {
		if p.Satisfied(d.signedBy(subset)) {
			q = min(q, bits.OnesCount(uint(subset)))
		}
	}
	return len(below), q
}

// signedBy says which keys have signed when the states of subset have.
func (d drawn) signedBy(subset int) func(VKey) bool {
	return func(k VKey) bool {
		s, ok := d.state[k]
		return !ok || subset>>slices.Index(fourStates, s)&1 == 1
	}
}

// TestQuorumsMeet is what rule P17 is for: of any two checkpoints that satisfy
// an accepted policy, more than f states signed both.
func TestQuorumsMeet(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(r *rapid.T) {
		d := drawPolicy(r, t)
		p, err := ParsePolicy([]byte(d.text))
		if err != nil {
			r.Fatal(err)
		}
		f := rapid.IntRange(0, 2).Draw(r, "f")
		l := &List{Logs: []Log{{Origin: aaLog, State: "AA", Key: p.Log}}, Policies: []PolicyPin{{Origin: aaLog, Kind: Court, F: f}}}
		for k, s := range d.state {
			l.Witnesses = append(l.Witnesses, Cosigner{State: s, Key: k})
		}
		if p.Quorum == None || l.checkPolicy(PolicyPin{Origin: aaLog, Kind: Receipt}, p) != nil {
			return
		}
		accepted++
		for a := range 1 << len(fourStates) {
			for b := range 1 << len(fourStates) {
				if p.Satisfied(d.signedBy(a)) && p.Satisfied(d.signedBy(b)) && bits.OnesCount(uint(a&b)) <= f {
					r.Fatalf("f = %d, and states %04b and %04b are both enough\n%s%v", f, a, b, d.text, d.state)
				}
			}
		}
	})
	if accepted == 0 {
		t.Error("no drawn policy was accepted")
	}
}

func TestEntangled(t *testing.T) {
	// 20 states, each with a witness in both halves: too many subsets to try.
	var b strings.Builder
	who := make(map[VKey]string)
	for _, half := range []string{"a", "b"} {
		for i := range 20 {
			name := fmt.Sprintf("%s%d", half, i)
			k := vkey(t, name+".example", AlgCosignature)
			who[k] = fmt.Sprint(i)
			fmt.Fprintf(&b, "witness %s %s\n", name, k)
		}
		fmt.Fprintf(&b, "group %s 3", half)
		for i := range 20 {
			fmt.Fprintf(&b, " %s%d", half, i)
		}
		b.WriteString("\n")
	}
	p, err := ParsePolicy([]byte(fmt.Sprintf("log %s\n%sgroup g all a b\nquorum g\n", vkey(t, aaLog, AlgEd25519), &b)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Count(func(k VKey) (string, bool) { s, ok := who[k]; return s, ok }); !errors.Is(err, ErrPolicy) {
		t.Errorf("entangled: %v", err)
	}
	// Counted one half at a time, as the court policy is, it is simple.
	n, q, err := p.Count(func(k VKey) (string, bool) { return who[k], strings.HasPrefix(k.Name(), "a") })
	if n != 20 || q != 3 || err != nil {
		t.Errorf("n = %d, q = %d, %v", n, q, err)
	}
}

func TestPinnedPolicy(t *testing.T) {
	l, texts := founded(t, 1, "AA", "BB", "CC")
	for _, p := range l.Policies {
		if _, err := l.Policy(p.Origin, p.Kind, texts[p.Digest]); err != nil {
			t.Errorf("%s policy of %s: %v", p.Kind, p.Origin, err)
		}
	}
	pin, err := l.Pinned(aaLog, Court)
	if err != nil || pin.F != 1 {
		t.Fatalf("%+v, %v", pin, err)
	}
	text := texts[pin.Digest]
	if _, err := l.Policy(aaLog, Court, append(text, '\n')); !errors.Is(err, ErrUnlisted) {
		t.Errorf("another text: %v", err)
	}
	if _, err := l.Policy(aaLog, Receipt, text); !errors.Is(err, ErrUnlisted) {
		t.Errorf("the court's as the receipt's: %v", err)
	}
	if _, err := l.Policy("log.zz.example/1", Court, text); !errors.Is(err, ErrUnlisted) {
		t.Errorf("a log not listed: %v", err)
	}
	// A list that pins, for AA's second ledger, the policy of its first.
	l = history(t)
	_, texts = founded(t, 0, "AA", "BB")
	if pin, err = l.Pinned(aaNext, Court); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Policy(aaLog, Court, texts[pin.Digest]); err != nil {
		t.Errorf("first ledger: %v", err)
	}
	if _, err := l.Policy(aaNext, Court, texts[pin.Digest]); !errors.Is(err, ErrPolicy) {
		t.Errorf("another ledger's policy: %v", err)
	}
}

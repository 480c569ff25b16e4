package trust

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxPolicy is the largest policy text in bytes: room for 27 states many times over.
const MaxPolicy = 1 << 16

// None is the quorum that asks for no cosignature at all. Under it completeness
// and the ledger's honesty rest on the word of one state alone (rule P17).
const None = "none"

// Policy says which cosignatures make a checkpoint of one ledger good enough:
// C2SP tlog-policy text with the restrictions of spec/trust.md, "Policies".
// A policy that was parsed must not be changed.
type Policy struct {
	Log     VKey     // the one ledger it is about
	Members []Member // witness lines and groups, in the order defined
	Quorum  string   // the member that must be satisfied, or None

	index map[string]int
}

// Member is a witness line (Key set) or a group (Of set).
type Member struct {
	Name      string
	Key       VKey     // the zero value for a group
	Of        []string // a group's members, each defined before it
	Threshold int      // 1 … len(Of): how many of them it takes
}

// ParsePolicy reads a policy text. It is stricter than C2SP tlog-policy, so that
// two readers cannot take one text for two policies: exactly one log line, no
// URLs, one space or tab between words and none around them, plain ASCII names
// of 1 to 64 bytes that are not keywords, the quorum line last. Everything it
// refuses is [ErrForm]; everything it accepts other readers take the same way.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(text) > MaxPolicy || len(text) == 0 || text[len(text)-1] != '\n' {
		return nil, fmt.Errorf("policy is empty, over %d bytes, or does not end its last line: %w", MaxPolicy, ErrForm)
	}
	p := &Policy{index: make(map[string]int)}
	r := policyReader{p: p, keys: set{}, used: set{}}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if err := r.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("policy line %d: %w", n, err)
		}
	}
	if p.Quorum == "" || p.Log == (VKey{}) {
		return nil, fmt.Errorf("policy without log or quorum line: %w", ErrForm)
	}
	return p, nil
}

type policyReader struct {
	p    *Policy
	keys set // key material seen
	used set // names that are members already
}

func (r *policyReader) line(s string) error {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("control character %#x: %w", c, ErrForm)
		}
	}
	if s == "" || s[0] == '#' {
		return nil
	}
	w := words{rest: strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == '\t' })}
	if spaced := strings.ReplaceAll(s, "\t", " "); strings.Join(w.rest, " ") != spaced {
		return fmt.Errorf("more than one space or tab together, or around the line: %w", ErrForm)
	}
	if r.p.Quorum != "" {
		return fmt.Errorf("%.40q after the quorum line: %w", s, ErrForm)
	}
	switch kind := w.next(); kind {
	case "log":
		r.log(&w)
	case "witness":
		r.witness(&w)
	case "group":
		r.group(&w)
	case "quorum":
		r.quorum(&w)
	default:
		w.fail("keyword %.40q", kind)
	}
	return w.end()
}

func (r *policyReader) log(w *words) {
	k := r.key(w)
	if r.p.Log != (VKey{}) || k.Alg() != AlgEd25519 {
		w.fail("a second log, or a key that signs no checkpoints")
	}
	r.p.Log = k
}

func (r *policyReader) witness(w *words) {
	m := Member{Name: r.fresh(w), Key: r.key(w)}
	if !m.Key.Cosigns() {
		w.fail("witness %.80q has a key that makes no cosignatures", m.Name)
	}
	r.define(m)
}

func (r *policyReader) group(w *words) {
	m := Member{Name: r.fresh(w)}
	k := w.next()
	m.Of = w.rest
	w.rest = nil
	for _, name := range m.Of {
		if _, ok := r.p.index[name]; !ok || !r.used.add(name) {
			w.fail("group %.80q: %.80q is not defined before, or is a member already", m.Name, name)
		}
	}
	switch k {
	case "all":
		m.Threshold = len(m.Of)
	case "any":
		m.Threshold = 1
	default:
		c := words{rest: []string{k}}
		if m.Threshold = c.count(); c.err != nil {
			w.fail("group %.80q: threshold %.40q", m.Name, k)
		}
	}
	if m.Threshold < 1 || m.Threshold > len(m.Of) {
		w.fail("group %.80q: %d of %d members", m.Name, m.Threshold, len(m.Of))
	}
	r.define(m)
}

func (r *policyReader) quorum(w *words) {
	r.p.Quorum = w.next()
	if _, ok := r.p.index[r.p.Quorum]; !ok && r.p.Quorum != None {
		w.fail("quorum %.80q is not defined before", r.p.Quorum)
	}
}

// key takes a key that no other line has, whatever its name and type.
func (r *policyReader) key(w *words) VKey {
	k := w.vkey()
	if w.err == nil && !r.keys.add(k.Material()) {
		w.fail("key of %.80q stands twice", k.Name())
	}
	return k
}

// keywords are no names: some readers refuse all of them, C2SP only "none".
var keywords = set{"log": true, "witness": true, "group": true, "quorum": true, "all": true, "any": true, None: true}

// fresh takes a name that is new and no keyword.
func (r *policyReader) fresh(w *words) string {
	s := w.name()
	if _, ok := r.p.index[s]; ok || keywords[s] {
		w.fail("name %.80q is taken", s)
	}
	return s
}

func (r *policyReader) define(m Member) {
	r.p.index[m.Name] = len(r.p.Members)
	r.p.Members = append(r.p.Members, m)
}

// Text returns a plain text for the policy: no comments, one space between
// words. [ParsePolicy] reads it back to the same value.
func (p *Policy) Text() []byte {
	b := []byte("log " + p.Log.String() + "\n")
	for _, m := range p.Members {
		if len(m.Of) == 0 {
			b = append(b, "witness "+m.Name+" "+m.Key.String()+"\n"...)
			continue
		}
		b = append(b, "group "+m.Name+" "+strconv.Itoa(m.Threshold)+" "+strings.Join(m.Of, " ")+"\n"...)
	}
	return append(b, "quorum "+p.Quorum+"\n"...)
}

// Keys returns the keys of all witness lines, in the order defined.
func (p *Policy) Keys() []VKey {
	var keys []VKey
	for _, m := range p.Members {
		if len(m.Of) == 0 {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

// Satisfied reports whether the cosignatures of the keys for which signed says
// true are enough. The caller has verified them and knows that each key counted
// at the time. It does not look at the ledger's own signature. Under
// `quorum none` it is always true.
func (p *Policy) Satisfied(signed func(VKey) bool) bool {
	return p.Quorum == None || p.satisfied(p.Quorum, signed)
}

func (p *Policy) satisfied(name string, signed func(VKey) bool) bool {
	m := p.Members[p.index[name]]
	if len(m.Of) == 0 {
		return signed(m.Key)
	}
	n := 0
	for _, child := range m.Of {
		if p.satisfied(child, signed) {
			n++
		}
	}
	return n >= m.Threshold
}

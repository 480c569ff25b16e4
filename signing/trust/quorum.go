package trust

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"time"
)

// maxEntangled is how many states may stand in more than one branch of a group.
// Counting them tries every subset; a policy a court must understand has few.
const maxEntangled = 16

// Count returns n, how many states can sign under the policy, and q, the fewest
// whose signatures satisfy it (rule P17: states are counted, never keys). who
// names the state of a key; keys for which it says false are not counted and
// taken to have signed. Under `quorum none` both are 0.
//
// It returns [ErrPolicy] when the same states stand in so many branches of one
// group that q cannot be worked out.
func (p *Policy) Count(who func(VKey) (state string, ok bool)) (n, q int, err error) {
	if p.Quorum == None {
		return 0, 0, nil
	}
	states, q, err := p.fewest(p.Quorum, who)
	return len(states), q, err
}

// fewest returns the states at and below the member name, and the smallest
// number of them whose signatures satisfy it.
func (p *Policy) fewest(name string, who func(VKey) (string, bool)) (set, int, error) {
	m := p.Members[p.index[name]]
	states := set{}
	if len(m.Of) == 0 {
		if s, ok := who(m.Key); ok {
			states.add(s)
		}
		return states, len(states), nil
	}
	costs, entangled := make([]int, len(m.Of)), false
	for i, child := range m.Of {
		below, cost, err := p.fewest(child, who)
		if err != nil {
			return nil, 0, err
		}
		costs[i] = cost
		for s := range below {
			entangled = !states.add(s) || entangled
		}
	}
	if entangled {
		q, err := p.fewestOf(name, states, who)
		return states, q, err
	}
	// No state helps two children, so the cheapest children add up.
	slices.Sort(costs)
	q := 0
	for _, c := range costs[:m.Threshold] {
		q += c
	}
	return states, q, nil
}

// fewestOf tries every subset of states.
func (p *Policy) fewestOf(name string, states set, who func(VKey) (string, bool)) (int, error) {
	if len(states) > maxEntangled {
		return 0, fmt.Errorf("%d states stand in several branches of %q: %w", len(states), name, ErrPolicy)
	}
	bit := make(map[string]uint)
	for i, s := range slices.Sorted(maps.Keys(states)) {
		bit[s] = uint(i)
	}
	best := len(states)
	for subset := range uint(1) << len(states) {
		if bits.OnesCount(subset) >= best {
			continue
		}
		if p.satisfied(name, func(k VKey) bool {
			s, ok := who(k)
			return !ok || subset>>bit[s]&1 == 1
		}) {
			best = bits.OnesCount(subset)
		}
	}
	return best, nil
}

// Pinned returns the list's pin of a policy, or [ErrUnlisted].
func (l *List) Pinned(origin string, kind PolicyKind) (PolicyPin, error) {
	for _, p := range l.Policies {
		if p.Origin == origin && p.Kind == kind {
			return p, nil
		}
	}
	return PolicyPin{}, fmt.Errorf("%s policy of %s: %w", kind, origin, ErrUnlisted)
}

// F returns how many lying states the list tolerates for a ledger: f of its
// court policy, or [ErrUnlisted].
func (l *List) F(origin string) (int, error) {
	p, err := l.Pinned(origin, Court)
	return p.F, err
}

// Policy reads text as the policy of the ledger origin and checks that it
// protects it (rule P17): the digest is the pinned one; its log is the ledger;
// every key is a listed witness of another state, or, in a court policy, a
// listed auditor of another state; q > (n+f)/2 for the witnesses; a court
// policy asks for auditors of at least f+1 states. `quorum none` passes: what
// it means is said where it is used.
//
// Errors: [ErrUnlisted] for another digest, [ErrForm], [ErrPolicy].
func (l *List) Policy(origin string, kind PolicyKind, text []byte) (*Policy, error) {
	pin, err := l.Pinned(origin, kind)
	if err != nil {
		return nil, err
	}
	if d := DigestOf(text); d != pin.Digest {
		return nil, fmt.Errorf("%s policy of %s is %s, pinned is %s: %w", kind, origin, d, pin.Digest, ErrUnlisted)
	}
	p, err := ParsePolicy(text)
	if err != nil {
		return nil, err
	}
	if err := l.checkPolicy(pin, p); err != nil {
		return nil, fmt.Errorf("%s policy of %s: %w", kind, origin, err)
	}
	return p, nil
}

func (l *List) checkPolicy(pin PolicyPin, p *Policy) error {
	if !slices.ContainsFunc(l.Logs, func(g Log) bool { return g.Origin == pin.Origin && g.Key == p.Log }) {
		return fmt.Errorf("log line with another key: %w", ErrPolicy)
	}
	own, _ := l.StateOf(pin.Origin)
	witnesses, auditors := states(l.Witnesses), states(l.Auditors)
	for _, k := range p.Keys() {
		s, ok := witnesses(k)
		if !ok && pin.Kind == Court {
			s, ok = auditors(k)
		}
		if !ok || s == own {
			return fmt.Errorf("key %s is not a cosigner of another state: %w", k.Name(), ErrPolicy)
		}
	}
	if p.Quorum == None {
		return nil
	}
	f, err := l.F(pin.Origin)
	if err != nil {
		return err
	}
	n, q, err := p.Count(witnesses)
	if err != nil {
		return err
	}
	if 2*q <= n+f {
		return fmt.Errorf("%d of %d witness states with %d lying could be two disjoint views: %w", q, n, f, ErrPolicy)
	}
	if pin.Kind == Receipt {
		return nil
	}
	if _, a, err := p.Count(auditors); err != nil || a < f+1 {
		return fmt.Errorf("auditors of %d states asked, %d needed: %w", a, f+1, ErrPolicy)
	}
	return nil
}

// states returns which state's key a key is, among cosigners.
func states(of []Cosigner) func(VKey) (string, bool) {
	byKey := make(map[VKey]string, len(of))
	for _, c := range of {
		byKey[c.Key] = c.State
	}
	return func(k VKey) (string, bool) { s, ok := byKey[k]; return s, ok }
}

// Signed is the time a state's cosignature bears.
type Signed struct {
	State string
	Time  time.Time
}

// Bounds returns between which times a checkpoint got its cosignatures when at
// most f of the states lie (spec/trust.md, "Time of a checkpoint"): lower is
// the (f+1)-th largest time of distinct states, upper the (f+1)-th smallest. Of
// several signatures of one state the latest counts for lower and the earliest
// for upper. ok is false when fewer than f+1 states signed.
func Bounds(signed []Signed, f int) (lower, upper time.Time, ok bool) {
	first, last := make(map[string]time.Time), make(map[string]time.Time)
	for _, s := range signed {
		if t, seen := first[s.State]; !seen || s.Time.Before(t) {
			first[s.State] = s.Time
		}
		if t, seen := last[s.State]; !seen || s.Time.After(t) {
			last[s.State] = s.Time
		}
	}
	if f < 0 || len(first) < f+1 {
		return time.Time{}, time.Time{}, false
	}
	up := slices.SortedFunc(maps.Values(first), time.Time.Compare)
	low := slices.SortedFunc(maps.Values(last), time.Time.Compare)
	return low[len(low)-1-f], up[f], true
}

package trust

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Next returns a draft of the list that follows l, which was opened: the next
// version, naming l, with all that l says. The caller changes it, gives it
// policies ([List.SetPolicies]) and signs it.
func (l *List) Next(issued, nextUpdate time.Time) *List {
	n := *l
	n.Version, n.Previous, n.note = l.Version+1, l.Digest(), nil
	n.Issued, n.NextUpdate = issued, nextUpdate
	n.Require, n.States, n.Logs, n.Retired = slices.Clone(l.Require), slices.Clone(l.States), slices.Clone(l.Logs), slices.Clone(l.Retired)
	n.Witnesses, n.Auditors = slices.Clone(l.Witnesses), slices.Clone(l.Auditors)
	n.Authorities, n.Compromised = slices.Clone(l.Authorities), slices.Clone(l.Compromised)
	n.TSAs = slices.Clone(l.TSAs)
	n.Revoked, n.Policies = slices.Clone(l.Revoked), slices.Clone(l.Policies)
	n.Standards, n.Instruments = slices.Clone(l.Standards), slices.Clone(l.Instruments)
	return &n
}

// Admit adds a state that is not listed yet: its keys, its ledger from size 0,
// its cosigners and its authority from the time given. A list of which every state
// had to sign the next goes on to ask every state. It returns [ErrForm] for a
// state that is listed.
func (l *List) Admit(f Founder, from time.Time) error {
	if l.hasState(f.State) {
		return fmt.Errorf("state %s is listed already: %w", f.State, ErrForm)
	}
	if l.Signers == len(l.States) {
		l.Signers++
	}
	l.States = append(l.States, State{Code: f.State, Key: f.Key})
	l.Logs = append(l.Logs, Log{Origin: f.Log.Name(), State: f.State, Key: f.Log})
	l.Witnesses = append(l.Witnesses, Cosigner{Name: witnessName(f), State: f.State, Key: f.Witness, From: from})
	l.Auditors = append(l.Auditors, Cosigner{Name: auditorName(f), State: f.State, Key: f.Auditor, From: from})
	l.Authorities = append(l.Authorities, Authority{State: f.State, Digest: f.Authority, From: from})
	return nil
}

// Replace puts the cosigners that a founder file of a listed state has in the place of
// those that the list has: the window of each that was open ends at the time given, when
// that of the new one begins, so that what was signed before still counts. An authority
// that is not listed is added from then on. The state's list key and its ledger must be
// the listed ones; [List.Rekey] is for others. Errors: [ErrForm], also for a file that
// changes nothing.
func (l *List) Replace(f Founder, at time.Time) error {
	if !slices.Contains(l.States, State{Code: f.State, Key: f.Key}) {
		return fmt.Errorf("state %s is listed with another list key: %w", f.State, ErrForm)
	}
	if !slices.ContainsFunc(l.Logs, func(g Log) bool { return g.State == f.State && g.Key == f.Log }) {
		return fmt.Errorf("state %s is listed with another ledger key: %w", f.State, ErrForm)
	}
	if !l.replaceRest(f, at) {
		return fmt.Errorf("state %s is listed with these keys already: %w", f.State, ErrForm)
	}
	return nil
}

// Rekey is [List.Replace] for a state that has begun anew, because its keys were lost or
// stolen: it gets the list key of the founder file, and the ledger in it beside those that
// it has. What the old list key signed still counts. A name that a ledger had belongs to
// that ledger's key for ever. Errors: [ErrForm].
func (l *List) Rekey(f Founder, at time.Time) error {
	i := slices.IndexFunc(l.States, func(s State) bool { return s.Code == f.State })
	if i < 0 || l.States[i].Key == f.Key {
		return fmt.Errorf("state %s is not listed with another list key: %w", f.State, ErrForm)
	}
	switch g := slices.IndexFunc(l.Logs, func(g Log) bool { return g.Origin == f.Log.Name() }); {
	case g < 0:
		l.Logs = append(l.Logs, Log{Origin: f.Log.Name(), State: f.State, Key: f.Log})
	case l.Logs[g].Key != f.Log || l.Logs[g].State != f.State:
		return fmt.Errorf("the ledger %s has another key, and keeps it; the new one needs a name of its own: %w", f.Log.Name(), ErrForm)
	}
	l.States[i].Key = f.Key
	l.replaceRest(f, at)
	return nil
}

// replaceRest replaces cosigners and adds the authority; changed says whether anything was
// new.
func (l *List) replaceRest(f Founder, at time.Time) (changed bool) {
	witness := replaceCosigner(&l.Witnesses, Cosigner{Name: witnessName(f), State: f.State, Key: f.Witness, From: at})
	auditor := replaceCosigner(&l.Auditors, Cosigner{Name: auditorName(f), State: f.State, Key: f.Auditor, From: at})
	authority := !slices.ContainsFunc(l.Authorities, func(a Authority) bool { return a.Digest == f.Authority })
	if authority {
		l.Authorities = append(l.Authorities, Authority{State: f.State, Digest: f.Authority, From: at})
	}
	return witness || auditor || authority
}

// replaceCosigner adds a cosigner whose key is not listed, under a name that is free, and
// ends the others of its state; it reports whether it did.
func replaceCosigner(all *[]Cosigner, c Cosigner) bool {
	if slices.ContainsFunc(*all, func(have Cosigner) bool { return have.Key == c.Key }) {
		return false
	}
	base := c.Name
	for n := 2; slices.ContainsFunc(*all, func(have Cosigner) bool { return have.Name == c.Name }); n++ {
		c.Name = fmt.Sprintf("%s-%d", base, n)
	}
	for i, have := range *all {
		if have.State == c.State && have.To.IsZero() {
			(*all)[i].To = c.From
		}
	}
	*all = append(*all, c)
	return true
}

// Tolerable returns how many of the n other states that watch a ledger are
// assumed to lie, unless the states agree on another number: none of one, one of
// two (both are then asked), and less than a third of more.
func Tolerable(n int) int {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	return max(1, (n-1)/3)
}

// SetPolicies names fresh policies for every ledger that is not retired, and
// returns their texts by digest. They ask for what [Found] asks for when f of the
// n other states may lie, and count every cosigner listed: of several of one
// state, any one. Whether a cosignature counts at its time is the list's to say, so
// that a key that was revoked or has ended still serves for what it signed before.
//
// f below 0 is [Tolerable]. Errors: [ErrPolicy] when f is too many; [ErrForm].
func (l *List) SetPolicies(f int) (map[Digest][]byte, error) {
	texts := make(map[Digest][]byte)
	for origin, g := range l.current() {
		if _, ended := l.Retirement(origin); ended {
			continue
		}
		for _, kind := range []PolicyKind{Receipt, Court} {
			text, pin, err := l.policyFor(g, kind, f)
			if err != nil {
				return nil, err
			}
			texts[pin.Digest] = text
			l.pin(pin)
		}
	}
	return texts, nil
}

// current returns the newest key of every ledger.
func (l *List) current() map[string]Log {
	newest := make(map[string]Log)
	for _, g := range l.Logs {
		if have, ok := newest[g.Origin]; !ok || g.FromSize > have.FromSize {
			newest[g.Origin] = g
		}
	}
	return newest
}

func (l *List) pin(p PolicyPin) {
	l.Policies = slices.DeleteFunc(l.Policies, func(old PolicyPin) bool { return old.Origin == p.Origin && old.Kind == p.Kind })
	l.Policies = append(l.Policies, p)
}

func (l *List) policyFor(g Log, kind PolicyKind, f int) ([]byte, PolicyPin, error) {
	pin := PolicyPin{Origin: g.Origin, Kind: kind}
	witnesses, auditors := byState(l.Witnesses, g.State), byState(l.Auditors, g.State)
	n := len(witnesses)
	if f < 0 {
		f = Tolerable(n)
	}
	if n == 0 {
		f = 0
	}
	if kind == Court {
		pin.F = f
	}
	q := (n+f)/2 + 1
	if n > 0 && (q > n || f+1 > len(auditors)) {
		return nil, pin, fmt.Errorf("%s: of %d other states with a witness and %d with an auditor %d cannot lie: %w", g.Origin, n, len(auditors), f, ErrPolicy)
	}
	text := fmt.Appendf(nil, "log %s\n", g.Key)
	switch {
	case n == 0:
		text = fmt.Appendf(text, "quorum %s\n", None)
	case kind == Receipt:
		text = append(stateGroup(text, "witnesses", q, witnesses), "quorum witnesses\n"...)
	default:
		text = stateGroup(text, "witnesses", q, witnesses)
		text = stateGroup(text, "auditors", f+1, auditors)
		text = append(text, "group court all witnesses auditors\nquorum court\n"...)
	}
	pin.Digest = DigestOf(text)
	return text, pin, nil
}

// byState gathers the cosigners of all states but one, by state and name.
func byState(all []Cosigner, but string) (states [][]Cosigner) {
	all = slices.DeleteFunc(slices.Clone(all), func(c Cosigner) bool { return c.State == but })
	slices.SortFunc(all, func(a, b Cosigner) int {
		if a.State != b.State {
			return strings.Compare(a.State, b.State)
		}
		return strings.Compare(a.Name, b.Name)
	})
	for i, c := range all {
		if i == 0 || c.State != all[i-1].State {
			states = append(states, nil)
		}
		states[len(states)-1] = append(states[len(states)-1], c)
	}
	return states
}

// stateGroup writes a group of k states, of which each is one cosigner or any of
// several.
func stateGroup(b []byte, name string, k int, states [][]Cosigner) []byte {
	line := "group " + name + " " + strconv.Itoa(k)
	for _, of := range states {
		member, any := of[0].Name, ""
		for _, c := range of {
			b = fmt.Appendf(b, "witness %s %s\n", c.Name, c.Key)
			any += " " + c.Name
		}
		if len(of) > 1 {
			member = of[0].State + "-" + name
			b = fmt.Appendf(b, "group %s any%s\n", member, any)
		}
		line += " " + member
	}
	return append(b, line+"\n"...)
}

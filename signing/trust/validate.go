package trust

import (
	"fmt"
	"slices"
	"time"
)

// lastQuestion is the last of the court's questions that can be required; the
// tenth says what is not proven and never fails.
const lastQuestion = 9

// validate reports with [ErrForm] a list that contradicts itself or names what
// it does not define.
func (l *List) validate() error {
	for _, check := range []func() error{
		l.validateHead, l.validateStates, l.validateLogs, l.validateRetired,
		l.validateCosigners, l.validateAuthorities, l.validateTSAs, l.validateRevoked, l.validatePolicies, l.validatePins,
	} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", err, ErrForm)
		}
	}
	return nil
}

func (l *List) validateHead() error {
	switch {
	case l.Version < 1:
		return fmt.Errorf("version %d", l.Version)
	case (l.Version == 1) != (l.Previous == Digest{}):
		return fmt.Errorf("version %d with previous %s", l.Version, l.Previous)
	case !l.NextUpdate.After(l.Issued):
		return fmt.Errorf("next-update is not after issued")
	case l.Signers < 1 || l.Signers > len(l.States):
		return fmt.Errorf("%d signers of %d states", l.Signers, len(l.States))
	case l.MaxAge < time.Hour:
		return fmt.Errorf("max-age under one hour")
	case len(l.Require) == 0:
		return fmt.Errorf("no question required: every package would do")
	}
	for i, q := range l.Require {
		if q < 1 || q > lastQuestion || i > 0 && q <= l.Require[i-1] {
			return fmt.Errorf("required questions must rise within 1 … %d", lastQuestion)
		}
	}
	return nil
}

func (l *List) validateStates() error {
	codes, keys := set{}, set{}
	for _, s := range l.States {
		if s.Key.Alg() != AlgEd25519 {
			return fmt.Errorf("state %s: key type %d cannot sign lists", s.Code, s.Key.Alg())
		}
		if !codes.add(s.Code) || !keys.add(s.Key.Material()) {
			return fmt.Errorf("state %s or its key stands twice", s.Code)
		}
	}
	return nil
}

// validateLogs also keeps every key in one role: a key that is a state's, a
// log's and a cosigner's at once would be counted twice somewhere.
func (l *List) validateLogs() error {
	sizes, keys := set{}, set{}
	for _, s := range l.States {
		keys.add(s.Key.Material())
	}
	for _, g := range l.Logs {
		switch state, _ := l.StateOf(g.Origin); {
		case !l.hasState(g.State):
			return fmt.Errorf("log %s: no state %s", g.Origin, g.State)
		case state != g.State:
			return fmt.Errorf("log %s belongs to two states", g.Origin)
		case g.Key.Alg() != AlgEd25519 || g.Key.Name() != g.Origin:
			return fmt.Errorf("log %s: key must be of type 1 and bear the origin's name", g.Origin)
		case !sizes.add(fmt.Sprint(g.Origin, " ", g.FromSize)) || !keys.add(g.Key.Material()):
			return fmt.Errorf("log %s: two keys from size %d, or a key that is used twice", g.Origin, g.FromSize)
		}
	}
	for _, c := range l.cosigners() {
		if !keys.add(c.Key.Material()) {
			return fmt.Errorf("cosigner %s: key is used twice", c.Name)
		}
	}
	return nil
}

func (l *List) validateRetired() error {
	seen := set{}
	for _, r := range l.Retired {
		_, known := l.StateOf(r.Final.Origin)
		_, next := l.StateOf(r.Successor)
		switch {
		case !known || !seen.add(r.Final.Origin):
			return fmt.Errorf("retired log %s is not listed, or stands twice", r.Final.Origin)
		case r.Successor != "" && !next || r.Successor == r.Final.Origin:
			return fmt.Errorf("successor %s of log %s is not another listed log", r.Successor, r.Final.Origin)
		}
	}
	return nil
}

func (l *List) validateCosigners() error {
	names := set{}
	for _, c := range l.cosigners() {
		switch {
		case !names.add(c.Name):
			return fmt.Errorf("two cosigners named %s", c.Name)
		case !l.hasState(c.State):
			return fmt.Errorf("cosigner %s: no state %s", c.Name, c.State)
		case !c.Key.Cosigns():
			return fmt.Errorf("cosigner %s: key type %d makes no cosignatures", c.Name, c.Key.Alg())
		case !ordered(c.From, c.To):
			return fmt.Errorf("cosigner %s: ends before it starts", c.Name)
		}
	}
	return nil
}

func (l *List) validateAuthorities() error {
	seen, points := set{}, set{}
	for _, a := range l.Authorities {
		switch {
		case !l.hasState(a.State):
			return fmt.Errorf("authority %s: no state %s", a.Digest, a.State)
		case !seen.add(a.Digest.String()):
			return fmt.Errorf("authority %s stands twice", a.Digest)
		case !ordered(a.From, a.To):
			return fmt.Errorf("authority %s: ends before it starts", a.Digest)
		}
	}
	for _, c := range l.Compromised {
		known := slices.ContainsFunc(l.Authorities, func(a Authority) bool { return a.State == c.State && a.Digest == c.Digest })
		state, _ := l.StateOf(c.GoodUntil.Origin)
		if !known || state != c.State || !points.add(c.Digest.String()+" "+c.GoodUntil.Origin) {
			return fmt.Errorf("compromised authority %s: not listed, or %s is not its state's log, or it stands twice", c.Digest, c.GoodUntil.Origin)
		}
	}
	return nil
}

// validateTSAs also keeps a timestamp authority's certificate apart from those
// that vouch for officers.
func (l *List) validateTSAs() error {
	seen := set{}
	for _, a := range l.Authorities {
		seen.add(a.Digest.String())
	}
	for _, a := range l.TSAs {
		switch {
		case !l.hasState(a.State):
			return fmt.Errorf("timestamp authority %s: no state %s", a.Digest, a.State)
		case !seen.add(a.Digest.String()):
			return fmt.Errorf("timestamp authority %s stands twice, or is an authority too", a.Digest)
		case !ordered(a.From, a.To):
			return fmt.Errorf("timestamp authority %s: ends before it starts", a.Digest)
		}
	}
	return nil
}

func (l *List) validateRevoked() error {
	seen := set{}
	for _, r := range l.Revoked {
		own := slices.ContainsFunc(l.Logs, func(g Log) bool { return g.Key == r.Key })
		cosigns := slices.ContainsFunc(l.cosigners(), func(c Cosigner) bool { return c.Key == r.Key })
		_, known := l.StateOf(r.GoodUntil.Origin)
		switch {
		case !own && !cosigns:
			return fmt.Errorf("revoked key %s is no log's, witness's or auditor's", r.Key.Name())
		case !known || own && r.GoodUntil.Origin != r.Key.Name():
			return fmt.Errorf("revoked key %s does not sign for %s", r.Key.Name(), r.GoodUntil.Origin)
		case !seen.add(r.Key.String() + " " + r.GoodUntil.Origin):
			return fmt.Errorf("key %s is revoked twice for %s", r.Key.Name(), r.GoodUntil.Origin)
		}
	}
	return nil
}

// validatePolicies asks for both policies of every log, so that no ledger is
// judged by none.
func (l *List) validatePolicies() error {
	seen := set{}
	for _, p := range l.Policies {
		if _, known := l.StateOf(p.Origin); !known || !seen.add(p.Origin+" "+string(p.Kind)) {
			return fmt.Errorf("%s policy of %s: log not listed, or two policies", p.Kind, p.Origin)
		}
	}
	for _, g := range l.Logs {
		if !seen[g.Origin+" "+string(Receipt)] || !seen[g.Origin+" "+string(Court)] {
			return fmt.Errorf("log %s lacks its receipt or court policy", g.Origin)
		}
	}
	return nil
}

func (l *List) validatePins() error {
	for _, pins := range [][]Pin{l.Standards, l.Instruments} {
		seen := set{}
		for _, p := range pins {
			if !seen.add(p.Name) {
				return fmt.Errorf("%s is pinned twice", p.Name)
			}
		}
	}
	return nil
}

func (l *List) cosigners() []Cosigner { return slices.Concat(l.Witnesses, l.Auditors) }

func (l *List) hasState(code string) bool {
	return slices.ContainsFunc(l.States, func(s State) bool { return s.Code == code })
}

func ordered(from, to time.Time) bool { return to.IsZero() || !to.Before(from) }

// set remembers what was seen.
type set map[string]bool

// add reports whether s is new.
func (m set) add(s string) bool {
	if m[s] {
		return false
	}
	m[s] = true
	return true
}

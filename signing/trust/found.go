package trust

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Founder is what one state brings to list 1.
type Founder struct {
	State     string // 2 to 8 letters A–Z
	Key       VKey   // signs lists
	Log       VKey   // its ledger's key; the name is the origin
	Witness   VKey   // of the other states' ledgers
	Auditor   VKey   // likewise
	Authority Digest // of the certificate that enrols its officers' keys
}

// Founding is what the founders agree on.
type Founding struct {
	Founders    []Founder // one or more
	From        time.Time // from when cosigners and authorities count
	Issued      time.Time
	NextUpdate  time.Time
	Signers     int           // 0: all founders
	F           int           // how many of a ledger's n other states may lie, below n
	MaxAge      time.Duration // 0: 24 hours
	TSAs        []TSA         // timestamp authorities
	Standards   []Pin
	Instruments []Pin
}

// Found makes list 1 and the two policies of each founder's ledger, by digest.
// Witnesses and auditors of a ledger are those of all other states: of n, the
// policies ask for the fewest that satisfy rule P17, q = ⌊(n+f)/2⌋+1 witnesses
// and f+1 auditors. A single founder gets `quorum none`.
//
// The list is ready for [List.Sign]. Errors wrap [ErrForm] or [ErrPolicy].
func Found(f Founding) (*List, map[Digest][]byte, error) {
	l := &List{
		Version: 1, Issued: f.Issued, NextUpdate: f.NextUpdate,
		Signers: f.Signers, Require: []int{1, 2, 3, 4, 6}, MaxAge: f.MaxAge,
		TSAs: f.TSAs, Standards: f.Standards, Instruments: f.Instruments,
	}
	if l.Signers == 0 {
		l.Signers = len(f.Founders)
	}
	if l.MaxAge == 0 {
		l.MaxAge = 24 * time.Hour
	}
	texts := make(map[Digest][]byte)
	for _, s := range f.Founders {
		l.States = append(l.States, State{Code: s.State, Key: s.Key})
		l.Logs = append(l.Logs, Log{Origin: s.Log.Name(), State: s.State, Key: s.Log})
		l.Witnesses = append(l.Witnesses, Cosigner{Name: witnessName(s), State: s.State, Key: s.Witness, From: f.From})
		l.Auditors = append(l.Auditors, Cosigner{Name: auditorName(s), State: s.State, Key: s.Auditor, From: f.From})
		l.Authorities = append(l.Authorities, Authority{State: s.State, Digest: s.Authority, From: f.From})
		for _, kind := range []PolicyKind{Receipt, Court} {
			text, pin := f.policy(s, kind)
			texts[pin.Digest] = text
			l.Policies = append(l.Policies, pin)
		}
	}
	text, err := l.Text()
	if err != nil {
		return nil, nil, err
	}
	if l, err = ParseText(text); err != nil { // sorted, and free of what the caller may still change
		return nil, nil, err
	}
	for _, p := range l.Policies {
		if _, err := l.Policy(p.Origin, p.Kind, texts[p.Digest]); err != nil {
			return nil, nil, err
		}
	}
	return l, texts, nil
}

func witnessName(s Founder) string { return s.State + "-witness" }
func auditorName(s Founder) string { return s.State + "-auditor" }

// policy writes one policy of s's ledger over the cosigners of all others.
func (f Founding) policy(s Founder, kind PolicyKind) ([]byte, PolicyPin) {
	pin := PolicyPin{Origin: s.Log.Name(), Kind: kind}
	if kind == Court {
		pin.F = f.F
	}
	others := slices.DeleteFunc(slices.Clone(f.Founders), func(o Founder) bool { return o.State == s.State })
	text := fmt.Appendf(nil, "log %s\n", s.Log)
	if len(others) == 0 {
		text = fmt.Appendf(text, "quorum %s\n", None)
		pin.Digest = DigestOf(text)
		return text, pin
	}
	q := (len(others)+f.F)/2 + 1
	text = appendGroup(text, "witnesses", q, others, witnessName, func(o Founder) VKey { return o.Witness })
	quorum := "witnesses"
	if kind == Court {
		text = appendGroup(text, "auditors", f.F+1, others, auditorName, func(o Founder) VKey { return o.Auditor })
		text = append(text, "group court all witnesses auditors\n"...)
		quorum = "court"
	}
	text = fmt.Appendf(text, "quorum %s\n", quorum)
	pin.Digest = DigestOf(text)
	return text, pin
}

func appendGroup(b []byte, group string, k int, of []Founder, name func(Founder) string, key func(Founder) VKey) []byte {
	line := "group " + group + " " + strconv.Itoa(k)
	for _, o := range of {
		b = fmt.Appendf(b, "witness %s %s\n", name(o), key(o))
		line += " " + name(o)
	}
	return append(b, line+"\n"...)
}

package trustlist

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/custody/signing/trust"
)

// soon is how long before a list's next-update a warning begins.
const soon = 30 * 24 * time.Hour

// View is a trust list for people and programs.
type View struct {
	Version    int64           `json:"version"`
	SHA256     string          `json:"sha256,omitempty"` // of the whole note; absent while signatures are missing
	Issued     time.Time       `json:"issued"`
	AgeDays    int             `json:"age_days"`
	NextUpdate time.Time       `json:"next_update"`
	Warning    string          `json:"warning,omitempty"` // about next-update
	Signed     []string        `json:"signed"`            // states whose signatures it has
	Missing    string          `json:"missing,omitempty"`
	Signers    int             `json:"signers"` // how many must sign the next one
	Require    []int           `json:"require"`
	MaxAge     string          `json:"max_age"`
	States     []StateLine     `json:"states"`
	Logs       []LogLine       `json:"logs"`
	Cosigners  []KeyLine       `json:"cosigners"`
	Authority  []AuthorityLine `json:"authorities"`
	TSAs       []AuthorityLine `json:"timestamp_authorities,omitempty"`
	Revoked    []string        `json:"revoked"`
	Pins       []string        `json:"pins"` // standards and instruments
}

// StateLine is a state of a list.
type StateLine struct {
	State string `json:"state"`
	Key   string `json:"key"` // vkey
}

// LogLine is a ledger of a list, with what its policies ask.
type LogLine struct {
	Origin   string `json:"origin"`
	State    string `json:"state"`
	Key      string `json:"key"`
	FromSize uint64 `json:"from_size"`
	Retired  string `json:"retired,omitempty"`
	Receipt  string `json:"receipt"` // the policy in words
	Court    string `json:"court"`
}

// KeyLine is a witness or auditor of a list.
type KeyLine struct {
	Name  string     `json:"name"`
	Role  string     `json:"role"`
	State string     `json:"state"`
	Key   string     `json:"key"`
	From  time.Time  `json:"from"`
	To    *time.Time `json:"to,omitempty"`
}

// AuthorityLine is an authority of a list.
type AuthorityLine struct {
	State       string     `json:"state"`
	SHA256      string     `json:"sha256"` // of the certificate's DER
	From        time.Time  `json:"from"`
	To          *time.Time `json:"to,omitempty"`
	Compromised []string   `json:"compromised,omitempty"`
}

// ViewOf describes a list. policies are the texts at hand, by digest; what is not
// there is said.
func ViewOf(l *trust.List, policies map[trust.Digest][]byte, now time.Time) *View {
	v := &View{
		Version: l.Version, Issued: l.Issued, NextUpdate: l.NextUpdate, AgeDays: int(now.Sub(l.Issued).Hours() / 24),
		Signers: l.Signers, Require: l.Require, MaxAge: fmt.Sprintf("%dh", l.MaxAge/time.Hour), Revoked: []string{}, Pins: []string{}, Cosigners: []KeyLine{}, Signed: SignedBy(l, l.Note()),
	}
	if d := l.Digest(); d != (trust.Digest{}) {
		v.SHA256 = d.Hex()
	}
	switch left := l.NextUpdate.Sub(now); {
	case left < 0:
		v.Warning = "next-update has passed: about what is signed now the list says nothing, and it stays undecided"
	case left < soon:
		v.Warning = fmt.Sprintf("next-update is in %d days: a newer list is due", int(left.Hours()/24))
	}
	for _, s := range l.States {
		v.States = append(v.States, StateLine{s.Code, s.Key.String()})
	}
	v.addLogs(l, policies)
	v.addKeys(l)
	for _, p := range slices.Concat(l.Standards, l.Instruments) {
		v.Pins = append(v.Pins, p.Name+" "+p.Digest.String())
	}
	return v
}

func (v *View) addLogs(l *trust.List, policies map[trust.Digest][]byte) {
	for _, g := range l.Logs {
		log := LogLine{Origin: g.Origin, State: g.State, Key: g.Key.String(), FromSize: g.FromSize}
		if r, ok := l.Retirement(g.Origin); ok {
			log.Retired = fmt.Sprintf("ended with %d leaves, successor %s", r.Final.Size, cmp.Or(r.Successor, "none"))
		}
		log.Receipt = inWords(l, g.Origin, trust.Receipt, policies)
		log.Court = inWords(l, g.Origin, trust.Court, policies)
		v.Logs = append(v.Logs, log)
	}
}

func (v *View) addKeys(l *trust.List) {
	for _, w := range l.Witnesses {
		v.Cosigners = append(v.Cosigners, KeyLine{w.Name, "witness", w.State, w.Key.String(), w.From, until(w.To)})
	}
	for _, a := range l.Auditors {
		v.Cosigners = append(v.Cosigners, KeyLine{a.Name, "auditor", a.State, a.Key.String(), a.From, until(a.To)})
	}
	for _, a := range l.Authorities {
		t := AuthorityLine{State: a.State, SHA256: a.Digest.Hex(), From: a.From, To: until(a.To)}
		for _, c := range l.Compromised {
			if c.Digest == a.Digest {
				t.Compromised = append(t.Compromised, fmt.Sprintf("in %s good for what is below leaf %d", c.GoodUntil.Origin, c.GoodUntil.Size))
			}
		}
		v.Authority = append(v.Authority, t)
	}
	for _, a := range l.TSAs {
		v.TSAs = append(v.TSAs, AuthorityLine{State: a.State, SHA256: a.Digest.Hex(), From: a.From, To: until(a.To)})
	}
	for _, r := range l.Revoked {
		v.Revoked = append(v.Revoked, fmt.Sprintf("%s (%s): good in %s up to %d leaves", r.Key.Name(), r.Reason, r.GoodUntil.Origin, r.GoodUntil.Size))
	}
}

func until(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// inWords says what a policy asks.
func inWords(l *trust.List, origin string, kind trust.PolicyKind, policies map[trust.Digest][]byte) string {
	pin, err := l.Pinned(origin, kind)
	if err != nil {
		return err.Error()
	}
	text, ok := policies[pin.Digest]
	if !ok {
		return "its text is not at hand: " + pin.Digest.String()
	}
	p, err := l.Policy(origin, kind, text)
	if err != nil {
		return err.Error()
	}
	if p.Quorum == trust.None {
		return "nobody else is asked: the word of one state alone"
	}
	n, q, errW := p.Count(stateIn(l.Witnesses))
	words := []string{fmt.Sprintf("witnesses of %d of %d other states", q, n)}
	if kind == trust.Court {
		n, q, errA := p.Count(stateIn(l.Auditors))
		words = append(words, fmt.Sprintf("auditors of %d of %d", q, n), fmt.Sprintf("%d may lie", pin.F))
		if errA != nil {
			return errA.Error()
		}
	}
	if errW != nil {
		return errW.Error()
	}
	return strings.Join(words, ", ")
}

// stateIn returns the state of a cosigner's key.
func stateIn(all []trust.Cosigner) func(trust.VKey) (string, bool) {
	return func(k trust.VKey) (string, bool) {
		i := slices.IndexFunc(all, func(c trust.Cosigner) bool { return c.Key == k })
		if i < 0 {
			return "", false
		}
		return all[i].State, true
	}
}

// ShowPinned describes the list that the home in dir has pinned. It needs no lock
// and no key. Without a list it returns [ErrNone].
func ShowPinned(dir string, now time.Time) (*View, error) {
	t, err := Read(filepath.Join(dir, "trust"))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNote, err)
	}
	if t == nil {
		return nil, ErrNone
	}
	return ViewOf(t.List, t.Policies, now), nil
}

// Show describes the list in a trust file, signed by enough states or not.
func (f *File) Show(now time.Time) (*View, error) {
	draft, err := f.Draft()
	if err != nil {
		return nil, err
	}
	l, err := trust.Open(f.Note, nil)
	switch {
	case errors.Is(err, trust.ErrSignature):
		return nil, ChainError("the list", err)
	case err != nil:
		v := ViewOf(draft, f.Policies, now)
		v.Signed, v.Missing = SignedBy(draft, f.Note), err.Error()
		return v, nil
	}
	return ViewOf(l, f.Policies, now), nil
}

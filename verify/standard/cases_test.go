package standard_test

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// caseFile is one file of vectors/standards (spec/standards.md, "Cases").
type caseFile struct {
	Format   string     `json:"format"`
	Standard rules.Name `json:"standard"`
	Base     scene      `json:"base"`
	Cases    []oneCase  `json:"cases"`
}

// scene is what there is to judge.
type scene struct {
	Record map[string]any    `json:"record"`
	Files  []sealedFile      `json:"files"`
	Events []json.RawMessage `json:"events"` // of an act each
	Parent *parentItem       `json:"parent"`
	Tokens []time.Time       `json:"tokens"`
	Now    time.Time         `json:"now"`
}

// oneCase changes the scene and says what becomes of one rule.
type oneCase struct {
	Rule   string       `json:"rule"`
	Expect rules.Status `json:"expect"`
	Cause  rules.Cause  `json:"cause"` // of undecided; "" when any will do
	Also   []string     `json:"also"`  // rules that change with it

	Set      map[string]any             `json:"set"`
	Remove   []string                   `json:"remove"`
	Withhold []string                   `json:"withhold"` // values
	Hide     []string                   `json:"hide"`     // values and names
	Event    map[string]json.RawMessage `json:"event"`    // by number: members in the place of the base's, null for none
	Files    []sealedFile               `json:"files"`
	Events   []json.RawMessage          `json:"events"`
	Parent   *parentItem                `json:"parent"`
	Tokens   []time.Time                `json:"tokens"`
	Now      *time.Time                 `json:"now"`
}

type sealedFile struct {
	Path     string            `json:"path"`
	Size     int64             `json:"size"`
	Kind     evidence.FileKind `json:"kind"`   // default file
	SHA256   string            `json:"sha256"` // default that of the path
	SHA512   bool              `json:"sha512"` // the second digest was taken
	Withheld bool              `json:"withheld"`
}

type parentItem struct {
	Kind   evidence.DerivationKind `json:"kind"`
	Rooted *bool                   `json:"rooted"` // absent: not shown
	Held   *bool                   `json:"held"`   // absent: not shown
}

// act is one event as a case says it.
type act struct {
	Action      evidence.Action `json:"action"`
	From        time.Time       `json:"from"`
	To          time.Time       `json:"to"` // default from
	Clock       evidence.Clock  `json:"clock"`
	OffsetMS    int64           `json:"offset_ms"`
	Recorded    time.Time       `json:"recorded"` // default a minute after to
	Logged      time.Time       `json:"logged"`   // default a minute after recorded
	Role        evidence.Role   `json:"role"`
	Key         string          `json:"key"` // names, not key ids
	Second      string          `json:"second"`
	Appointment string          `json:"appointment"`
	Party       *party          `json:"party"`
	Due         time.Time       `json:"due"`
	Continues   bool            `json:"continues"` // goes on from a dead item
	Child       bool            `json:"child"`     // opens the seal of another item
	Erased      bool            `json:"erased"`
	Record      map[string]any  `json:"record"`
	Withhold    []string        `json:"withhold"`
	Hide        []string        `json:"hide"`
}

type party struct {
	Kind  evidence.PartyKind `json:"kind"`
	Key   string             `json:"key"`
	State evidence.StateCode `json:"state"`
	Ref   string             `json:"ref"`
}

// changed returns the base as the case changes it.
func (c *oneCase) changed(t testing.TB, base scene) scene {
	t.Helper()
	base.Record = maps.Clone(base.Record)
	maps.Copy(base.Record, c.Set)
	for _, name := range c.Remove {
		if _, there := base.Record[name]; !there {
			t.Fatalf("%s: the base has no %s to remove", c.Rule, name)
		}
		delete(base.Record, name)
	}
	if c.Files != nil {
		base.Files = c.Files
	}
	if c.Events != nil {
		base.Events = c.Events
	}
	base.Events = slices.Clone(base.Events)
	for number, members := range c.Event {
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(base.Events) {
			t.Fatalf("%s: no event %s", c.Rule, number)
		}
		base.Events[i] = merged(t, base.Events[i], members)
	}
	if c.Parent != nil {
		base.Parent = c.Parent
	}
	if c.Tokens != nil {
		base.Tokens = c.Tokens
	}
	if c.Now != nil {
		base.Now = *c.Now
	}
	return base
}

// merged puts members in the place of an object's own; null takes one away. The
// members of record are merged in the same way.
func merged(t testing.TB, raw, members json.RawMessage) json.RawMessage {
	t.Helper()
	var own, more map[string]json.RawMessage
	decode(t, raw, &own)
	decode(t, members, &more)
	for name, v := range more {
		switch {
		case string(v) == "null":
			delete(own, name)
		case name == "record" && own[name] != nil:
			own[name] = merged(t, own[name], v)
		default:
			own[name] = v
		}
	}
	out, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// input builds what a verifier would know of the scene: a history whose seals
// and leaves fit, and the record with what the case holds back.
func (s scene) input(t testing.TB, c *oneCase) *rules.Input {
	t.Helper()
	b := builder{t: t}
	for i, raw := range s.Events {
		var a act
		decode(t, raw, &a)
		var files []sealedFile
		if i == 0 {
			a.Record, files = s.Record, s.Files
			a.Withhold, a.Hide = append(a.Withhold, c.Withhold...), append(a.Hide, c.Hide...)
		}
		b.add(a, files, s.Parent)
	}
	in := &rules.Input{Links: b.links, Tokens: s.Tokens, Now: s.Now, Rooted: rules.FactTrue, ParentHeld: rules.FactFalse}
	if s.Parent != nil {
		in.Rooted, in.ParentHeld = fact(s.Parent.Rooted), fact(s.Parent.Held)
	}
	var err error
	if in.Timeline, err = evidence.Fold(b.links, s.Now); err != nil {
		t.Fatalf("%s: the events are no history: %v", c.Rule, err)
	}
	return in
}

func fact(b *bool) rules.Fact {
	switch {
	case b == nil:
		return rules.FactUnknown
	case *b:
		return rules.FactTrue
	}
	return rules.FactFalse
}

func sum(name string) evidence.Hash { return sha256.Sum256([]byte(name)) }

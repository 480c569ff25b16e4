package desk

import (
	"context"
	"strings"
	"time"

	"example.org/custody/evidence"
)

// Summary is an item in one line.
type Summary struct {
	Item      evidence.ItemID    `json:"item"`
	Exhibit   string             `json:"exhibit,omitempty"`
	Case      string             `json:"case,omitempty"`
	Text      string             `json:"text,omitempty"` // object or description
	State     evidence.ItemState `json:"state"`
	Custodian string             `json:"custodian,omitempty"` // role, state, key
	Alias     string             `json:"alias,omitempty"`     // of the custodian, when an officer of this desk
	Since     time.Time          `json:"since"`               // last event
	Due       *time.Time         `json:"due,omitempty"`       // answer due, while offered
	Waiting   bool               `json:"waiting"`             // an officer of this desk has to answer
	Overdue   bool               `json:"overdue"`
	Queued    int                `json:"queued,omitempty"` // acts that are signed and wait to be logged
	Files     int                `json:"files"`
	Bytes     int64              `json:"bytes"`
	Events    int                `json:"events"`
	Holds     int                `json:"holds"`
	Damaged   string             `json:"damaged,omitempty"` // why nothing else can be said of it
}

// Filter chooses items for a list; empty members choose all.
type Filter struct {
	Case    string
	Holder  string // alias of an officer of this desk, or the beginning of a key id
	Waiting bool
	Overdue bool
}

// List summarises the items that fit.
func (s *Session) List(ctx context.Context, f Filter) ([]Summary, error) {
	ids, err := s.items(ctx)
	if err != nil {
		return nil, err
	}
	aliases, err := s.aliases()
	if err != nil {
		return nil, err
	}
	out := []Summary{}
	for _, id := range ids {
		it, err := s.Load(ctx, id)
		if err == nil && it.First().Event.Action == evidence.Enrol {
			continue
		}
		var sum Summary
		if err == nil {
			sum, err = s.summarise(it, aliases, nil)
		}
		if err != nil && ctx.Err() == nil { // one item that is damaged does not hide the others
			sum = Summary{Item: id, State: evidence.StateUnknown, Damaged: err.Error()}
		}
		if f.fits(sum) {
			out = append(out, sum)
		}
	}
	return out, nil
}

func (f Filter) fits(s Summary) bool {
	return s.Damaged != "" || (f.Case == "" || s.Case == f.Case) &&
		(f.Holder == "" || s.Alias == f.Holder || (len(f.Holder) >= 6 && hasKeyPrefix(s.Custodian, f.Holder))) &&
		(!f.Waiting || s.Waiting || s.Queued > 0) && (!f.Overdue || s.Overdue)
}

// aliases names the keys of this desk's officers.
func (s *Session) aliases() (map[evidence.KeyID]string, error) {
	names, err := s.Officers()
	if err != nil {
		return nil, err
	}
	out := map[evidence.KeyID]string{}
	for _, name := range names {
		card, err := s.CardOf(name)
		if err != nil {
			return nil, err
		}
		out[evidence.KeyID(card.Key.ID())] = name
	}
	return out, nil
}

// summarise sums an item up. each, when given, is told of every file on the way.
func (s *Session) summarise(it *Item, aliases map[evidence.KeyID]string, each func(n int, v evidence.FileValue)) (Summary, error) {
	t, err := s.Timeline(it)
	if err != nil {
		return Summary{}, err
	}
	last := it.Last().Event
	sum := Summary{Item: it.ID, State: t.State, Since: last.Recorded, Events: len(it.Entries), Holds: t.Holds, Queued: it.Waits()}
	sum.Exhibit, _ = value[string](it, "exhibit")
	sum.Case, _ = value[string](it, "case")
	if sum.Text, _ = value[string](it, "object"); sum.Text == "" {
		sum.Text, _ = value[string](it, "description")
	}
	if t.Custodian != nil {
		sum.Custodian, sum.Alias = SignerText(*t.Custodian), aliases[t.Custodian.Key]
	}
	if p := t.Pending; p != nil {
		due := p.Due
		sum.Due, sum.Overdue = &due, t.State == evidence.StateDisputed
		_, ours := aliases[p.To.Key]
		sum.Waiting = ours
	}
	err = it.First().eachFile(func(n int, v evidence.FileValue) error {
		sum.Files++
		if v.Digests != nil {
			sum.Bytes += v.Digests.Size
		}
		if each != nil {
			each(n, v)
		}
		return nil
	})
	return sum, err
}

// SignerText names a signer without naming a person: role, state, key.
func SignerText(s evidence.Signer) string {
	return string(s.Role) + " " + string(s.Authority) + " " + s.Key.String()[:12]
}

func hasKeyPrefix(custodian, prefix string) bool {
	i := len(custodian) - 12
	return i >= 0 && len(prefix) <= 12 && custodian[i:i+len(prefix)] == prefix
}

// EventSummary is one event in one line of a history.
type EventSummary struct {
	Seq      int64           `json:"seq"`
	Action   evidence.Action `json:"action"`
	From     time.Time       `json:"from"` // occurred
	To       time.Time       `json:"to"`
	Recorded time.Time       `json:"recorded"`
	Logged   *time.Time      `json:"logged,omitempty"` // when its ledger had it at the latest, by its receipt
	Signers  []string        `json:"signers"`
	Leaf     string          `json:"leaf,omitempty"`   // origin#index; absent while not logged
	Receipt  bool            `json:"receipt"`          // it is kept here; another desk hands over only those that a verdict needs
	Pending  bool            `json:"pending"`          // logged here, cosignatures missing
	Fields   map[string]any  `json:"fields,omitempty"` // the record's fields, files left out
	Step     *StepSummary    `json:"step,omitempty"`   // of a request: where it led

	Parent *evidence.Parent `json:"parent,omitempty"` // of a derived item: what it came from, and how
}

// History is an item's custody: its events, who held it when, and the doubts.
type History struct {
	Item   evidence.ItemID    `json:"item"`
	Events []EventSummary     `json:"events"`
	Time   *evidence.Timeline `json:"timeline"`
	Unread string             `json:"unread,omitempty"` // why the request that the item is cannot be read
}

// History reads an item's whole history.
func (s *Session) History(it *Item) (*History, error) {
	t, err := s.Timeline(it)
	if err != nil {
		return nil, err
	}
	h := &History{Item: it.ID, Time: t, Events: []EventSummary{}}
	for _, e := range it.Entries {
		sum, err := e.summary()
		if err != nil {
			return nil, err
		}
		if at := s.received(e); !at.IsZero() {
			sum.Logged = &at
		}
		h.Events = append(h.Events, sum)
	}
	s.addSteps(h, it)
	return h, nil
}

func (e *Entry) summary() (EventSummary, error) {
	ev := e.Event
	from, to := ev.Occurred.Reference()
	sum := EventSummary{
		Seq: ev.Seq, Action: ev.Action, From: from, To: to, Recorded: ev.Recorded,
		Receipt: e.Body.Receipt != "", Fields: map[string]any{}, Signers: []string{}, Parent: ev.Parent,
	}
	for _, who := range ev.Signers {
		sum.Signers = append(sum.Signers, SignerText(who))
	}
	if e.Body.Index != nil {
		sum.Leaf = citation(ev.Origin, *e.Body.Index)
		sum.Pending = e.Body.RecordKey != nil && !sum.Receipt
	}
	v, err := e.View()
	if err != nil {
		return sum, err
	}
	for _, entry := range v.Entries {
		if entry.Form != evidence.Shown || strings.HasPrefix(entry.Name, "file/") {
			continue
		}
		var content any
		if err := evidence.ParseCanonical(entry.Value, &content); err != nil {
			return sum, err
		}
		sum.Fields[entry.Name] = content
	}
	return sum, nil
}

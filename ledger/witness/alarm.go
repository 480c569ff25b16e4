package witness

import (
	"bytes"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// Kind says what a log was caught at (spec/leaf.md, "Alarm").
type Kind string

// The kinds of alarms. A tree that only became smaller is none: a checkpoint has
// no time, and an old one proves nothing. What a log then adds is a [Fork].
const (
	Split       Kind = "split"        // two roots of one size
	Fork        Kind = "fork"         // a tree that does not begin with an earlier one
	Form        Kind = "form"         // a leaf out of form (rule P22)
	SecondClose Kind = "second-close" // a seal closed twice (P11)
	EpochAhead  Kind = "epoch-ahead"  // an epoch that covers leaves not before it (P1)
	EpochBack   Kind = "epoch-back"   // an epoch that covers less than one before it
	EpochLink   Kind = "epoch-link"   // an epoch that does not name the one before it
	EpochRoot   Kind = "epoch-root"   // an epoch whose root is not that of what it covers
)

// Alarm is the proof that a log misbehaved, in words that the log itself signed.
// Whoever has the log's key can check it and need trust nobody ([Alarm.Verify]).
type Alarm struct {
	Kind Kind
	// Notes are the checkpoints that the proof rests on, signed by the log: two for
	// [Split] and [Fork], the smaller tree first, and one for all others.
	Notes [][]byte
	// Ranges are runs of leaves in the tree of the last note, in index order.
	Ranges []Range
	// Inserts show, for each event leaf that an [EpochRoot] covers and the epoch
	// before did not, that its seal was unbroken.
	Inserts []closed.Proof
}

// Range is a run of leaves with the proof that they stand there
// ([ledger.Checkpoint.VerifyRange]). It may be empty.
type Range struct {
	First  uint64 // index of the first leaf
	Leaves []ledger.Leaf
	Proof  []evidence.Hash
}

// Errors about alarm files.
var (
	// ErrAlarmForm reports bytes that are not an alarm in its one form.
	ErrAlarmForm = errors.New("not an alarm of spec/leaf.md in canonical JSON")
	// ErrAlarm reports an alarm that does not prove what it says.
	ErrAlarm = errors.New("alarm proves nothing")
)

const (
	alarmFormat = "custody/alarm/v1"
	// maxAlarm is room for an epoch over some 60,000 events. A log with a larger one
	// that is wrong is refused without an alarm.
	maxAlarm = 128 << 20
)

// alarmJSON has its members in the order of RFC 8785.
type alarmJSON struct {
	Format  string         `json:"format"`
	Inserts []closed.Proof `json:"inserts,omitempty"`
	Kind    Kind           `json:"kind"`
	Notes   []string       `json:"notes"`
	Ranges  []rangeJSON    `json:"ranges"`
}

type rangeJSON struct {
	First  uint64          `json:"first"`
	Leaves [][]byte        `json:"leaves"` // base64
	Proof  []evidence.Hash `json:"proof"`
}

// Marshal returns the alarm as a file.
func (a Alarm) Marshal() ([]byte, error) {
	j := alarmJSON{Format: alarmFormat, Kind: a.Kind, Inserts: a.Inserts, Notes: []string{}, Ranges: []rangeJSON{}}
	for _, n := range a.Notes {
		j.Notes = append(j.Notes, string(n))
	}
	for _, r := range a.Ranges {
		rj := rangeJSON{First: r.First, Leaves: [][]byte{}, Proof: append([]evidence.Hash{}, r.Proof...)}
		for i := range r.Leaves {
			rj.Leaves = append(rj.Leaves, r.Leaves[i][:])
		}
		j.Ranges = append(j.Ranges, rj)
	}
	b, err := evidence.Canonical(j)
	if err == nil && len(b) > maxAlarm {
		err = fmt.Errorf("%d bytes: %w", len(b), ErrAlarmForm)
	}
	return b, err
}

// ParseAlarm reads an alarm. It takes exactly what [Alarm.Marshal] writes and
// returns [ErrAlarmForm] otherwise; it verifies nothing.
func ParseAlarm(b []byte) (Alarm, error) {
	if len(b) > maxAlarm {
		return Alarm{}, fmt.Errorf("%d bytes: %w", len(b), ErrAlarmForm)
	}
	var j alarmJSON
	if err := evidence.ParseCanonical(b, &j); err != nil {
		return Alarm{}, fmt.Errorf("%w: %w", ErrAlarmForm, err)
	}
	if j.Format != alarmFormat {
		return Alarm{}, fmt.Errorf("format %.40q: %w", j.Format, ErrAlarmForm)
	}
	a := Alarm{Kind: j.Kind, Inserts: j.Inserts}
	for _, n := range j.Notes {
		a.Notes = append(a.Notes, []byte(n))
	}
	for _, r := range j.Ranges {
		leaves := make([]ledger.Leaf, len(r.Leaves))
		for i, l := range r.Leaves {
			if len(l) != ledger.LeafSize {
				return Alarm{}, fmt.Errorf("leaf of %d bytes: %w", len(l), ErrAlarmForm)
			}
			leaves[i] = ledger.Leaf(l)
		}
		a.Ranges = append(a.Ranges, Range{First: r.First, Leaves: leaves, Proof: r.Proof})
	}
	// A null in the place of a list does not survive this.
	if again, err := a.Marshal(); err != nil || !bytes.Equal(again, b) {
		return Alarm{}, fmt.Errorf("in another encoding: %w", ErrAlarmForm)
	}
	return a, nil
}

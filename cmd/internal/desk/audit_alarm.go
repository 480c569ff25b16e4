package desk

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
)

// AlarmProof is what an alarm file proves.
type AlarmProof struct {
	File   string          `json:"file"`
	Kind   witness.Kind    `json:"kind"`
	Origin evidence.Origin `json:"origin"`
	What   string          `json:"what"` // what the ledger did, in one clause
}

// ErrAlarmProves reports an alarm file that proves nothing under the keys trusted.
var ErrAlarmProves = errors.New("the alarm proves nothing")

// maxAlarmFile is above what an alarm may have.
const maxAlarmFile = 128 << 20

// CheckAlarm verifies an alarm file by the ledger's key and nothing else.
func CheckAlarm(path string, root AuditRoot) (*AlarmProof, error) {
	b, err := readLimited(path, maxAlarmFile)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, err
	}
	var a witness.Alarm
	if err == nil {
		a, err = witness.ParseAlarm(b)
	}
	if err == nil && len(a.Notes) == 0 {
		err = errors.New("it has no checkpoint")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarmProves, err)
	}
	c, err := ledger.ReadCheckpoint(a.Notes[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarmProves, err)
	}
	keys, err := root.logKeys(c.Origin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarmProves, err)
	}
	what, err := a.Verify(keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarmProves, err)
	}
	return &AlarmProof{File: path, Kind: a.Kind, Origin: c.Origin, What: what}, nil
}

// inspectAlarm looks at alarm files (spec/leaf.md, "Alarm").
func inspectAlarm(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"format":"custody/alarm/`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	a, err := witness.ParseAlarm(b)
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "alarm", "alarm: a ledger's own signed words set against each other"
	i.fact("kind", "%s", a.Kind)
	for _, n := range a.Notes {
		if c, err := ledger.ReadCheckpoint(n); err == nil {
			i.fact("ledger", "%s", c.Origin)
			i.fact("size", "%d leaves", c.Size)
		}
	}
	for _, r := range a.Ranges {
		i.fact("leaves shown", "%d from %d on", len(r.Leaves), r.First)
	}
	i.fact("sha256", "%s", hexSum(b))
	i.Note = "Nothing of it was verified: custody audit --alarm " + i.File + " does that, with the ledger's key alone."
	return true, nil
}

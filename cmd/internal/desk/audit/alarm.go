package audit

import (
	"errors"
	"fmt"

	"example.org/custody/cmd/internal/desk/input"
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

// ErrAlarm reports an alarm file that proves nothing under the keys trusted.
var ErrAlarm = errors.New("the alarm proves nothing")

// maxAlarmFile is above what an alarm may have.
const maxAlarmFile = 128 << 20

// CheckAlarm verifies an alarm file by the ledger's key and nothing else.
func CheckAlarm(path string, root Root) (*AlarmProof, error) {
	b, err := input.Read(path, maxAlarmFile)
	if err != nil && !errors.Is(err, input.ErrTooLarge) {
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
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarm, err)
	}
	c, err := ledger.ReadCheckpoint(a.Notes[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarm, err)
	}
	keys, err := root.logKeys(c.Origin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarm, err)
	}
	what, err := a.Verify(keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrAlarm, err)
	}
	return &AlarmProof{File: path, Kind: a.Kind, Origin: c.Origin, What: what}, nil
}

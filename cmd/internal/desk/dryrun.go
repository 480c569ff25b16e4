package desk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"example.org/custody/evidence"
)

// DryRun ends an act of a home whose DryRun is set, after everything was checked
// and before anything was signed or written. It is an error, so that nothing
// that comes after a signature can happen by mistake.
type DryRun struct {
	Acts []Preview
}

// Preview is one act as it would be signed.
type Preview struct {
	Item   evidence.ItemID `json:"item"`   // of a new item: with this record key; a real run draws another
	Action evidence.Action `json:"action"` //
	Seq    int64           `json:"seq"`    //
	Event  json.RawMessage `json:"event"`  // the payload's bytes; seals, salts and times are drawn anew by a real run
	SHA256 evidence.Hash   `json:"sha256"` // of these bytes
	Record []Value         `json:"record"` // what the event's record would hold
}

// Error implements error.
func (d *DryRun) Error() string {
	return fmt.Sprintf("dry run: %d acts would be signed", len(d.Acts))
}

func dryRunOf(entries []*Entry) error {
	d := &DryRun{}
	for _, e := range entries {
		if err := d.add(e); err != nil {
			return err
		}
	}
	return d
}

func (d *DryRun) add(e *Entry) error {
	payload, err := e.Event.Marshal()
	if err != nil {
		return err
	}
	d.Acts = append(d.Acts, Preview{
		Item: e.Event.Item, Action: e.Event.Action, Seq: e.Event.Seq,
		Event: payload, SHA256: sha256.Sum256(payload), Record: e.Body.Values,
	})
	return nil
}

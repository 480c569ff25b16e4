package pack

import (
	"encoding/json"
	"errors"

	"example.org/custody/evidence"
)

// shownLine and erasedLine are the two forms of a line of events.jsonl.
type shownLine struct {
	Envelope []byte         `json:"envelope"`
	Index    uint64         `json:"index"`
	Receipt  *Receipt       `json:"receipt,omitempty"`
	Record   *evidence.View `json:"record"`
	Salt     evidence.Hash  `json:"salt"`
	SealKey  evidence.Hash  `json:"seal_key"`
}

type erasedLine struct {
	Erased bool            `json:"erased"`
	Index  uint64          `json:"index"`
	Item   evidence.ItemID `json:"item"`
	Leaf   LeafBytes       `json:"leaf"`
	Seq    uint64          `json:"seq"`
}

var errNoRecord = errors.New("no record")

// MarshalJSON implements [json.Marshaler].
func (e EventLine) MarshalJSON() ([]byte, error) {
	if x := e.Erased; x != nil {
		return json.Marshal(erasedLine{true, e.Index, x.Item, LeafBytes(x.Leaf), x.Seq})
	}
	if e.Record == nil {
		return nil, errNoRecord
	}
	return json.Marshal(shownLine{e.Envelope, e.Index, e.Receipt, e.Record, e.Salt, evidence.Hash(e.SealKey)})
}

// UnmarshalJSON implements [json.Unmarshaler]. It reads either form; members
// that do not belong are found by writing the line again.
func (e *EventLine) UnmarshalJSON(b []byte) error {
	var kind struct {
		Erased bool `json:"erased"`
	}
	if err := json.Unmarshal(b, &kind); err != nil {
		return err
	}
	if kind.Erased {
		var l erasedLine
		if err := json.Unmarshal(b, &l); err != nil {
			return err
		}
		*e = EventLine{Index: l.Index, Erased: &Erased{l.Item, l.Seq, [97]byte(l.Leaf)}}
		return nil
	}
	var l shownLine
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	if l.Record == nil {
		return errNoRecord
	}
	*e = EventLine{Index: l.Index, Envelope: l.Envelope, Salt: l.Salt, SealKey: evidence.SealKey(l.SealKey), Record: l.Record, Receipt: l.Receipt}
	return nil
}

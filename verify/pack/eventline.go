package pack

import (
	"bytes"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// shownLine and erasedLine are the two forms of a line of events.jsonl; of the
// first without the record, which can be tens of megabytes and is read and
// written in its place without a second copy.
type shownLine struct {
	Envelope []byte        `json:"envelope"`
	Index    uint64        `json:"index"`
	Receipt  *Receipt      `json:"receipt,omitempty"`
	Salt     evidence.Hash `json:"salt"`
	SealKey  evidence.Hash `json:"seal_key"`
}

type erasedLine struct {
	Erased bool            `json:"erased"`
	Index  uint64          `json:"index"`
	Item   evidence.ItemID `json:"item"`
	Leaf   LeafBytes       `json:"leaf"`
	Seq    uint64          `json:"seq"`
}

// The members around the place of the record. Inside a string neither can stand:
// its quotation marks would be escaped.
var (
	memberRecord = []byte(`,"record":`)
	memberSalt   = []byte(`,"salt":"`)
)

var errNoRecord = errors.New("no record")

// encode appends the canonical form of a line, without its end.
func (e EventLine) encode(out *bytes.Buffer) error {
	if x := e.Erased; x != nil {
		b, err := evidence.Canonical(erasedLine{true, e.Index, x.Item, LeafBytes(x.Leaf), x.Seq})
		out.Write(b)
		return err
	}
	if e.Record == nil {
		return errNoRecord
	}
	b, err := evidence.Canonical(shownLine{e.Envelope, e.Index, e.Receipt, e.Salt, evidence.Hash(e.SealKey)})
	if err != nil {
		return err
	}
	at := bytes.Index(b, memberSalt)
	out.Grow(len(b) + sizeOf(e.Record))
	out.Write(b[:at])
	out.Write(memberRecord)
	if _, err := e.Record.WriteTo(out); err != nil {
		return err
	}
	out.Write(b[at:])
	return nil
}

// sizeOf returns about how many bytes a view takes: rather too many than a buffer
// that grows and is copied.
func sizeOf(v *evidence.View) (n int) {
	for i := range v.Entries {
		n += 320 // two hashes, names of members, a reason
		if e := &v.Entries[i]; e.Form == evidence.Shown {
			n += len(e.Name) + len(e.Value) - 200 // one salt
		}
	}
	return n
}

// decode reads a line in its canonical form only. The record's values alias it.
func (e *EventLine) decode(line []byte) error {
	at := bytes.Index(line, memberRecord)
	if at < 0 {
		return e.decodeErased(line)
	}
	record, rest, err := evidence.CutView(line[at+len(memberRecord):])
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(rest, memberSalt) { // the record stands in another place
		return fmt.Errorf("what follows the record: %w", evidence.ErrNotCanonical)
	}
	var l shownLine
	if err := evidence.ParseCanonical(append(bytes.Clone(line[:at]), rest...), &l); err != nil {
		return err
	}
	*e = EventLine{Index: l.Index, Envelope: l.Envelope, Salt: l.Salt, SealKey: evidence.SealKey(l.SealKey), Record: record, Receipt: l.Receipt}
	return nil
}

func (e *EventLine) decodeErased(line []byte) error {
	if bytes.HasPrefix(line, []byte(`{"envelope":`)) {
		return errNoRecord
	}
	var l erasedLine
	if err := evidence.ParseCanonical(line, &l); err != nil {
		return err
	}
	if !l.Erased {
		return fmt.Errorf("erased: %w", evidence.ErrNotCanonical)
	}
	*e = EventLine{Index: l.Index, Erased: &Erased{l.Item, l.Seq, [97]byte(l.Leaf)}}
	return nil
}

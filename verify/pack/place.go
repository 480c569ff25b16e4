package pack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/signing"
)

// place is where an event stands in events.jsonl: items in the order of
// items.jsonl, then the others by id; within one by seq.
type place struct {
	rank int // of the item in items.jsonl; past the last for the others
	item evidence.ItemID
	seq  uint64
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.rank, q.rank), bytes.Compare(p.item[:], q.item[:]), cmp.Compare(p.seq, q.seq))
}

type placer map[evidence.ItemID]int

func (d *Dossier) placer() placer {
	p := make(placer, len(d.Items))
	for i, l := range d.Items {
		if _, ok := p[l.Item]; !ok {
			p[l.Item] = i
		}
	}
	return p
}

func (p placer) of(e EventLine) (place, error) {
	item, seq, err := e.Place()
	if err != nil {
		return place{}, err
	}
	rank, ok := p[item]
	if !ok {
		rank = len(p)
	}
	return place{rank, item, seq}, nil
}

// Place returns the item that the event belongs to and its place in the item's
// history. It reads only that much; the event's form is for verify to judge. It
// returns an error when the envelope is none or says neither.
func (e EventLine) Place() (evidence.ItemID, uint64, error) {
	if e.Erased != nil {
		return e.Erased.Item, e.Erased.Seq, nil
	}
	env, err := signing.Parse(e.Envelope)
	if err != nil {
		return evidence.ItemID{}, 0, err
	}
	var p struct {
		Item *evidence.ItemID `json:"item"`
		Seq  *uint64          `json:"seq"`
	}
	if err := json.Unmarshal(env.Payload, &p); err != nil {
		return evidence.ItemID{}, 0, fmt.Errorf("payload: %w", err)
	}
	if p.Item == nil || p.Seq == nil {
		return evidence.ItemID{}, 0, fmt.Errorf("payload names no item and seq")
	}
	return *p.Item, *p.Seq, nil
}

package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
)

// erasure is what a queued disposal destroys once it is logged. It lies in the
// queue until that is done, and so knows what the bodies it destroys said.
type erasure struct {
	All    bool                 `json:"all"` // nothing of the item stays but its leaves and the disposal
	Events []erasedEvent        `json:"events"`
	Files  []evidence.FileValue `json:"files"`
	Item   evidence.ItemID      `json:"item"`
	Order  string               `json:"order"`
	Said   map[string][]string  `json:"said"` // by field of the index: what it must forget

	report *vault.Report // of this process, once it is carried out
}

type erasedEvent struct {
	Index uint64 `json:"index"` // of the leaf
	Leaf  string `json:"leaf"`  // hex
	Seq   int64  `json:"seq"`
}

// addEvent adds an event whose body goes.
func (x *erasure) addEvent(e *Entry, order string) error {
	leaf := e.Body.leaf()
	x.Events = append(x.Events, erasedEvent{Index: *e.Body.Index, Leaf: hex.EncodeToString(leaf[:]), Seq: e.Event.Seq})
	said, err := e.indexValues()
	for field, value := range said {
		x.Said[field] = append(x.Said[field], value)
	}
	return err
}

// addFiles adds the whole evidence of an item.
func (x *erasure) addFiles(it *Item) error {
	values, err := it.FileValues()
	if err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(values)) {
		if values[n].Stored != nil {
			x.Files = append(x.Files, values[n])
		}
	}
	return nil
}

// leavesOrphans refuses to destroy the one record that says where the evidence
// lies, and not the evidence.
func (x *erasure) leavesOrphans(it *Item, seqs []int64) error {
	if !slices.Contains(seqs, it.First().Event.Seq) {
		return nil
	}
	values, err := it.FileValues()
	for _, v := range values {
		if v.Stored != nil {
			return ErrEraseFiles
		}
	}
	return err
}

func (x *erasure) stubs() ([]vault.Stub, error) {
	stubs := make([]vault.Stub, len(x.Events))
	for i, e := range x.Events {
		b, err := hex.DecodeString(e.Leaf)
		if err != nil || len(b) != ledger.LeafSize {
			return nil, fmt.Errorf("queued erasure: %w", ErrBody)
		}
		stubs[i] = vault.Stub{Index: e.Index, Item: x.Item, Leaf: ledger.Leaf(b), Order: x.Order, Seq: uint64(e.Seq)}
	}
	return stubs, nil
}

// erase destroys what a logged disposal orders destroyed: bodies, evidence and
// what opens it, and what else in the home says the same. It may be repeated.
func (s *Session) erase(ctx context.Context, x *erasure) error {
	stubs, err := x.stubs()
	if err != nil {
		return err
	}
	if x.report, err = s.keeper.erase(ctx, s, stubs, x.Files); err != nil {
		return err
	}
	if err := s.dropFromIndex(x.Item, x.Said); err != nil {
		return err
	}
	if !x.All {
		return nil
	}
	_, refused, err := s.refusedOf(x.Item)
	if err != nil {
		return err
	}
	for _, path := range refused {
		if err := destroy(path); err != nil {
			return err
		}
	}
	return nil
}

// ErasureReport says what was erased, and who else had what opens it (rule P24).
type ErasureReport struct {
	Item    evidence.ItemID `json:"item"`
	Order   string          `json:"order"`
	Events  []int64         `json:"events"`  // by seq; their leaves stay
	Files   int             `json:"files"`   // of the evidence
	Objects int             `json:"objects"` // encrypted objects destroyed or written anew without it
	Kept    int             `json:"kept"`    // objects that the store must keep as ciphertext nobody here can open
	Holders []ErasureHolder `json:"holders"` // everyone for whom a key was ever wrapped
}

// ErasureHolder is one who had a key, and whether its destruction is signed for.
type ErasureHolder struct {
	Recipient string `json:"recipient"` // age recipient
	Who       string `json:"who"`       // "this desk", "recovery" or "another desk"
	Destroyed bool   `json:"destroyed"` // signed for by the disposal; else the proof is missing
}

func (s *Session) erasureReport(x *erasure) *ErasureReport {
	r := &ErasureReport{Item: x.Item, Order: x.Order, Events: []int64{}, Files: len(x.Files), Holders: []ErasureHolder{}}
	for _, e := range x.Events {
		r.Events = append(r.Events, e.Seq)
	}
	seen := map[string]bool{}
	for _, o := range x.report.Objects {
		r.Objects++
		if o.Kept {
			r.Kept++
		}
		for _, h := range o.Holders {
			if !seen[h.Recipient] {
				seen[h.Recipient] = true
				r.Holders = append(r.Holders, s.holder(h.Recipient))
			}
		}
	}
	return r
}

func (s *Session) holder(recipient string) ErasureHolder {
	h := ErasureHolder{Recipient: recipient, Who: "another desk"}
	switch recipient {
	case s.Config.Vault:
		h.Who, h.Destroyed = "this desk", true
	case s.Config.Recovery:
		h.Who, h.Destroyed = "recovery", true
	}
	return h
}

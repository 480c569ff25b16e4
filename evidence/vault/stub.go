package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// ErrErased reports what an order to erase has destroyed.
var ErrErased = errors.New("erased by order")

// Stub is what stays of an erased event (spec/vault.md "Stub", rule P7).
type Stub struct {
	Index uint64          `json:"index"` // of the leaf, in the event's ledger
	Item  evidence.ItemID `json:"item"`
	Leaf  ledger.Leaf     `json:"-"`     // as wireStub has it
	Order string          `json:"order"` // reference of the order to erase
	Seq   uint64          `json:"seq"`
}

// wireStub is a stub as it is written.
type wireStub struct {
	Stub
	Leaf string `json:"leaf"` // 194 hexadecimal digits
}

func (s Stub) wire() wireStub { return wireStub{s, hex.EncodeToString(s.Leaf[:])} }

func (w wireStub) stub() (Stub, error) {
	b, err := hex.DecodeString(w.Leaf)
	if err == nil && (len(b) != len(w.Stub.Leaf) || hex.EncodeToString(b) != w.Leaf) {
		err = errors.New("not a leaf")
	}
	copy(w.Stub.Leaf[:], b)
	return w.Stub, err
}

func parseStub(b []byte) (Stub, error) {
	var w wireStub
	if err := evidence.ParseCanonical(b, &w); err != nil {
		return Stub{}, err
	}
	return w.stub()
}

func (v *Vault) putStub(s Stub) error {
	b, err := evidence.Canonical(s.wire())
	if err != nil {
		return err
	}
	return v.putOfItem(s.Item, bodyName(s.Item, s.Seq, stubSuffix), bytesOf(b))
}

// Stubs returns the erased events of an item, ascending by number.
func (v *Vault) Stubs(ctx context.Context, id evidence.ItemID) ([]Stub, error) {
	seqs, err := v.seqs(id, stubSuffix)
	if err != nil {
		return nil, err
	}
	all := make([]Stub, len(seqs))
	for i, seq := range seqs {
		name := bodyName(id, seq, stubSuffix)
		b, err := v.unseal(name)
		if err != nil {
			return nil, err
		}
		if all[i], err = parseStub(b); err != nil || all[i].Item != id || all[i].Seq != seq {
			return nil, fmt.Errorf("%s: %w", name, errors.Join(ErrDamaged, err))
		}
	}
	return all, ctx.Err()
}

// isErased reports whether the event's stub is all that is left of it.
func (v *Vault) isErased(s Stub) (bool, error) {
	_, err := os.Lstat(v.at(bodyName(s.Item, s.Seq, stubSuffix)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = os.Lstat(v.at(bodyName(s.Item, s.Seq, bodySuffix)))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
)

const reportFormat = "custody/erasure/v1"

// Report says what an order erased, and who had held the keys (spec/vault.md
// "Erasure", rule P24).
type Report struct {
	Bodies  []Stub
	Done    *time.Time // nil until everything is done
	Format  string
	Item    evidence.ItemID
	Objects []ErasedObject
	Ordered time.Time

	marks    []mark // entries of the register to remove; none once done
	register int64  // length of the register afterwards
}

// ErasedObject is one object of which something was erased.
type ErasedObject struct {
	Erased    spans                `json:"erased"`         // of the plaintext
	Holders   []Holder             `json:"holders"`        // everyone its key was ever wrapped for
	Kept      bool                 `json:"kept,omitempty"` // the store still has the ciphertext, under retention
	Object    evidence.ObjectName  `json:"object"`         // as records know it
	Protected bool                 `json:"protected,omitempty"`
	Rewritten *evidence.ObjectName `json:"rewritten,omitempty"` // in the store: the pack without what was erased
	Stored    evidence.ObjectName  `json:"stored"`              // in the store: what was deleted
}

// wireReport is a report as it is written.
type wireReport struct {
	Bodies   []wireStub      `json:"bodies"`
	Done     *time.Time      `json:"done,omitempty"`
	Format   string          `json:"format"`
	Item     evidence.ItemID `json:"item"`
	Marks    []string        `json:"marks,omitempty"`
	Objects  []ErasedObject  `json:"objects"`
	Ordered  time.Time       `json:"ordered"`
	Register int64           `json:"register,omitempty"`
}

func reportName(dir, id string) string { return dir + "/" + id + ".age" }

func (v *Vault) putReport(dir, id string, r *Report) error {
	b, err := r.marshal()
	if err != nil {
		return err
	}
	return v.putSealed(reportName(dir, id), bytesOf(b))
}

func (r *Report) marshal() ([]byte, error) {
	w := wireReport{
		Bodies: []wireStub{}, Done: r.Done, Format: r.Format, Item: r.Item, Objects: append([]ErasedObject{}, r.Objects...), Ordered: r.Ordered,
	}
	for _, s := range r.Bodies {
		w.Bodies = append(w.Bodies, s.wire())
	}
	if r.Done == nil {
		w.Register = r.register
		for _, m := range r.marks {
			w.Marks = append(w.Marks, hex.EncodeToString(m[:]))
		}
	}
	return evidence.Canonical(w)
}

func (v *Vault) readReport(dir, id string) (*Report, error) {
	b, err := v.unseal(reportName(dir, id))
	if err != nil {
		return nil, err
	}
	r, err := parseReport(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", reportName(dir, id), ErrDamaged, err)
	}
	return r, nil
}

func parseReport(b []byte) (*Report, error) {
	var w wireReport
	if err := evidence.ParseCanonical(b, &w); err != nil {
		return nil, err
	}
	if w.Format != reportFormat {
		return nil, fmt.Errorf("format %q", w.Format)
	}
	for _, o := range w.Objects {
		if len(o.Holders) == 0 || !o.Erased.ascending() {
			return nil, errors.New("holders or erased parts")
		}
	}
	r := &Report{Done: w.Done, Format: w.Format, Item: w.Item, Objects: w.Objects, Ordered: w.Ordered, register: w.Register}
	for _, x := range w.Bodies {
		s, err := x.stub()
		if err != nil {
			return nil, err
		}
		r.Bodies = append(r.Bodies, s)
	}
	for _, text := range w.Marks {
		m, err := evidence.ParseHash(text)
		if err != nil {
			return nil, err
		}
		r.marks = append(r.marks, mark(m))
	}
	return r, nil
}

// Reports returns the reports of what was erased here, oldest first.
func (v *Vault) Reports(ctx context.Context) ([]*Report, error) {
	entries, err := os.ReadDir(v.at(erasedDir))
	if err != nil {
		return nil, err
	}
	var all []*Report
	for _, e := range entries {
		r, err := v.readReport(erasedDir, strings.TrimSuffix(e.Name(), ".age"))
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Report) int { return a.Ordered.Compare(b.Ordered) })
	return all, ctx.Err()
}

// reportOf returns the newest report about the item of an order that has nothing
// left to do, or what it was planned to be: nothing.
func (v *Vault) reportOf(ctx context.Context, planned *Report) (*Report, error) {
	all, err := v.Reports(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(all) {
		if r.Item == planned.Item {
			return r, nil
		}
	}
	planned.Done = &planned.Ordered
	return planned, nil
}

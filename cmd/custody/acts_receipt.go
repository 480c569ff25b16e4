package main

import (
	"errors"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// receiptsFormat is the file of several receipts (spec/home.md, "Receipts file").
const receiptsFormat = "custody/receipts/v1"

type receiptsFile struct {
	Format   string        `json:"format"`
	Receipts []receiptLine `json:"receipts"`
}

type receiptLine struct {
	Action   evidence.Action `json:"action"`
	Item     evidence.ItemID `json:"item"`
	Leaf     string          `json:"leaf"`      // origin#index
	LeafHash evidence.Hash   `json:"leaf_hash"` //
	Receipt  string          `json:"receipt"`   // C2SP tlog-proof
	Seq      int64           `json:"seq"`
}

// writeReceipts writes the receipts of what was done: of one act as a C2SP
// tlog-proof, which other tools read too, of several in one file.
func (r *report) writeReceipts() error {
	if r.receipt == nil || len(r.done) == 0 {
		return nil
	}
	defer r.receipt.Close()
	b, err := receiptBytes(r.done)
	if err != nil {
		return err
	}
	_, err = r.receipt.Write(b)
	if err == nil {
		err = r.receipt.Commit()
	}
	if err == nil {
		r.out.Receipt = r.receipt.Path()
	}
	return receiptProblem(err)
}

// receiptProblem says that the acts are logged although their receipts could not
// be written.
func receiptProblem(err error) error {
	if err == nil {
		return nil
	}
	return &ui.Problem{Code: ui.Explain(err).Code, What: err.Error(), Err: err,
		Means: "the acts are logged and their receipts kept at the desk; only the file was not written",
		Do:    []string{"do not repeat the act", "custody pack puts every receipt into the package"}}
}

func receiptBytes(done []desk.Done) ([]byte, error) {
	f := receiptsFile{Format: receiptsFormat, Receipts: []receiptLine{}}
	for _, d := range done {
		if d.Receipt == nil {
			continue
		}
		e := d.Entry.Event
		f.Receipts = append(f.Receipts, receiptLine{
			Action: e.Action, Item: e.Item, Leaf: d.Cite(), LeafHash: d.Entry.Leaf, Receipt: string(d.Receipt.Marshal()), Seq: e.Seq,
		})
	}
	switch len(f.Receipts) {
	case 0:
		return nil, ui.NewProblem(codePending, errors.New("cosignatures are missing"), "no receipt can be written yet")
	case 1:
		return []byte(f.Receipts[0].Receipt), nil
	}
	b, err := evidence.Canonical(f)
	return append(b, '\n'), err
}

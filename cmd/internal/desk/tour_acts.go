package desk

import (
	"context"
	"fmt"
	"os"
	"time"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
)

// seal takes the evidence into custody in AA.
func (t *tour) seal(ctx context.Context) error {
	what := "the files named"
	if len(t.Paths) == 0 {
		what = "the sample: photographs, a document, a table"
		t.Paths = []string{t.path("sample")}
		if err := writeSample(t.Paths[0]); err != nil {
			return err
		}
	}
	t.Say("seal", "AA seals "+what)
	sealed, err := t.aa.Seal(ctx, Sealing{
		Paths: t.Paths, Progress: t.Progress,
		Fields: map[string]any{"case": "TOUR-1", "exhibit": "E-1", "description": "what the tour was given", "place": "this machine"},
	})
	if err != nil {
		return err
	}
	t.out.Item = sealed.Item
	t.Say("sealed", fmt.Sprintf("item %s, leaf %s", sealed.Item.Short(), citation(sealed.Origin, sealed.Index)))
	t.item, err = t.aa.Load(ctx, sealed.Item)
	return err
}

// offer signs the offer and writes the first handoff file.
func (t *tour) offer(ctx context.Context) error {
	t.Say("offer", "AA offers it to BB's laboratory, encrypted, in one folder")
	offered, err := t.aa.Offer(ctx, Offering{
		Items: []*Item{t.item}, To: t.receiver, Due: t.aa.Now().Add(72 * time.Hour), Dir: t.path("handoff"),
		Fields: map[string]any{"reason": "examination in the other state"},
	})
	if err != nil {
		return err
	}
	t.files.offer = offered.File
	return nil
}

// accept re-reads every byte in BB and signs.
func (t *tour) accept(ctx context.Context) error {
	t.Say("accept", "BB verifies AA's proofs and every byte, and signs")
	got, err := t.bb.Receive(ctx, t.files.offer, t.Progress)
	if err != nil {
		return err
	}
	replied, err := t.bb.Reply(ctx, got, Answer{Action: evidence.Accept, Progress: t.Progress})
	if err != nil {
		return err
	}
	t.files.answer = replied.File
	return nil
}

// receipt logs the answer where it is decided, and takes the proof back.
func (t *tour) receipt(ctx context.Context) error {
	t.Say("receipt", "AA's ledger takes that signature, once; custody has passed")
	_, file, err := t.aa.LogAnswers(ctx, t.files.answer)
	if err != nil {
		return err
	}
	t.files.receipt = file
	taken, err := t.bb.TakeOver(ctx, file)
	if err != nil {
		return err
	}
	if len(taken.Accepted) != 1 {
		return fmt.Errorf("tour: %d items were taken over: %w", len(taken.Accepted), ErrAnswer)
	}
	t.item = taken.Accepted[0]
	return nil
}

// packGiven has AA pack what BB holds: AA proves its own ledger, and reads in BB's, at
// BB's node, that nothing has followed there.
func (t *tour) packGiven(ctx context.Context) error {
	t.Say("pack", "AA packs the item that BB now holds, and reads BB's ledger for it")
	given, err := t.aa.Load(ctx, t.out.Item)
	if err != nil {
		return err
	}
	t.out.Giver = t.path("package-aa.asice")
	_, err = t.aa.Pack(ctx, Packing{Items: []*Item{given}, Out: t.out.Giver, To: "a court in CC", Report: t.Report, Stamp: t.time.client(t.aa.Now), Progress: t.Progress})
	return err
}

// examine notes an examination in BB's ledger.
func (t *tour) examine(ctx context.Context) error {
	t.Say("examine", "BB examines it; the act goes into BB's ledger")
	if _, err := t.bb.Do(ctx, Act{Item: t.item, Action: evidence.Examine, Fields: map[string]any{
		"purpose": "to see whether the files open", "tools": "custody tour",
	}}); err != nil {
		return err
	}
	return t.reload(ctx)
}

func (t *tour) reload(ctx context.Context) (err error) {
	t.item, err = t.bb.Load(ctx, t.item.ID)
	return err
}

// derive makes a working copy of the smallest file an item of its own.
func (t *tour) derive(ctx context.Context) error {
	t.Say("derive", "BB makes a working copy of one file, an item of its own")
	copied, err := t.workingCopy(ctx)
	if err != nil || copied == "" {
		return err
	}
	_, child, err := t.bb.Derive(ctx, Derivation{Item: t.item, Kind: evidence.Copied, Fields: map[string]any{"reason": "working copy"}},
		Sealing{Paths: []string{copied}, Progress: t.Progress, Fields: map[string]any{"case": "TOUR-1", "exhibit": "E-1-C", "description": "working copy"}})
	if err != nil {
		return err
	}
	t.out.Copy = child.Item
	return t.reload(ctx)
}

// workingCopy takes the smallest file of the item out of the store; "" when it
// has none.
func (t *tour) workingCopy(ctx context.Context) (string, error) {
	values, err := t.item.FileValues()
	if err != nil {
		return "", err
	}
	var smallest *evidence.FileValue
	for _, v := range values {
		if v.Stored != nil && v.Kind == evidence.KindFile && (smallest == nil || less(v, *smallest)) {
			smallest = &v
		}
	}
	if smallest == nil {
		return "", nil
	}
	t.Progress.Stage("copying", smallest.Digests.Size, 1)
	r, err := t.bb.keeper.open(ctx, *smallest)
	if err != nil {
		return "", err
	}
	defer r.Close()
	if err := os.Mkdir(t.path("work"), 0o700); err != nil {
		return "", err
	}
	name := t.path("work", "copy"+extension(smallest.Path))
	_, err = copies.WriteDigested(name, progress.Reader(r, t.Progress))
	return name, err
}

// less orders files by size, then path, so that every tour takes the same one.
func less(a, b evidence.FileValue) bool {
	if a.Digests.Size != b.Digests.Size {
		return a.Digests.Size < b.Digests.Size
	}
	return a.Path < b.Path
}

// pack writes the package about both items.
func (t *tour) pack(ctx context.Context) error {
	t.Say("pack", "BB packs both for a court in CC, in one file, and has its time stamped")
	items := []*Item{t.item}
	if t.out.Copy != (evidence.ItemID{}) {
		child, err := t.bb.Load(ctx, t.out.Copy)
		if err != nil {
			return err
		}
		items = append(items, child)
	}
	t.out.Package = t.path("package.asice")
	packed, err := t.bb.Pack(ctx, Packing{Items: items, Out: t.out.Package, To: "a court", Report: t.Report, Stamp: t.time.client(t.bb.Now), Progress: t.Progress})
	t.out.Packed = packed
	return err
}

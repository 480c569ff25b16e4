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

// seal takes the evidence into custody in FR.
func (t *tour) seal(ctx context.Context) error {
	what := "the files named"
	if len(t.Paths) == 0 {
		what = "the sample: photographs, a document, a table"
		t.Paths = []string{t.path("sample")}
		if err := writeSample(t.Paths[0]); err != nil {
			return err
		}
	}
	t.Say("seal", "FR seals "+what)
	sealed, err := t.fr.Seal(ctx, Sealing{
		Paths: t.Paths, Progress: t.Progress,
		Fields: map[string]any{"case": "TOUR-1", "exhibit": "E-1", "description": "what the tour was given", "place": "this machine"},
	})
	if err != nil {
		return err
	}
	t.out.Item = sealed.Item
	t.Say("sealed", fmt.Sprintf("item %s, leaf %s", sealed.Item.Short(), citation(sealed.Origin, sealed.Index)))
	t.item, err = t.fr.Load(ctx, sealed.Item)
	return err
}

// give hands the item from FR to DE, without a request.
func (t *tour) give(ctx context.Context) (err error) {
	t.Say("offer", "FR offers it to DE's laboratory, encrypted, in one folder")
	t.item, err = t.handOver(ctx, t.fr, t.de, t.Say, Offering{
		Items: []*Item{t.item}, Dir: t.path("handoff"), Fields: map[string]any{"reason": "examination in the other state"},
	})
	return err
}

// handOver is a handoff across the border, from offer to receipt. It returns the item
// as the receiver's desk has it.
func (t *tour) handOver(ctx context.Context, from, to *touring, say func(step, detail string), o Offering) (*Item, error) {
	o.To, o.Due, o.Progress = to.card, from.Now().Add(72*time.Hour), t.Progress
	offered, err := from.Offer(ctx, o)
	if err != nil {
		return nil, err
	}
	say("accept", fmt.Sprintf("%s verifies %s's proofs and every byte, and signs", to.Config.State, from.Config.State))
	got, err := to.Receive(ctx, offered.File, t.Progress)
	if err != nil {
		return nil, err
	}
	replied, err := to.Reply(ctx, got, Answer{Action: evidence.Accept, Progress: t.Progress})
	if err != nil {
		return nil, err
	}
	say("receipt", from.Config.State+"'s ledger takes that signature, once; custody has passed")
	_, file, err := from.LogAnswers(ctx, replied.File)
	if err != nil {
		return nil, err
	}
	taken, err := to.TakeOver(ctx, file)
	if err != nil {
		return nil, err
	}
	if len(taken.Accepted) != 1 {
		return nil, fmt.Errorf("tour: %d items were taken over: %w", len(taken.Accepted), ErrAnswer)
	}
	return taken.Accepted[0], nil
}

// packGiven has FR pack what DE holds: FR proves its own ledger, and reads in DE's, at
// DE's node, that nothing has followed there.
func (t *tour) packGiven(ctx context.Context) error {
	t.Say("pack", "FR packs the item that DE now holds, and reads DE's ledger for it")
	given, err := t.fr.Load(ctx, t.out.Item)
	if err != nil {
		return err
	}
	t.out.Giver = t.path("package-fr.asice")
	_, err = t.packAt(ctx, t.fr, Packing{Items: []*Item{given}, Out: t.out.Giver, To: "a court in AT"})
	return err
}

// examine notes an examination in DE's ledger.
func (t *tour) examine(ctx context.Context) error {
	t.Say("examine", "DE examines it; the act goes into DE's ledger")
	if _, err := t.de.Do(ctx, Act{Item: t.item, Action: evidence.Examine, Fields: map[string]any{
		"purpose": "to see whether the files open", "tools": "custody tour",
	}}); err != nil {
		return err
	}
	return t.reload(ctx)
}

func (t *tour) reload(ctx context.Context) (err error) {
	t.item, err = t.de.Load(ctx, t.item.ID)
	return err
}

// derive makes a working copy of the smallest file an item of its own.
func (t *tour) derive(ctx context.Context) error {
	t.Say("derive", "DE makes a working copy of one file, an item of its own")
	copied, err := t.workingCopy(ctx)
	if err != nil || copied == "" {
		return err
	}
	_, child, err := t.de.Derive(ctx, Derivation{Item: t.item, Kind: evidence.Copied, Fields: map[string]any{"reason": "working copy"}},
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
	r, err := t.de.keeper.open(ctx, *smallest)
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
	t.Say("pack", "DE packs both for a court, in one file, and has its time stamped")
	items := []*Item{t.item}
	if t.out.Copy != (evidence.ItemID{}) {
		child, err := t.de.Load(ctx, t.out.Copy)
		if err != nil {
			return err
		}
		items = append(items, child)
	}
	t.out.Package = t.path("package.asice")
	packed, err := t.packAt(ctx, t.de, Packing{Items: items, Out: t.out.Package, To: "a court"})
	t.out.Packed = packed
	return err
}

// packAt packs at a state's desk, with its time stamped, and with what the states have
// recorded on their channel.
func (t *tour) packAt(ctx context.Context, at *touring, p Packing) (_ *Packed, err error) {
	if p.Anchors, err = t.anchored(ctx); err != nil {
		return nil, err
	}
	p.Report, p.Stamp, p.Progress = t.Report, t.time.client(at.Now), t.Progress
	return at.Pack(ctx, p)
}

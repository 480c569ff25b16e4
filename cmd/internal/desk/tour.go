package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/verify"
)

// Touring is what a tour is asked.
type Touring struct {
	Dir      string   // folder to make; must not exist or be empty
	Paths    []string // files and folders to seal; none: the sample
	Say      func(step, detail string)
	Report   func(verdict []byte) ([]byte, error) // the package's own report
	Progress Progress
}

// Toured is what a tour left in its folder.
type Toured struct {
	Dir        string          `json:"dir"`
	Package    string          `json:"package"`
	Trust      string          `json:"trust"`
	Homes      []string        `json:"homes"` // of the two desks
	Passphrase string          `json:"passphrase"`
	Secret     string          `json:"passphrase_file"`
	Item       evidence.ItemID `json:"item"`
	Copy       evidence.ItemID `json:"copy"` // derived from it
	Packed     *Packed         `json:"packed"`
}

// Tour tells the whole story on real input: two authorities in two states, each
// cosigning and auditing the other's ledger (rule P17), seal, handoff across the
// border by its files, examination, a derived copy, one package. Everything is
// what two desks on two machines would do; only the paths are near each other.
func Tour(ctx context.Context, in Touring) (out *Toured, err error) {
	if err := checkVacant(in.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(in.Dir, 0o700); err != nil {
		return nil, err
	}
	t := &tour{Touring: in, out: &Toured{Dir: in.Dir}}
	defer func() {
		if err = errors.Join(err, t.close()); err != nil {
			err = errors.Join(err, os.RemoveAll(in.Dir)) // half a story is of no use
		}
	}()
	for _, step := range []func(context.Context) error{
		t.found, t.officers, t.seal, t.offer, t.accept, t.receipt, t.examine, t.derive, t.pack,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return t.out, nil
}

// tour is a tour under way.
type tour struct {
	Touring
	out      *Toured
	aa, bb   *Created // the two desks
	item     *Item    // as the desk that holds it knows it
	receiver *keyfile.Card
	files    struct{ offer, answer, receipt string }
}

func (t *tour) path(elem ...string) string { return filepath.Join(append([]string{t.Dir}, elem...)...) }

func (t *tour) close() error {
	var errs []error
	for _, desk := range []*Created{t.aa, t.bb} {
		if desk != nil {
			errs = append(errs, desk.Close())
		}
	}
	return errors.Join(errs...)
}

// found makes the two desks and the trust list that both sign.
func (t *tour) found(ctx context.Context) (err error) {
	t.Say("found", "two states, AA and BB, each with a desk and a ledger")
	if t.aa, err = Create(ctx, CreateOptions{Dir: t.path("aa"), State: "AA"}); err != nil {
		return err
	}
	if t.bb, err = Create(ctx, CreateOptions{Dir: t.path("bb"), State: "BB"}); err != nil {
		return err
	}
	t.out.Homes = []string{t.aa.Dir, t.bb.Dir}
	if err := t.recovery(); err != nil {
		return err
	}
	if err := t.aa.UseCosigners(t.bb.path("cosigner")); err != nil {
		return err
	}
	if err := t.bb.UseCosigners(t.aa.path("cosigner")); err != nil {
		return err
	}
	note, err := Found(ctx, t.aa.Now().Truncate(time.Second), t.aa, t.bb)
	if err != nil {
		return err
	}
	t.out.Trust = t.path("trust.note")
	return files.WriteFile(t.out.Trust, note, 0o644)
}

// recovery leaves the identities that a real desk keeps on paper in a safe.
func (t *tour) recovery() error {
	for name, desk := range map[string]*Created{"aa": t.aa, "bb": t.bb} {
		file := keyfile.RecoveryFile(desk.Recovery, desk.Config.Created)
		if err := files.WriteFile(t.path("recovery-"+name+".txt"), file, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// officers gives each desk one officer, both under one passphrase for the tour.
func (t *tour) officers(ctx context.Context) error {
	t.Say("enrol", "each authority enrols an officer's key; the other state cosigns")
	t.out.Passphrase, t.out.Secret = keyfile.SuggestPassphrase(), t.path("passphrase.txt")
	if err := files.WriteFile(t.out.Secret, []byte(t.out.Passphrase+"\n"), 0o600); err != nil {
		return err
	}
	if _, err := t.aa.AddOfficer(ctx, NewOfficer{Alias: "field", Role: evidence.RoleCollector, Passphrase: t.out.Passphrase}); err != nil {
		return err
	}
	card, err := t.bb.AddOfficer(ctx, NewOfficer{Alias: "lab", Role: evidence.RoleExaminer, Passphrase: t.out.Passphrase})
	t.receiver = card
	return err
}

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
	_, err = writeDigested(name, counting{r, t.Progress})
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
	t.Say("pack", "BB packs both for a court, in one file")
	items := []*Item{t.item}
	if t.out.Copy != (evidence.ItemID{}) {
		child, err := t.bb.Load(ctx, t.out.Copy)
		if err != nil {
			return err
		}
		items = append(items, child)
	}
	t.out.Package = t.path("package.asice")
	packed, err := t.bb.Pack(ctx, Packing{Items: items, Out: t.out.Package, To: "a court", Report: t.Report, Progress: t.Progress})
	t.out.Packed = packed
	return err
}

// Check verifies what the tour packed as the court would: by the list alone.
func (t *Toured) Check(ctx context.Context) (*verify.Verdict, error) {
	root, err := GivenTrust(t.Trust)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(t.Package)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	v, _, err := verify.File(ctx, f, info.Size(), root, verify.Options{})
	return v, err
}

package desk

import (
	"context"
	"errors"
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

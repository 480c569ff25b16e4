package desk

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/inventory"
)

// asked is the form of the order in a tour, and what comes under it: about nothing that
// exists.
//
//go:embed sample/order.yaml sample/asked/*.csv
var asked embed.FS

// What the order of a tour says of itself and of its use.
const (
	tourCase    = "TOUR-2"
	tourPurpose = "prosecution"
	tourApart   = "each authority signs at its own desk" // why a step has one signature
)

// ask drafts the order in DE from its form, signs it, and hands it to FR.
func (t *tour) ask(ctx context.Context) error {
	t.Say("request", "DE asks FR for more, by a European Investigation Order: order.yaml is its form")
	form, err := t.order()
	if err != nil {
		return err
	}
	drafted, err := t.de.NewRequest(ctx, RequestDraft{
		Instrument: "eio", Form: "annex-a", To: t.fr.Config.State, Measures: []mla.Measure{"evidence-held"}, Draft: form,
		Fields: map[string]any{"case": tourCase, "exhibit": "R-1"},
	})
	if err != nil {
		return err
	}
	t.out.Request = drafted.Item
	if err := t.steps(ctx, t.de, tourStep{"ready", nil}, tourStep{"signed", nil}, tourStep{"sent", map[string]any{"channel": "direct"}}); err != nil {
		return err
	}
	t.Say("send", "it is complete, signed, and sent; it is an item, so it is handed over as one")
	return t.handRequest(ctx, t.de, t.fr, "request")
}

// order writes the form into the tour's folder, signed today, and reads it as the
// draft of a request does.
func (t *tour) order() (map[string]any, error) {
	b, err := asked.ReadFile("sample/order.yaml")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(string(b), "{{today}}", t.de.Now().UTC().Format(time.DateOnly), 1)
	if err := files.WriteFile(t.path("order.yaml"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	given, err := standards.ReadAnswers(t.path("order.yaml"))
	if err != nil {
		return nil, err
	}
	eio, err := mla.Builtin().Instrument("eio")
	if err != nil {
		return nil, err
	}
	pack, err := mla.Builtin().Pack(eio.FormFor("annex-a"))
	if err != nil {
		return nil, err
	}
	return pack.Answers(given)
}

// tourStep is a step of the request.
type tourStep struct {
	to    mla.State
	facts map[string]any
}

// steps has a state take steps of the request, one after the other.
func (t *tour) steps(ctx context.Context, at *touring, all ...tourStep) error {
	for _, one := range all {
		r, err := t.requestAt(ctx, at)
		if err != nil {
			return err
		}
		facts := map[string]any{}
		for name, v := range one.facts {
			facts[name] = v
		}
		if len(r.History) > 2 { // before it was sent a step is one side's
			facts["one-sided"] = tourApart
		}
		if _, err := at.TakeStep(ctx, RequestStep{Request: r, To: one.to, Facts: facts}); err != nil {
			return err
		}
	}
	return nil
}

// requestAt is the request as a desk has it.
func (t *tour) requestAt(ctx context.Context, at *touring) (*Request, error) {
	it, err := at.Load(ctx, t.out.Request)
	if err != nil {
		return nil, err
	}
	return at.Request(it)
}

// handRequest hands the request over: whoever has to act next holds it.
func (t *tour) handRequest(ctx context.Context, from, to *touring, dir string) error {
	it, err := from.Load(ctx, t.out.Request)
	if err != nil {
		return err
	}
	_, err = t.handOver(ctx, from, to, func(string, string) {}, Offering{Items: []*Item{it}, Dir: t.path(dir), Fields: map[string]any{}})
	return err
}

// receive has FR confirm the receipt within its deadline, and recognise the order.
func (t *tour) receive(ctx context.Context) error {
	if err := t.steps(ctx, t.fr, tourStep{"delivered", nil}); err != nil {
		return err
	}
	if err := t.sayClocks(ctx, t.fr); err != nil {
		return err
	}
	t.Say("decide", "FR confirms the receipt, recognises the order in full, and begins to carry it out")
	decision := []byte("The order R-1 of DE is recognised in full. This authority is invented.\n")
	if err := files.WriteFile(t.path("decision.txt"), decision, 0o600); err != nil {
		return err
	}
	digest := sha256.Sum256(decision)
	err := t.steps(ctx, t.fr, tourStep{"acknowledged", nil},
		tourStep{"recognised", map[string]any{"recognition": "full", "decision": "sha256:" + hex.EncodeToString(digest[:])}}, tourStep{"executing", nil})
	if err != nil {
		return err
	}
	return t.tell(ctx)
}

// tell has FR show DE how the order goes on; DE's desk follows.
func (t *tour) tell(ctx context.Context) error {
	r, err := t.requestAt(ctx, t.fr)
	if err != nil {
		return err
	}
	_, file, err := t.fr.Tell(ctx, r, t.de.card, t.path("told"), false)
	if err != nil {
		return err
	}
	got, err := t.de.Follow(ctx, file)
	if err != nil {
		return err
	}
	t.Say("tell", fmt.Sprintf("FR shows DE how it goes on; DE's desk verifies %d new events, and has the same clocks", len(got.New)))
	return nil
}

// sayClocks tells by when what has to be done.
func (t *tour) sayClocks(ctx context.Context, at *touring) error {
	r, err := t.requestAt(ctx, at)
	if err != nil {
		return err
	}
	clocks, err := r.Clocks()
	if err != nil {
		return err
	}
	for i := range clocks {
		c := &clocks[i]
		t.Say("clock", fmt.Sprintf("%s has until the end of %s to: %s (%s)", c.Place.State, c.Computed.ActBy().Day, strings.ToLower(c.Rule.Title), c.Rule.Source))
	}
	return nil
}

// answer has FR seal what was asked for, commit to its inventory, and hand it to DE
// under the order, with the limits of its use.
func (t *tour) answer(ctx context.Context) error {
	t.Say("deliver", "FR seals what was asked for, signs how much it is, and hands it over with the limits of its use")
	dir := t.path("asked")
	if err := writeAsked(dir); err != nil {
		return err
	}
	sealed, err := t.fr.Seal(ctx, Sealing{
		Paths: []string{dir}, Progress: t.Progress,
		Fields: map[string]any{"case": tourCase, "exhibit": "M-1", "description": "messages and logins of two accounts", "place": "this machine"},
	})
	if err != nil {
		return err
	}
	t.out.Answer = sealed.Item
	it, err := t.fr.Load(ctx, sealed.Item)
	if err != nil {
		return err
	}
	set, err := it.inventory()
	if err != nil {
		return err
	}
	if err := t.steps(ctx, t.fr, tourStep{"sealed-abroad", map[string]any{"inventory-count": set.Count, "inventory-root": set.Root}},
		tourStep{"transferred", map[string]any{"conditions": "none but the limits of its use"}}); err != nil {
		return err
	}
	return t.handAnswer(ctx, it)
}

// handAnswer hands over the evidence under the request, and then the request itself.
func (t *tour) handAnswer(ctx context.Context, it *Item) error {
	r, err := t.requestAt(ctx, t.fr)
	if err != nil {
		return err
	}
	_, err = t.handOver(ctx, t.fr, t.de, func(string, string) {}, Offering{
		Items: []*Item{it}, Dir: t.path("delivery"), Fields: map[string]any{},
		Under: &LimitedUnder{Request: r, Proceeding: tourCase, Purposes: []string{tourPurpose}},
	})
	if err != nil {
		return err
	}
	return t.handRequest(ctx, t.fr, t.de, "request-back")
}

// writeAsked writes what FR gives to a new folder.
func writeAsked(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	names, err := fs.Glob(asked, "sample/asked/*")
	if err != nil {
		return err
	}
	for _, name := range names {
		b, err := asked.ReadFile(name)
		if err != nil {
			return err
		}
		if err := files.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// inventory is what a delivery of the item commits to.
func (it *Item) inventory() (inventory.Commitment, error) {
	values, err := it.FileValues()
	if err != nil {
		return inventory.Commitment{}, err
	}
	var entries []inventory.Entry
	for _, v := range values {
		if v.Kind == evidence.KindFile && v.Digests != nil {
			entries = append(entries, inventory.Entry{Name: v.Path, SHA256: v.Digests.SHA256})
		}
	}
	inv, err := inventory.New(entries)
	if err != nil {
		return inventory.Commitment{}, err
	}
	return inv.Commitment(), nil
}

// verifyAnswer has DE count what came, whose every byte it has read: only what equals
// the sender's inventory is received.
func (t *tour) verifyAnswer(ctx context.Context) error {
	it, err := t.de.Load(ctx, t.out.Answer)
	if err != nil {
		return err
	}
	came, err := it.inventory()
	if err != nil {
		return err
	}
	t.Say("received", fmt.Sprintf("DE has read every byte, and counted: %d files, as FR has signed", came.Count))
	return t.steps(ctx, t.de, tourStep{"received-verified", map[string]any{"received-count": came.Count, "received-root": came.Root}})
}

// packAnswer packs what came with the request, for the use that its limits allow.
func (t *tour) packAnswer(ctx context.Context) error {
	t.Say("pack", "DE packs it with the order, for the case that it was given for: its limits allow that, and nothing else")
	var items []*Item
	for _, id := range []evidence.ItemID{t.out.Answer, t.out.Request} {
		it, err := t.de.Load(ctx, id)
		if err != nil {
			return err
		}
		items = append(items, it)
	}
	t.out.Requested = t.path("package-request.asice")
	_, err := t.packAt(ctx, t.de, Packing{
		Items: items, Out: t.out.Requested, To: "a court", Use: &mla.Use{Proceeding: tourCase, Purpose: tourPurpose},
	})
	return err
}

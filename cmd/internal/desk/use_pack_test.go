package desk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/verify/pack"
)

// A package that answers one request tells nothing of another, confidential one under
// which the item came: neither its item, nor that it was, nor its limits.
func TestPackUnderOneRequestShowsNoOther(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	drafted := func() *Request {
		done, err := s.NewRequest(t.Context(), orderTo("FR"))
		if err != nil {
			t.Fatal(err)
		}
		return s.mustRequest(t, done.Item)
	}
	other, under := drafted(), drafted()
	it := s.limited(t, "phone", limitOf(func(l *mla.Limit) { l.ID, l.Confidential = "eio/1 77 Js 1/25", true }))
	if _, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine, Fields: map[string]any{mla.FieldRequest: other.ID}}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "p.asice")
	if _, err := s.Pack(t.Context(), Packing{
		Items: []*Item{s.mustLoad(t, it.ID)}, Out: out, Use: &mla.Use{Proceeding: thisCase, Purpose: thisPurpose},
		Under: &LimitedUnder{Request: under, Proceeding: thisCase, Purposes: []string{thisPurpose}}, Report: anyReport,
	}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var items []evidence.ItemID
	for _, line := range p.Dossier.Items {
		items = append(items, line.Item)
	}
	if !slices.Contains(items, under.ID) || slices.Contains(items, other.ID) {
		t.Errorf("items %v; answered %s, other %s", items, under.ID, other.ID)
	}
	forms := map[evidence.Form]int{}
	for _, line := range p.Dossier.Events {
		if line.Record == nil {
			continue
		}
		for _, e := range line.Record.Entries {
			if e.Name == mla.FieldRequest {
				forms[e.Form]++
			}
			if bytes.Contains(e.Value, []byte(other.ID.String())) || bytes.Contains(e.Value, []byte("eio/1 77 Js 1/25")) {
				t.Errorf("%s tells of the other request: %s", e.Name, e.Value)
			}
		}
	}
	if forms[evidence.Shown] != 1 || len(forms) != 2 {
		t.Errorf("entries that name a request: %v", forms)
	}
}

// Whatever is wrong with a package is found before anything of it is logged.
func TestPackLogsLast(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(nil))
	dir := t.TempDir()
	there := filepath.Join(dir, "there.asice")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	events := len(s.mustLoad(t, it.ID).Entries)
	for name, p := range map[string]Packing{
		"a name that no record has": {Out: filepath.Join(dir, "p.asice"), Withhold: []Withhold{{EntryName: EntryName{Name: "fiel/1"}, Code: evidence.ReasonMethod, Authority: "DE", Review: "2027-01-01"}}},
		"a file that is there":      {Out: there},
		"a folder that is not":      {Out: filepath.Join(dir, "none", "p.asice")},
		"a reader of no copy":       {Out: filepath.Join(dir, "p.asice"), Readers: []ReaderOf{{EntryName: EntryName{Name: "file/7"}, Recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}}},
	} {
		p.Items, p.Use = []*Item{s.mustLoad(t, it.ID)}, &mla.Use{Proceeding: thisCase, Purpose: thisPurpose}
		p.Report = anyReport
		if _, err := s.Pack(t.Context(), p); err == nil {
			t.Errorf("%s: packed", name)
		}
		if n := len(s.mustLoad(t, it.ID).Entries); n != events {
			t.Errorf("%s: %d events, were %d", name, n, events)
		}
	}
	// A name of the record to come is one, of which the plan says that it is held back.
	p := Packing{Items: []*Item{s.mustLoad(t, it.ID)}, Out: filepath.Join(dir, "p.asice"), To: "a court", Use: &mla.Use{Proceeding: thisCase, Purpose: thisPurpose},
		Withhold: []Withhold{{EntryName: EntryName{it.ID, "note"}, Code: evidence.ReasonMethod, Authority: "DE", Review: "2027-01-01"}}, Report: anyReport}
	if plan, err := s.PlanPack(t.Context(), p); err != nil || len(plan.Withheld) != 1 || plan.Withheld[0].Name != "note" || plan.Withheld[0].Seq != int64(events) {
		t.Errorf("planned: %+v, %v", plan, err)
	}
	if _, err := s.Pack(t.Context(), p); err != nil {
		t.Error(err)
	}
	if n := len(s.mustLoad(t, it.ID).Entries); n != events+1 {
		t.Errorf("packed: %d events, were %d", n, events)
	}
}

// What no reader would take is found before anything is logged, too: the records of
// these items are more than the file for them may have.
func TestPackTooLargeLogsNothing(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	limits, err := mla.NewLimits(limitOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{"case": thisCase, mla.FieldLimits: limits.List()}
	for n := range pack.MaxEventsFile/evidence.MaxValue/2 + 1 {
		fields[fmt.Sprintf("page/%d", n+1)] = strings.Repeat("a", evidence.MaxValue-2) // and quotation marks
	}
	p := Packing{Out: filepath.Join(t.TempDir(), "p.asice"), Use: &mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, Report: anyReport}
	for _, name := range []string{"phone", "tablet"} {
		sealed, err := s.Seal(t.Context(), Sealing{Object: name, Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		p.Items = append(p.Items, s.mustLoad(t, sealed.Item))
	}
	if _, err := s.PlanPack(t.Context(), p); !errors.Is(err, pack.ErrLimit) {
		t.Errorf("planned: %v", err)
	}
	if _, err := s.Pack(t.Context(), p); !errors.Is(err, pack.ErrLimit) {
		t.Errorf("packed: %v", err)
	}
	for _, it := range p.Items {
		if n := len(s.mustLoad(t, it.ID).Entries); n != len(it.Entries) {
			t.Errorf("%d events, were %d", n, len(it.Entries))
		}
	}
}

// A plan says what the limits say of the use, here and elsewhere, and logs nothing.
func TestPlanAsksAndLogsNothing(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(func(l *mla.Limit) { l.Onward, l.Confidential = mla.Deny, true }))
	events := len(s.mustLoad(t, it.ID).Entries)
	for _, c := range []struct {
		use  mla.Use
		want mla.Decision
	}{
		{mla.Use{Proceeding: thisCase, Purpose: thisPurpose}, mla.Allow}, {mla.Use{Proceeding: "another", Purpose: thisPurpose}, mla.Ask}, {mla.Use{State: "AT"}, mla.Deny},
	} {
		plan, err := s.PlanPack(t.Context(), Packing{Items: []*Item{s.mustLoad(t, it.ID)}, Out: "p.asice", Use: &c.use})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Uses) != 1 || plan.Uses[0].Use.Decision != c.want || len(plan.Uses[0].States) != len(s.trusted.List.Logs) {
			t.Errorf("%+v: %+v", c.use, plan.Uses)
		}
		if !slices.ContainsFunc(plan.Withheld, func(h PlannedHold) bool { return h.Name == mla.FieldLimits && h.Code == evidence.ReasonScope }) {
			t.Errorf("%+v: the limits of a confidential request are not held back: %+v", c.use, plan.Withheld)
		}
	}
	if n := len(s.mustLoad(t, it.ID).Entries); n != events {
		t.Errorf("%d events, were %d", n, events)
	}
}

// Which state a receiver is of is what the pinned list proves, not what a card says.
func TestOfferBelievesNoCard(t *testing.T) {
	s, away := deskOf(t, "DE", evidence.RoleCustodian), deskOf(t, "AT", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(func(l *mla.Limit) { l.Onward, l.Never = mla.Deny, []string{"AT"} }))
	cards, err := away.cards()
	if err != nil || len(cards) == 0 {
		t.Fatal(cards, err)
	}
	for _, says := range []string{"AT", "DE"} {
		card := *cards[0]
		card.State = says
		_, err := s.Offer(t.Context(), Offering{Items: []*Item{s.mustLoad(t, it.ID)}, To: &card, Due: s.Now().Add(time.Hour), Dir: filepath.Join(t.TempDir(), "h"),
			Use: &mla.Use{State: "DE", Proceeding: thisCase, Purpose: thisPurpose}})
		if !errors.Is(err, ErrUseDenied) {
			t.Errorf("a card that says %s: %v", says, err)
		}
	}
}

// A return asks like an offer; an owner of the state gets back what is theirs.
func TestReturnAsksTheLimits(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	it := s.limited(t, "phone", limitOf(nil))
	for _, c := range []struct {
		to   evidence.Counterparty
		want error
	}{
		{evidence.Counterparty{Kind: evidence.PartyAuthority, State: "AT"}, ErrUseAsk},
		{evidence.Counterparty{Kind: evidence.PartyOwner, State: "AT"}, ErrUseAsk},
		{evidence.Counterparty{Kind: evidence.PartyPerson}, ErrUseAsk},
		{evidence.Counterparty{Kind: evidence.PartyOwner}, nil},
	} {
		_, err := s.Do(t.Context(), Act{Item: s.mustLoad(t, it.ID), Action: evidence.Return, Fields: map[string]any{"reason": "r"}, Counterparty: &c.to})
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s of %q: %v, want %v", c.to.Kind, c.to.State, err, c.want)
		}
	}
}

// Evidence whose record has entries like a request's keeps its limits.
func TestFilesAreNoRequest(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	sealed, err := s.Seal(t.Context(), Sealing{Object: "phone", Fields: map[string]any{mla.RequestEntry + "x": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if s.isRequest(s.mustLoad(t, sealed.Item)) {
		t.Error("a thing with an entry request/x is taken for a request")
	}
}

// One file more does not make limited content another: it is sealed again with words alone.
func TestSealingAgainKeepsLimits(t *testing.T) {
	s := deskOf(t, "DE", evidence.RoleCustodian)
	dir := t.TempDir()
	write := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	limits, err := mla.NewLimits(limitOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	first, more := write("first"), write("more")
	if _, err := s.Seal(t.Context(), Sealing{Paths: []string{first}, Fields: map[string]any{mla.FieldLimits: limits.List()}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Seal(t.Context(), Sealing{Paths: []string{first, more}}); !errors.Is(err, ErrAgain) {
		t.Errorf("without words: %v", err)
	}
	if _, err := s.Seal(t.Context(), Sealing{Paths: []string{first, more}, Again: "received twice"}); err != nil {
		t.Errorf("with words: %v", err)
	}
}

package matches

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/signing/keyfile"
	"example.org/custody/spec/spectest"
)

// desk is a desk with the card that others have of it.
type desk struct {
	*Desk
	card *keyfile.Card
}

func newDesk(t *testing.T, state string) desk {
	t.Helper()
	vault := must(age.GenerateX25519Identity())
	b := must(keyfile.Generate(keyfile.Card{Role: "prosecutor", Authority: "Office " + state, State: state, Alias: "ann", Vault: vault.Recipient().String()}))
	signer := must(b.Signer())
	return desk{&Desk{
		Dir: filepath.Join(t.TempDir(), "matching"), Key: evidence.KeyID(b.Card.Key.ID()), Signer: signer, Vault: vault,
		Keep: []age.Recipient{vault.Recipient()}, Now: time.Now, Random: rand.Reader,
	}, &b.Card}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

const purpose = matching.RepeatInterview

// on lets a desk compare with another one.
func (d desk) on(t *testing.T, other desk, limit int) {
	t.Helper()
	p, err := d.NewPeer(other.card, purpose, limit)
	if err == nil {
		err = d.On(p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pair are two desks that have both switched matching on.
func pair(t *testing.T) (a, b desk) {
	t.Helper()
	a, b = newDesk(t, "AA"), newDesk(t, "BB")
	a.on(t, b, matching.MaxIdentifiers)
	b.on(t, a, matching.MaxIdentifiers)
	return a, b
}

const (
	listA = "kind,names,birth,state,number,reference\nperson,\"Novák, Ann\",1980-02-29,,,KOS-1\nperson,Ann Novak,1980-02-29,,,KOS-2\nphone,,,,+32 2 555 12 34,KOS-3\n"
	listB = "reference,kind,names,birth\nX-9,person,ANN NOVAK,1980-02-29\nX-10,person,Eve Novak,1981-01-01\n"
)

func list(s string) func() ([]Held, error) {
	return func() ([]Held, error) { return ReadList(strings.NewReader(s)) }
}

// file is where a message is written.
func file(t *testing.T, name string) string { return filepath.Join(t.TempDir(), name) }

// ask and take write the message that follows to a file.
func (d desk) ask(t *testing.T, b desk, held []Held, out string) (*Outcome, error) {
	t.Helper()
	o, err := d.Ask(t.Context(), b.Key, purpose, held)
	return written(t, o, err, out)
}

func (d desk) take(t *testing.T, in string, held func() ([]Held, error), out string) (*Outcome, error) {
	t.Helper()
	o, err := d.Take(t.Context(), in, held, out != "")
	return written(t, o, err, out)
}

func written(t *testing.T, o *Outcome, err error, out string) (*Outcome, error) {
	t.Helper()
	if err == nil && o.Message != nil {
		err = os.WriteFile(out, o.Message, 0o600)
	}
	return o, err
}

func TestSession(t *testing.T) {
	a, b := pair(t)
	m := []string{file(t, "1"), file(t, "2"), file(t, "3"), file(t, "4")}
	first, err := a.ask(t, b, must(list(listA)()), m[0])
	if err != nil || first.Step != Asked || first.With != "Office BB, BB" {
		t.Fatalf("%+v, %v", first, err)
	}
	for i, step := range []struct {
		at   desk
		held func() ([]Held, error)
		out  string
		want Step
	}{{b, list(listB), m[1], Answered}, {a, nil, m[2], Shown}, {b, nil, m[3], Over}, {a, nil, "", Over}} {
		got, err := step.at.take(t, m[i], step.held, step.out)
		if err != nil || got.Step != step.want || got.Session != first.Session {
			t.Fatalf("message %d: %+v, %v", i+1, got, err)
		}
	}
	for name, c := range map[string]struct {
		at   desk
		want []Hit
	}{"a": {a, []Hit{{matching.Person, []string{"KOS-1", "KOS-2"}}}}, "b": {b, []Hit{{matching.Person, []string{"X-9"}}}}} {
		all, err := c.at.Sessions()
		if err != nil || len(all) != 1 || !reflect.DeepEqual(all[0].Hits, c.want) {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

// Nothing that identifies a person is left in the home once a session is over, and
// nothing in clear before.
func TestNothingIsKept(t *testing.T) {
	a, b := pair(t)
	one, two, three, four := file(t, "1"), file(t, "2"), file(t, "3"), file(t, "4")
	must(a.ask(t, b, must(list(listA)()), one))
	session := must(a.Sessions())[0].Session
	if raw := must(os.ReadFile(a.sessionPath(session))); bytes.Contains(raw, []byte("novak")) {
		t.Error("an identifier stands in clear in the home")
	}
	must(b.take(t, one, list(listB), two))
	must(a.take(t, two, nil, three))
	must(b.take(t, three, nil, four))
	must(a.take(t, four, nil, ""))
	for _, d := range []desk{a, b} {
		plain := must(keyfile.OpenSecret(d.sessionPath(session), secretName, d.Vault))
		for _, gone := range []string{"novak", "1980-02-29", "3225551234", "state"} {
			if bytes.Contains(plain, []byte(gone)) {
				t.Errorf("%q is kept after the session", gone)
			}
		}
	}
}

// What is kept is as the schemas say, at each step.
func TestKeptHasItsSchema(t *testing.T) {
	a, b := pair(t)
	one, two, three, four := file(t, "1"), file(t, "2"), file(t, "3"), file(t, "4")
	session := must(a.ask(t, b, must(list(listA)()), one)).Session
	check := func(d desk) {
		t.Helper()
		conforms(t, "home-matching", must(keyfile.OpenSecret(d.sessionPath(session), secretName, d.Vault)))
	}
	check(a)
	must(b.take(t, one, list(listB), two))
	check(b)
	must(a.take(t, two, nil, three))
	check(a)
	must(b.take(t, three, nil, four))
	check(b)
	conforms(t, "home-matching-peer", must(os.ReadFile(a.peerPath(b.Key, purpose))))
}

func conforms(t *testing.T, name string, doc []byte) {
	t.Helper()
	if err := spectest.Check(spectest.Schema(t, name), doc); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// A message that is taken again gives the same file again: who lost one asks for no other.
func TestTakenAgain(t *testing.T) {
	a, b := pair(t)
	one, two, again, three := file(t, "1"), file(t, "2"), file(t, "again"), file(t, "3")
	must(a.ask(t, b, must(list(listA)()), one))
	must(b.take(t, one, list(listB), two))
	if got, err := b.take(t, one, nil, again); err != nil || got.Step != Answered {
		t.Fatalf("%+v, %v", got, err)
	}
	must(a.take(t, again, nil, three))
	first, second := must(a.open(two)), must(a.open(again))
	if !bytes.Equal(first.message, second.message) {
		t.Error("another message")
	}
	if _, err := b.take(t, three, nil, ""); !errors.Is(err, ErrNeedsOut) {
		t.Errorf("without a file for what follows: %v", err)
	}
}

// The message that goes to the other side can be had again, the opening too.
func TestAgain(t *testing.T) {
	a, b := pair(t)
	first := must(a.ask(t, b, must(list(listA)()), file(t, "lost")))
	got, err := a.Again(t.Context(), first.Session)
	if err != nil {
		t.Fatal(err)
	}
	one, two, three, four := file(t, "1"), file(t, "2"), file(t, "3"), file(t, "4")
	must(written(t, got, err, one))
	must(b.take(t, one, list(listB), two))
	must(a.take(t, two, nil, three))
	must(b.take(t, three, nil, four))
	if over := must(a.take(t, four, nil, "")); len(over.Hits) != 1 || !over.Asking {
		t.Errorf("%+v", over)
	}
	if _, err := a.Again(t.Context(), first.Session); !errors.Is(err, ErrNothing) {
		t.Errorf("at the end: %v", err)
	}
	if _, err := a.Again(t.Context(), evidence.Hash{7}); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown: %v", err)
	}
}

// Whoever gives a session up, or switches matching off, keeps no identifier of it.
func TestDropped(t *testing.T) {
	a, b := pair(t)
	one, two := file(t, "1"), file(t, "2")
	session := must(a.ask(t, b, must(list(listA)()), one)).Session
	must(b.take(t, one, list(listB), two))
	if err := a.Off(b.Key, purpose); err != nil {
		t.Fatal(err)
	}
	if err := b.Drop(session); err != nil {
		t.Fatal(err)
	}
	for _, d := range []desk{a, b} {
		plain := must(keyfile.OpenSecret(d.sessionPath(session), secretName, d.Vault))
		if all := must(d.Sessions()); all[0].Step != Dropped || bytes.Contains(plain, []byte("novak")) || bytes.Contains(plain, []byte("state")) {
			t.Errorf("%s is kept:\n%s", all[0].Step, plain)
		}
	}
	a.on(t, b, matching.MaxIdentifiers)
	if _, err := a.take(t, two, nil, file(t, "3")); !errors.Is(err, ErrTaken) {
		t.Errorf("taken after it was dropped: %v", err)
	}
	if err := b.Drop(session); !errors.Is(err, ErrTaken) {
		t.Errorf("dropped twice: %v", err)
	}
}

// What cannot be read does not keep matching on, and a colleague can switch it off.
func TestOffWhateverThereIs(t *testing.T) {
	a, b := pair(t)
	session := must(a.ask(t, b, must(list(listA)()), file(t, "1"))).Session
	damaged := filepath.Join(a.Dir, "0000000000000000.age")
	if err := os.WriteFile(damaged, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	colleague := newDesk(t, "AA")
	colleague.Dir, colleague.Vault, colleague.Keep = a.Dir, a.Vault, a.Keep
	if err := colleague.Off(b.Key, purpose); err == nil || errors.Is(err, ErrOff) {
		t.Errorf("of the damaged session nothing is said: %v", err)
	}
	if err := os.Remove(damaged); err != nil {
		t.Fatal(err)
	}
	all := must(a.Sessions())
	if len(all) != 1 || all[0].Session != session || all[0].Step != Dropped || all[0].Peer != b.Key {
		t.Errorf("%+v", all)
	}
	if _, err := a.ask(t, b, nil, file(t, "2")); !errors.Is(err, ErrOff) {
		t.Errorf("asked after it was switched off: %v", err)
	}
}

// A dry run finds nothing out.
func TestDryRunShowsNoHits(t *testing.T) {
	a, b := pair(t)
	one, two, three := file(t, "1"), file(t, "2"), file(t, "3")
	must(a.ask(t, b, must(list(listA)()), one))
	must(b.take(t, one, list(listB), two))
	must(a.take(t, two, nil, three))
	b.DryRun = true
	if got := must(b.take(t, three, nil, "x")); got.Step != Answered || len(got.Hits) > 0 || got.Message != nil {
		t.Errorf("%+v", got)
	}
	b.DryRun = false
	if got := must(b.take(t, three, nil, file(t, "4"))); got.Step != Over || len(got.Hits) != 1 {
		t.Errorf("%+v", got)
	}
}

// Nothing is answered unless both have switched it on, for that purpose and that many.
func TestOff(t *testing.T) {
	a, b := newDesk(t, "AA"), newDesk(t, "BB")
	held := must(list(listA)())
	if _, err := a.ask(t, b, held, file(t, "1")); !errors.Is(err, ErrOff) {
		t.Errorf("asked: %v", err)
	}
	a.on(t, b, matching.MaxIdentifiers)
	one := file(t, "1")
	must(a.ask(t, b, held, one))
	asked := false
	spy := func() ([]Held, error) { asked = true; return nil, nil }
	if _, err := b.take(t, one, spy, file(t, "2")); !errors.Is(err, ErrOff) || asked {
		t.Errorf("answered: %v, list read %v", err, asked)
	}
	b.on(t, a, 1)
	large := file(t, "large")
	must(a.ask(t, b, append(held, many()...), large))
	if _, err := b.take(t, large, list(listB), file(t, "2")); !errors.Is(err, ErrMany) {
		t.Errorf("more than agreed: %v", err)
	}
	if err := b.Off(a.Key, purpose); err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(t, one, list(listB), file(t, "2")); !errors.Is(err, ErrOff) {
		t.Errorf("switched off again: %v", err)
	}
	if err := b.Off(a.Key, purpose); !errors.Is(err, ErrOff) {
		t.Errorf("switched off twice: %v", err)
	}
}

func many() (out []Held) {
	for n := range matching.BlockSize {
		out = append(out, Held{must(matching.NewAccount(fmt.Sprint(n))), "R"})
	}
	return out
}

// A message counts only with the signature of the desk that its session names, for the
// officer who takes it.
func TestStrangers(t *testing.T) {
	a, b := pair(t)
	mallory := newDesk(t, "MM")
	mallory.on(t, b, matching.MaxIdentifiers)
	forged := file(t, "forged")
	s := matching.Session{ID: evidence.Hash{1}, Purpose: purpose, Asking: a.Key, Answering: b.Key}
	_, opening, err := matching.Ask(rand.Reader, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(forged, must(mallory.seal(t.Context(), must(mallory.peer(b.Key, purpose)), opening)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(t, forged, list(listB), file(t, "2")); !errors.Is(err, ErrOther) {
		t.Errorf("in another's name: %v", err)
	}
	one := file(t, "1")
	must(a.ask(t, b, nil, one))
	if _, err := mallory.take(t, one, list(listB), file(t, "2")); !errors.Is(err, ErrOther) {
		t.Errorf("encrypted to another desk: %v", err)
	}
	damaged := must(os.ReadFile(one))
	damaged[len(damaged)-1] ^= 1
	if err := os.WriteFile(one, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(t, one, list(listB), file(t, "2")); !errors.Is(err, ErrFile) {
		t.Errorf("damaged: %v", err)
	}
}

func TestPeers(t *testing.T) {
	a, b := pair(t)
	if _, err := a.NewPeer(a.card, purpose, 1); !errors.Is(err, ErrOwnCard) {
		t.Errorf("itself: %v", err)
	}
	without := *b.card
	without.Vault = ""
	if _, err := a.NewPeer(&without, purpose, 1); !errors.Is(err, ErrNoPeer) {
		t.Errorf("without a vault: %v", err)
	}
	if _, err := a.NewPeer(b.card, purpose, matching.MaxIdentifiers+1); !errors.Is(err, matching.ErrCount) {
		t.Errorf("limit: %v", err)
	}
	if _, err := a.NewPeer(b.card, "curiosity", 1); !errors.Is(err, matching.ErrSession) {
		t.Errorf("purpose: %v", err)
	}
	all, err := a.Peers()
	if err != nil || len(all) != 1 || all[0].Key != b.Key || all[0].Limit != matching.MaxIdentifiers {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestReadList(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "unknown column": "kind,name\n", "column twice": "kind,kind\n", "short row": "kind,reference\nperson\n",
		"kind":      "kind,names,birth,reference\nface,Ann,1980-02-29,R\n",
		"reference": "kind,names,birth,reference\nperson,Secret Name,1980-02-29,\n",
		"birth":     "kind,names,birth,reference\nperson,Secret Name,29.2.80,R\n",
		"quote":     "kind,names,birth,reference\nperson,\"Secret Name,1980-02-29,R\n",
	} {
		_, err := ReadList(strings.NewReader(text))
		if !errors.Is(err, ErrList) || strings.Contains(err.Error(), "Secret") || strings.Contains(err.Error(), "29.2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	held, err := ReadList(strings.NewReader("\ufeff" + listA))
	if err != nil || len(held) != 3 || !slices.Equal([]string{held[0].Reference, held[2].Reference}, []string{"KOS-1", "KOS-3"}) || held[0].Identifier != held[1].Identifier {
		t.Errorf("%v, %v", held, err)
	}
}

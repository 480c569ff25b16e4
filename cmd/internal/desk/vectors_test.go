package desk

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/evidence"
	"example.org/custody/spec"
)

var update = flag.Bool("update", false, "write the vectors of the home's formats")

// vectorReaders say what the desk makes of each file that a vector of this
// package may have: the answer, and the schema that must agree with it.
var vectorReaders = map[string]struct {
	schema string
	read   func(t *testing.T, b []byte) error
}{
	"custody.json": {"home", func(t *testing.T, b []byte) error {
		dir := t.TempDir()
		noError(t, os.WriteFile(filepath.Join(dir, "custody.json"), b, 0o600))
		_, err := readConfig(dir)
		return err
	}},
	"body.json":    {"home-body", func(_ *testing.T, b []byte) error { _, err := parseBody(b); return err }},
	"offer.json":   {"handoff-offer", func(_ *testing.T, b []byte) error { return parseHandoff(b, new(offerFile)) }},
	"answer.json":  {"handoff-answer", func(_ *testing.T, b []byte) error { return parseHandoff(b, new(answerFile)) }},
	"history.json": {"handoff-history", func(_ *testing.T, b []byte) error { return parseHandoff(b, new(historyFile)) }},
	"receipt.json": {"handoff-receipt", func(_ *testing.T, b []byte) error { return parseHandoff(b, new(receiptFile)) }},
}

// answers are the errors behind "expect: fails:…".
var answers = map[string]error{"version": ErrHomeVersion, "damaged": ErrHomeDamaged, "body": ErrBody, "file": ErrHandoffFile}

func answerOf(err error) string {
	for name, want := range answers {
		if errors.Is(err, want) {
			return "fails:" + name
		}
	}
	if err != nil {
		return err.Error()
	}
	return "holds"
}

func TestVectors(t *testing.T) {
	c := schemas(t)
	names, err := fs.Glob(spec.Vectors, "vectors/ho*-*.txtar") // home-, handoff-
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(path.Base(name), ".txtar"), func(t *testing.T) {
			raw, err := spec.Vectors.ReadFile(name)
			noError(t, err)
			a := txtar.Parse(raw)
			_, want, _ := strings.Cut(string(a.Comment), "\nexpect: ")
			want = strings.TrimSpace(want)
			for _, f := range a.Files {
				reader, ok := vectorReaders[f.Name]
				if !ok {
					t.Fatalf("nothing reads %s", f.Name)
				}
				b := []byte(strings.TrimSuffix(string(f.Data), "\n"))
				if got := answerOf(reader.read(t, b)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if err := fits(t, c, reader.schema, b); want == "holds" && err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestMakeVectors writes the vectors with -update, from what a tour leaves.
func TestMakeVectors(t *testing.T) {
	if !*update {
		return
	}
	sessions, _ := toured(t)
	config, err := input.Read(sessions[0].path("custody.json"), maxSmall)
	noError(t, err)
	write := func(name, says, want, file, content string) {
		a := &txtar.Archive{Comment: []byte(says + "\n\nexpect: " + want + "\n"), Files: []txtar.File{{Name: file, Data: []byte(content + "\n")}}}
		noError(t, os.WriteFile("../../../spec/vectors/"+name+".txtar", txtar.Format(a), 0o644))
	}
	good := string(config)
	write("home-config", "What never changes about a desk's folder.", "holds", "custody.json", good)
	write("home-config-version", "A folder of a later format is not opened.", "fails:version", "custody.json", swapped(t, good, "home/v1", "home/v2"))
	write("home-config-space", "JSON that is not canonical.", "fails:damaged", "custody.json", swapped(t, good, `","`, `", "`))
	write("home-config-member", "A member that version 1 does not have.", "fails:damaged", "custody.json", swapped(t, good, `{"`, `{"about":"","`))
	write("home-config-cut", "The file ends early.", "fails:damaged", "custody.json", good[:len(good)/2])
	bodyVectors(t, sessions[0], write)
	handoffVectors(t, write)
}

// bodyVectors are the body of the collect event of the tour, and what is wrong
// with it.
func bodyVectors(t *testing.T, s *Session, write func(name, says, want, file, content string)) {
	t.Helper()
	var collect *Entry
	for _, e := range storedEntries(t, s) {
		if e.Event.Action == evidence.Collect {
			collect = e
		}
	}
	raw, err := collect.Body.marshal()
	noError(t, err)
	good, item := string(raw), collect.Event.Item.String()
	write("home-body", "The body of a collect event: own record with its key, receipt, salt.", "holds", "body.json", good)
	write("home-body-version", "A body of a later format.", "fails:body", "body.json", swapped(t, good, "body/v1", "body/v2"))
	write("home-body-item", "The body says another item than its event.", "fails:body", "body.json", swapped(t, good, `"item":"`+item, `"item":"`+strings.Repeat("0", 64)))
	write("home-body-seq", "The body says another number than its event.", "fails:body", "body.json", swapped(t, good, `"seq":0`, `"seq":1`))
	write("home-body-envelope", "The envelope is none.", "fails:body", "body.json", swapped(t, good, `"envelope":"ey`, `"envelope":"AA`))
}

// handoffVectors have fixed contents: the desk reads the form here, the dossier
// is the verifier's business.
func handoffVectors(t *testing.T, write func(name, says, want, file, content string)) {
	t.Helper()
	const (
		hash     = "0c03000000000000000000000000000000000000000000000000000000000000"
		object   = "0a0b0c0d0e0f00010203040506070809"
		identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
	)
	offer := `{"dossier":{"record/events.jsonl":"e30K"},"format":"custody/offer/v1","from":"e30=","items":[{"identities":{"` + object + `":"` + identity +
		`"},"item":"` + hash + `","next_key":"` + hash + `"}],"objects":[{"name":"` + object + `","sha256":"` + hash + `","size":1234}],"to":"` + hash + `"}`
	answer := `{"dossier":{"record/events.jsonl":"e30K"},"format":"custody/answer/v1","from":"e30=","items":[{"envelope":"e30=","item":"` + hash +
		`","record":[{"name":"condition","salt":"` + hash + `","value":"intact"}],"salt":"` + hash + `"}]}`
	receipt := `{"dossier":{"record/events.jsonl":"e30K"},"format":"custody/receipt/v1","refused":[{"item":"` + hash + `","reason":"withdrawn before"}]}`
	history := `{"dossier":{"record/events.jsonl":"e30K"},"format":"custody/history/v1","from":"e30=","item":"` + hash + `"}`
	write("handoff-offer", "One item offered, with what opens its object and closes its seal.", "holds", "offer.json", offer)
	write("handoff-offer-name", "The object's name would leave the folder.", "fails:file", "offer.json", swapped(t, offer, `"name":"`+object, `"name":"../../../../etc/passwd`))
	write("handoff-offer-space", "JSON that is not canonical.", "fails:file", "offer.json", swapped(t, offer, `","`, `", "`))
	write("handoff-offer-member", "A member that version 1 does not have.", "fails:file", "offer.json", swapped(t, offer, `{"dossier`, `{"about":"","dossier`))
	write("handoff-answer", "One item answered: envelope, record, salt.", "holds", "answer.json", answer)
	write("handoff-answer-salt", "A salt of 31 bytes.", "fails:file", "answer.json", swapped(t, answer, `"}],"salt":"0c`, `"}],"salt":"`))
	write("handoff-receipt", "The giver's ledger refused one answer and says why.", "holds", "receipt.json", receipt)
	write("handoff-receipt-cut", "The file ends early.", "fails:file", "receipt.json", receipt[:len(receipt)-9])
	write("handoff-history", "How a request goes on, for the other side's desk.", "holds", "history.json", history)
	write("handoff-history-key", "With the key of a seal: who follows a request cannot act on it.", "fails:file", "history.json", swapped(t, history, hash+`"}`, hash+`","next_key":"`+hash+`"}`))
}

func swapped(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%.200s has no %s", text, old)
	}
	return strings.Replace(text, old, with, 1)
}

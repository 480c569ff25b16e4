package matching

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudflare/circl/oprf"
	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/spec/spectest"
)

var update = flag.Bool("update", false, "write the vectors anew")

const vectorFolder = "../../../spec/vectors/"

// secretVector is one identifier of both sides, and everything that follows from it.
type secretVector struct {
	Session    Session       `json:"session"`
	Identifier Identifier    `json:"identifier"`
	Keys       [2]string     `json:"keys"`   // private, asking and answering: hexadecimal
	Values     [2]string     `json:"values"` // of the pseudo-random function under them
	Token      evidence.Hash `json:"token"`
	Claim      evidence.Hash `json:"claim"`
}

// computed fills in what follows from session, identifier and keys.
func (v secretVector) computed(t *testing.T) secretVector {
	t.Helper()
	s := side{session: v.Session}
	var both [2][]byte
	for i := range both {
		k := new(oprf.PrivateKey)
		if err := k.UnmarshalBinary(suite, must(hex.DecodeString(v.Keys[i]))); err != nil {
			t.Fatal(err)
		}
		both[i] = must(oprf.NewVerifiableServer(suite, k).FullEvaluate(v.Identifier.input(v.Session.Purpose)))
		v.Values[i] = hex.EncodeToString(both[i])
	}
	v.Token, v.Claim = s.digest("custody/match/token/v1", both), s.digest("custody/match/claim/v1", both)
	return v
}

// TestUpdate writes the vectors, with -update.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	s := Session{ID: evidence.Hash{9}, Purpose: ParallelProceedings, Asking: evidence.KeyID{1}, Answering: evidence.KeyID{2}}
	v := secretVector{Session: s, Identifier: must(NewPerson("Ánn-Mary de la Cruz", "1980-02-29"))}
	for i := range v.Keys {
		v.Keys[i] = hex.EncodeToString(must(must(oprf.DeriveKey(suite, oprf.VerifiableMode, bytes.Repeat([]byte{byte(i + 1)}, 32), nil)).MarshalBinary()))
	}
	b := must(json.MarshalIndent(v.computed(t), "", "  "))
	write(t, "match-secret", "What two sides derive of one identifier (spec/matching.md, \"Session\").", "holds", txtar.File{Name: "secret.json", Data: append(b, '\n')})
	heads := goodHeads(s)
	for i, h := range heads {
		write(t, "match-head-"+strings.Split(h.Format, "/")[2], fmt.Sprintf("Head of message %d of a session (spec/matching.md, \"Encoding\").", i+1), "holds", headFile(h))
	}
	for name, change := range badHeads {
		h := heads[0]
		why, text := change(&h, heads)
		if text == "" {
			text = string(headFile(h).Data)
		}
		write(t, "match-bad-"+name, why, "fails:match.message", txtar.File{Name: "head.json", Data: []byte(text)})
	}
}

func goodHeads(s Session) []head {
	key := must(must(oprf.DeriveKey(suite, oprf.VerifiableMode, bytes.Repeat([]byte{1}, 32), nil)).Public().MarshalBinary())
	two := 2
	return []head{
		head{Format: formatOpening, Blocks: 1, Key: key}.of(s),
		head{Format: formatAnswer, Blocks: 16, Key: key, Previous: evidence.Hash{3}}.of(s),
		head{Format: formatTokens, Previous: evidence.Hash{4}}.of(s),
		head{Format: formatHits, Previous: evidence.Hash{5}, Hits: &two}.of(s),
	}
}

func headFile(h head) txtar.File {
	return txtar.File{Name: "head.json", Data: append(must(evidence.Canonical(h)), '\n')}
}

// badHeads change a head so that it is refused, or return the bytes of one that is.
var badHeads = map[string]func(h *head, all []head) (why, text string){
	"same-side": func(h *head, _ []head) (string, string) {
		h.Answering = h.Asking
		return "Of one authority with itself.", ""
	},
	"purpose": func(h *head, _ []head) (string, string) {
		h.Purpose = "curiosity"
		return "For a purpose that is none.", ""
	},
	"no-session": func(h *head, _ []head) (string, string) { h.ID = evidence.Hash{}; return "Without a session.", "" },
	"no-blocks":  func(h *head, _ []head) (string, string) { h.Blocks = 0; return "An opening without elements.", "" },
	"many-blocks": func(h *head, _ []head) (string, string) {
		h.Blocks = 17
		return "More elements than one session compares.", ""
	},
	"previous": func(h *head, _ []head) (string, string) {
		h.Previous = evidence.Hash{1}
		return "An opening that answers something.", ""
	},
	"no-previous": func(h *head, all []head) (string, string) {
		*h = all[2]
		h.Previous = evidence.Hash{}
		return "Tokens that answer nothing.", ""
	},
	"no-key": func(h *head, _ []head) (string, string) { h.Key = nil; return "An opening without a key.", "" },
	"late-key": func(h *head, all []head) (string, string) {
		key := h.Key
		*h = all[2]
		h.Key = key
		return "Tokens with a key.", ""
	},
	"no-hits": func(h *head, all []head) (string, string) {
		*h = all[3]
		h.Hits = nil
		return "The last message without a number.", ""
	},
	"format": func(h *head, _ []head) (string, string) {
		h.Format = "custody/match/opening/v2"
		return "Of another version.", ""
	},
	"space": func(h *head, _ []head) (string, string) {
		return "Not in its one encoding.", strings.Replace(string(headFile(*h).Data), ":", ": ", 1)
	},
	"member": func(h *head, _ []head) (string, string) {
		return "With a member that is none.", strings.Replace(string(headFile(*h).Data), "{", `{"a":1,`, 1)
	},
}

func write(t *testing.T, name, comment, expect string, files ...txtar.File) {
	t.Helper()
	a := &txtar.Archive{Comment: fmt.Appendf(nil, "%s\nexpect: %s\n\n", comment, expect), Files: files}
	if err := os.WriteFile(vectorFolder+name+".txtar", txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// beyondSchema are the bad heads whose fault a schema cannot say.
var beyondSchema = map[string]bool{"match-bad-same-side": true, "match-bad-space": true}

// Heads are read, or refused, as the vectors say, by the code and by the schema.
func TestVectors(t *testing.T) {
	names, err := filepath.Glob(vectorFolder + "match-*.txtar")
	if err != nil || len(names) < 18 {
		t.Fatalf("%d vectors: %v", len(names), err)
	}
	schema := spectest.Schema(t, "match-message")
	for _, path := range names {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b := a.Files[0].Data
		if a.Files[0].Name == "secret.json" {
			var v secretVector
			if err := json.Unmarshal(b, &v); err != nil || v != v.computed(t) {
				t.Errorf("%s: %v, computed %+v", name, err, v.computed(t))
			}
			continue
		}
		holds := bytes.Contains(a.Comment, []byte("\nexpect: holds\n"))
		if got := readAny(b); (got == nil) != holds || got != nil && !errors.Is(got, ErrMessage) {
			t.Errorf("%s: %v", name, got)
		}
		if err := spectest.Check(schema, b); (err == nil) != (holds || beyondSchema[name]) {
			t.Errorf("%s: the schema says %v", name, err)
		}
	}
}

// readAny reads a head in the format that it names.
func readAny(b []byte) error {
	var h struct{ Format string }
	if err := json.Unmarshal(b, &h); err != nil {
		return ErrMessage
	}
	for _, format := range []string{formatOpening, formatAnswer, formatTokens, formatHits} {
		if h.Format == format {
			_, err := read(b, format)
			return err
		}
	}
	_, err := read(b, formatOpening)
	return err
}

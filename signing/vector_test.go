package signing_test

import (
	"encoding/base64"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/signing"
)

var update = flag.Bool("update", false, "write the vectors this package can make")

// A vector envelope-*.txtar holds
//
//	envelope.json  the envelope's bytes; the file's last line feed is not one of them
//	signers.txt    the key ids its payload names, one a line, in order
//	keys.txt       the keys a reader has: suite, space, base64 of the DER SPKI
//
// and expects the answer of [answer].
type envelopeVector struct {
	expect, why string
	envelope    []byte
	signers     []string
	keys        []string
}

func (v envelopeVector) format() []byte {
	return txtar.Format(&txtar.Archive{
		Comment: []byte("expect: " + v.expect + "\n" + v.why + "\n"),
		Files: []txtar.File{
			{Name: "envelope.json", Data: append(v.envelope[:len(v.envelope):len(v.envelope)], '\n')},
			{Name: "signers.txt", Data: []byte(strings.Join(v.signers, "\n") + "\n")},
			{Name: "keys.txt", Data: []byte(strings.Join(v.keys, "\n") + "\n")},
		},
	})
}

func parseEnvelopeVector(t *testing.T, b []byte) (v envelopeVector) {
	t.Helper()
	a := txtar.Parse(b)
	m := regexp.MustCompile(`^expect: (\S+)\n`).FindSubmatch(a.Comment)
	if m == nil || len(a.Files) != 3 {
		t.Fatalf("no expect line, or not three files")
	}
	v.expect = string(m[1])
	for _, f := range a.Files {
		body := strings.TrimSuffix(string(f.Data), "\n")
		switch f.Name {
		case "envelope.json":
			v.envelope = []byte(body)
		case "signers.txt":
			v.signers = strings.Split(body, "\n")
		case "keys.txt":
			v.keys = strings.Split(body, "\n")
		default:
			t.Fatalf("file %q", f.Name)
		}
	}
	return v
}

// answer is what a reader of the vector finds, in the order a reader looks.
func (v envelopeVector) answer(t *testing.T) string {
	t.Helper()
	e, err := signing.Parse(v.envelope)
	if err != nil {
		return name(t, err)
	}
	again, err := e.Marshal()
	if err != nil || string(again) != string(v.envelope) {
		t.Fatalf("parsed, but encodes to other bytes (%v):\n%s", err, again)
	}
	var keys []*signing.PublicKey
	for _, line := range v.keys {
		suite, b64, _ := strings.Cut(line, " ")
		spki, err := base64.StdEncoding.DecodeString(b64)
		if err != nil {
			t.Fatal(err)
		}
		k, err := signing.NewPublicKey(signing.Suite(suite), spki)
		if err != nil {
			return name(t, err)
		}
		keys = append(keys, k)
	}
	var ids []signing.KeyID
	for _, s := range v.signers {
		id, err := signing.ParseKeyID(s)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := e.CheckSigners(ids...); err != nil {
		return name(t, err)
	}
	for _, r := range e.Verify(keys...) {
		if r.Err != nil {
			return name(t, r.Err)
		}
	}
	return "holds"
}

func name(t *testing.T, err error) string {
	t.Helper()
	for _, c := range []struct {
		err  error
		name string
	}{
		{signing.ErrEncoding, "fails:encoding"},
		{signing.ErrHighS, "fails:high-s"},
		{signing.ErrSignature, "fails:signature"},
		{signing.ErrSigners, "fails:signers"},
		{signing.ErrKey, "fails:key"},
		{signing.ErrNoKey, "undecided:key"},
		{signing.ErrSuite, "undecided:suite"},
	} {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	t.Fatalf("an error callers cannot tell: %v", err)
	return ""
}

func TestVectors(t *testing.T) {
	made := makeVectors(t)
	if *update {
		for file, v := range made {
			if err := os.WriteFile("../spec/vectors/"+file, v.format(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	paths, err := filepath.Glob("../spec/vectors/envelope-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file := filepath.Base(path)
		t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if v, ok := made[file]; ok && string(v.format()) != string(b) {
				t.Error("differs from what this package makes; a released vector never changes")
			}
			delete(made, file)
			v := parseEnvelopeVector(t, b)
			if got := v.answer(t); got != v.expect {
				t.Errorf("%s, want %s", got, v.expect)
			}
		})
	}
	if len(made) > 0 {
		t.Errorf("vectors not in spec/vectors: %d (run with -update)", len(made))
	}
}

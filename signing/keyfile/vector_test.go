package keyfile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/signing"
)

// vectorFiles returns the files of a vector of spec/vectors, by name. They were
// written once, with keys nobody must trust, and never change.
func vectorFiles(t testing.TB, name string) map[string][]byte {
	t.Helper()
	b, err := os.ReadFile("../../spec/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, f := range txtar.Parse(b).Files {
		files[f.Name] = f.Data
	}
	return files
}

// TestVectors opens what an earlier version wrote; the key file has the work
// factor of real ones.
func TestVectors(t *testing.T) {
	f := vectorFiles(t, "keys-file.txtar")
	sealed, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(f["key.age.base64"]), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	b, err := unseal(sealed, strings.TrimSuffix(string(f["passphrase.txt"]), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := b.marshal(); err != nil || !bytes.Equal(plain, f["plaintext.txt"]) {
		t.Errorf("key file: %v\n%s", err, plain)
	}

	want := bytes.TrimSuffix(vectorFiles(t, "keys-card.txtar")["card.json"], []byte("\n"))
	c, err := ParseCard(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Marshal(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("card: %v\n%s", err, got)
	}
	if c.Key.ID() != b.Card.Key.ID() || c.Age != b.Card.Age {
		t.Error("card and key file are about other keys")
	}

	f = vectorFiles(t, "keys-recovery.txtar")
	for _, name := range []string{"recovery.txt", "sheet.txt"} {
		id, err := ParseRecovery(f[name])
		if err != nil || RecoverySheet(id) != string(f["sheet.txt"]) || id.Recipient().String() != c.Vault {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var update = flag.Bool("update", false, "write the vectors of what is refused")

// slip is one change to a good file that makes it a bad one.
type slip struct{ name, file, from, to, expect, says string }

var slips = []slip{
	{"card-space", "card.json", `","alias"`, `", "alias"`, "fails:card", "A space between two members: another encoding of the same meaning."},
	{"card-member-order", "card.json", `"state":"AA","suite":"ecdsa-p256-sha256"`, `"suite":"ecdsa-p256-sha256","state":"AA"`, "fails:card", "Two members in the wrong order."},
	{"card-member-unknown", "card.json", `"format"`, `"extra":1,"format"`, "fails:card", "A member that the format does not know."},
	{"card-member-twice", "card.json", `"format"`, `"age":"","format"`, "fails:card", "A member stands twice."},
	{"card-format", "card.json", `custody/card/v1`, `custody/card/v2`, "fails:card", "Another version."},
	{"card-key-id", "card.json", `"key":"f9`, `"key":"f8`, "fails:card", "The key id is not that of the key."},
	{"card-key-point", "card.json", `"spki":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE`, `"spki":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAF`, "fails:card", "The key is no point of the curve (rule P19)."},
	{"card-suite-unknown", "card.json", `ecdsa-p256-sha256`, `ecdsa-p256-sha512`, "undecided:suite", "A suite that this version does not know."},
	{"card-role", "card.json", `"role":"custodian"`, `"role":"Custodian"`, "fails:card", "A role in capitals."},
	{"card-state", "card.json", `"state":"AA"`, `"state":"A"`, "fails:card", "A state of one letter."},
	{"card-alias-empty", "card.json", `"alias":"officer 7"`, `"alias":""`, "fails:card", "No alias."},
	{"card-alias-control", "card.json", `officer 7`, `officer\u00077`, "fails:card", "A control character in the alias."},
	{"card-age-case", "card.json", `"age":"age1x30`, `"age":"AGE1X30`, "fails:card", "An age recipient in mixed case."},
	{"card-vault-checksum", "card.json", `qxdzpup"`, `qxdzpuq"`, "fails:card", "A slip in the vault's recipient."},
	{"card-enrolment-unpadded", "card.json", `YSBjYXJk"`, `YSBjYXJ"`, "fails:card", "The enrolment is not in padded base64."},

	{"file-header", "plaintext.txt", "# custody/key/v1", "# custody/key/v2", "fails:file", "A key file of another version."},
	{"file-card-of-other-key", "plaintext.txt", `"role":"custodian"`, `"role":"examiner" `, "fails:file", "The card in the key file is not in its one form."},
	{"file-identity", "plaintext.txt", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-2", "fails:file", "The age identity has a slip in it."},
	{"file-line-ends", "plaintext.txt", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\r\n", "fails:file", "A line end was rewritten."},
	{"file-key-missing", "plaintext.txt", "PRIVATE KEY", "PUBLIC KEY", "fails:file", "No private key where it belongs."},

	{"recovery-character", "sheet.txt", "2AT3 J5UG", "2AT3 J5UQ", "fails:recovery", "One character of a row is another."},
	{"recovery-characters-swapped", "sheet.txt", "2AT3 J5UG", "2A3T J5UG", "fails:recovery", "Two characters of a row have changed places."},
	{"recovery-rows-swapped", "sheet.txt", "\n2  JE9K VWRM GWTL 37Z5  9F\n3  KND8 E8KW AWZM YWYY  YQ", "\n2  KND8 E8KW AWZM YWYY  YQ\n3  JE9K VWRM GWTL 37Z5  9F", "fails:recovery", "Two rows bear each other's number."},
	{"recovery-row-missing", "sheet.txt", "\n3  KND8 E8KW AWZM YWYY  YQ", "", "fails:recovery", "A row is missing."},
	{"recovery-row-twice", "sheet.txt", "\n3  ", "\n3  KND8 E8KW AWZM YWYY  YQ\n3  ", "fails:recovery", "A row stands twice."},
	{"recovery-file-checksum", "recovery.txt", "SS5CXLF", "SS5CXLG", "fails:recovery", "The identity's own checksum is wrong."},
}

// good returns the file that a slip is made in.
func (s slip) good(t testing.TB) []byte {
	t.Helper()
	base := map[string]string{"card.json": "keys-card", "plaintext.txt": "keys-file", "sheet.txt": "keys-recovery", "recovery.txt": "keys-recovery"}[s.file]
	return vectorFiles(t, base+".txtar")[s.file]
}

// TestUpdate writes what is refused as vectors, when asked to.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	for _, s := range slips {
		good := string(s.good(t))
		if strings.Count(good, s.from) == 0 {
			t.Fatalf("%s: nothing like %q", s.name, s.from)
		}
		a := &txtar.Archive{
			Comment: []byte("expect: " + s.expect + "\n" + s.says + "\n"),
			Files:   []txtar.File{{Name: s.file, Data: []byte(strings.Replace(good, s.from, s.to, 1))}},
		}
		if err := os.WriteFile("../../spec/vectors/keys-bad-"+s.name+".txtar", txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBadVectors refuses every vector of what is no key, for its reason.
func TestBadVectors(t *testing.T) {
	names, err := filepath.Glob("../../spec/vectors/keys-bad-*.txtar")
	if err != nil || len(names) < len(slips) {
		t.Fatalf("%d vectors: %v", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		line, _, _ := strings.Cut(string(a.Comment), "\n")
		want := map[string]error{"fails:card": ErrCard, "fails:file": ErrDamaged, "fails:recovery": ErrRecovery, "undecided:suite": signing.ErrSuite}[strings.TrimPrefix(line, "expect: ")]
		if want == nil || len(a.Files) != 1 {
			t.Fatalf("%s: %s, %d files", name, line, len(a.Files))
		}
		switch f := a.Files[0]; f.Name {
		case "card.json":
			_, err = ParseCard(bytes.TrimSuffix(f.Data, []byte("\n")))
			if errors.Is(err, signing.ErrKey) {
				err = ErrCard
			}
		case "plaintext.txt":
			_, err = parseBundle(f.Data)
		case "sheet.txt", "recovery.txt":
			_, err = ParseRecovery(f.Data)
		default:
			t.Fatalf("%s: file %q", name, f.Name)
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", filepath.Base(name), err, want)
		}
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add(bytes.TrimSuffix(vectorFiles(f, "keys-card.txtar")["card.json"], []byte("\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCard(b)
		if err != nil {
			if !errors.Is(err, ErrCard) && !errors.Is(err, signing.ErrSuite) && !errors.Is(err, signing.ErrKey) {
				t.Fatal(err)
			}
			return
		}
		if again, err := c.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}

func FuzzParseRecovery(f *testing.F) {
	for _, b := range vectorFiles(f, "keys-recovery.txtar") {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := ParseRecovery(b)
		if err != nil {
			if !errors.Is(err, ErrRecovery) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseRecovery([]byte(RecoverySheet(id))); err != nil || again.String() != id.String() {
			t.Fatal(err)
		}
	})
}

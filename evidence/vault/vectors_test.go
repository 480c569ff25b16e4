package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/spec"
)

var update = flag.Bool("update", false, "write the vectors this package can make")

// vector is one spec/vectors/vault-*.txtar.
type vector struct {
	name, want string
	files      map[string][]byte
}

func vectors(t testing.TB) (all []vector) {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, "vectors/vault-*.txtar")
	if err != nil || len(names) == 0 && !*update {
		t.Fatalf("no vectors, %v", err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		v := vector{name: strings.TrimSuffix(path.Base(name), ".txtar"), files: map[string][]byte{}}
		for line := range strings.Lines(string(a.Comment)) {
			if want, ok := strings.CutPrefix(line, "expect: "); ok {
				v.want = strings.TrimSpace(want)
			}
		}
		for _, f := range a.Files {
			v.files[f.Name] = f.Data
		}
		all = append(all, v)
	}
	return all
}

// readers answer for a vector by the file in it that says what it is about.
var readers = map[string]func(*testing.T, vector) string{
	"ingest.json":  answerJournal,
	"key.txt":      answerKey,
	"stub.json":    answerStub,
	"erasure.json": answerErasure,
	"sealed.age":   answerSealed,
	"object.age":   answerObject,
	"register":     answerRegister,
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			answered := 0
			for file, answer := range readers {
				if v.files[file] == nil {
					continue
				}
				answered++
				if got := answer(t, v); got != v.want {
					t.Errorf("got %s, want %s", got, v.want)
				}
			}
			if answered != 1 {
				t.Errorf("%d readers", answered)
			}
		})
	}
}

func (v vector) line(name string) string { return strings.TrimSuffix(string(v.files[name]), "\n") }

// text returns a file of the vector that is text without its last line end,
// which txtar wants and the format has not.
func (v vector) text(name string) []byte { return []byte(v.line(name)) }

func (v vector) binary(t *testing.T, name string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(v.files[name]), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer compares what the schema and the parser say.
func answer(t *testing.T, schema string, b []byte, err error) string {
	t.Helper()
	doc, parseErr := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if parseErr == nil {
		parseErr = compile(t, schema).Validate(doc)
	}
	if parseErr != nil && err == nil {
		t.Errorf("the schema refuses what the program takes: %v", parseErr)
	}
	if err == nil {
		return "holds"
	}
	return "fails:" + strings.Replace(schema, "-", ".", 1)
}

func compile(t *testing.T, format string) *jsonschema.Schema {
	t.Helper()
	name := "schema/" + format + ".schema.json"
	b, err := spec.Schemas.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func answerJournal(t *testing.T, v vector) string {
	b := v.text("ingest.json")
	j, err := parseJournal(b)
	if err == nil {
		var names []string
		for i := range j.Names {
			names = append(names, j.name(i).String())
		}
		if got := strings.Join(names, "\n"); got != v.line("names") {
			t.Errorf("names\n%s\nwant\n%s", got, v.line("names"))
		}
	}
	return answer(t, "vault-ingest", b, err)
}

func answerKey(t *testing.T, v vector) string {
	k, err := parseKey(v.files["key.txt"])
	if err == nil {
		if again, err := k.marshal(); err != nil || !bytes.Equal(again, v.files["key.txt"]) {
			t.Errorf("written again: %s, %v", again, err)
		}
		if _, err := age.ParseIdentities(bytes.NewReader(v.files["key.txt"])); err != nil {
			t.Errorf("age does not read it: %v", err)
		}
	}
	comment, _, _ := strings.Cut(v.line("key.txt"), "\n")
	return answer(t, "vault-key", []byte(strings.TrimPrefix(comment, "# ")), err)
}

func answerStub(t *testing.T, v vector) string {
	s, err := parseStub(v.text("stub.json"))
	if err == nil {
		if again, err := evidence.Canonical(s.wire()); err != nil || !bytes.Equal(again, v.text("stub.json")) {
			t.Errorf("written again: %s, %v", again, err)
		}
	}
	return answer(t, "vault-stub", v.text("stub.json"), err)
}

func answerErasure(t *testing.T, v vector) string {
	r, err := parseReport(v.text("erasure.json"))
	if err == nil {
		if again, err := r.marshal(); err != nil || !bytes.Equal(again, v.text("erasure.json")) {
			t.Errorf("written again: %s, %v", again, err)
		}
	}
	return answer(t, "vault-erasure", v.text("erasure.json"), err)
}

// answerSealed opens a sealed file at the place that the vector names.
func answerSealed(t *testing.T, v vector) string {
	id, err := age.ParseX25519Identity(v.line("identity"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := &Vault{path: t.TempDir(), options: Options{Identity: id}}
	place := v.line("place")
	if err := os.MkdirAll(filepath.Dir(sealed.at(place)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sealed.at(place), v.binary(t, "sealed.age"), 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := sealed.unseal(place)
	if err != nil {
		return "fails:vault.sealed"
	}
	if string(content) != v.line("content") {
		t.Errorf("content %q", content)
	}
	return "holds"
}

// answerObject takes an object in and reads the files that are said to be in it.
func answerObject(t *testing.T, v vector) string {
	made := newVault(t)
	var announced Encrypted
	if err := evidence.ParseCanonical(v.text("announced.json"), &announced); err != nil {
		t.Fatal(err)
	}
	var values []evidence.FileValue
	if err := evidence.ParseCanonical(v.text("files.json"), &values); err != nil {
		t.Fatal(err)
	}
	name := values[0].Stored.Object
	if err := made.Adopt(t.Context(), name, announced, v.line("identity"), bytes.NewReader(v.binary(t, "object.age"))); err != nil {
		return "fails:vault.object"
	}
	for _, f := range values {
		digests, err := made.Digest(t.Context(), f, nil)
		if err != nil || f.Digests.Check(digests) != nil {
			return "fails:vault.file"
		}
	}
	return "holds"
}

// answerRegister asks whether one of the files was sealed before.
func answerRegister(t *testing.T, v vector) string {
	made := newVault(t)
	if _, err := hex.Decode(made.registerKey[:], v.text("register.key")); err != nil {
		t.Fatal(err)
	}
	register, err := hex.DecodeString(strings.ReplaceAll(string(v.files["register"]), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(made.at(registerFile), register, 0o600); err != nil {
		t.Fatal(err)
	}
	var values []evidence.FileValue
	if err := evidence.ParseCanonical(v.text("files.json"), &values); err != nil {
		t.Fatal(err)
	}
	earlier, err := made.Earlier(values)
	if err != nil {
		t.Fatal(err)
	}
	if earlier > 0 {
		return "fails:vault.register"
	}
	return "holds"
}

func newVault(t *testing.T) *Vault {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := store.Create(dir+"/store", durable.Files{}); err != nil {
		t.Fatal(err)
	}
	objects, err := store.Open(dir+"/store", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(dir+"/vault", durable.Files{}); err != nil {
		t.Fatal(err)
	}
	v, err := Open(t.Context(), dir+"/vault", Options{Store: objects, Identity: id, Recipients: []*age.X25519Recipient{id.Recipient()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close(); objects.Close() })
	return v
}

// encryptTo is what age writes for one recipient.
func encryptTo(t *testing.T, id *age.X25519Identity, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// made is a vector before it is written: its files in order, name and content
// taking turns.
type made struct {
	name, comment, want string
	files               []string
}

// TestMakeVectors writes the vectors with -update; without it there is nothing
// to make, and it checks that every one it could make is there.
func TestMakeVectors(t *testing.T) {
	there := map[string]bool{}
	for _, v := range vectors(t) {
		there[v.name] = true
	}
	for _, m := range append(textVectors(t), binaryVectors(t)...) {
		if *update {
			writeVector(t, m)
		} else if !there["vault-"+m.name] {
			t.Errorf("vault-%s is missing: run with -update", m.name)
		}
	}
}

func writeVector(t *testing.T, m made) {
	t.Helper()
	a := &txtar.Archive{Comment: []byte(m.comment + "\n\nexpect: " + m.want + "\n")}
	for i := 0; i < len(m.files); i += 2 {
		a.Files = append(a.Files, txtar.File{Name: m.files[i], Data: []byte(m.files[i+1] + "\n")})
	}
	if err := os.WriteFile("../../spec/vectors/vault-"+m.name+".txtar", txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	fixedIdentity  = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
	fixedRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
)

func canonical(t *testing.T, v any) string {
	t.Helper()
	b, err := evidence.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// swap replaces the first old of a text that has one.
func swap(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %q", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// textVectors makes those whose bytes follow from their tables.
func textVectors(t *testing.T) []made {
	t.Helper()
	moment := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	holders := []Holder{{fixedRecipient, moment}, {fixedRecipient, moment.Add(time.Hour)}}
	name, other := evidence.ObjectName{0x0a, 1}, evidence.ObjectName{0x0b, 2}
	item := evidence.ItemID{0x0c, 3}

	j := &journal{Format: journalFormat, Names: 3, Register: 64, Seed: evidence.Hash{1, 2, 3}}
	var names []string
	for i := range j.Names {
		names = append(names, j.name(i).String())
	}
	ingest := canonical(t, j)

	k := &key{Holders: holders, Object: name, SHA256: evidence.Hash{4}, Size: 5000}
	k.identity, _ = age.ParseX25519Identity(fixedIdentity)
	plainKey, err := k.marshal()
	if err != nil {
		t.Fatal(err)
	}
	k.Object, k.Protected, k.Erased = other, true, spans{{100, 0}, {50, 200}}
	erasedKey, err := k.marshal()
	if err != nil {
		t.Fatal(err)
	}
	keyText := strings.TrimSuffix(string(erasedKey), "\n")

	stub := Stub{Index: 12, Item: item, Leaf: ledger.Leaf{1, 0xaa, 96: 0xbb}, Order: "order 5/2026", Seq: 3}
	stubText := canonical(t, stub.wire())

	r := &Report{Format: reportFormat, Item: item, Ordered: moment, Bodies: []Stub{stub}, register: 96, marks: []mark{{7}}, Objects: []ErasedObject{
		{Erased: spans{{100, 0}}, Holders: holders, Object: name, Rewritten: &other, Stored: name},
		{Erased: spans{{5000, 0}}, Holders: holders[:1], Kept: true, Object: other, Protected: true, Stored: other},
	}}
	ordered, err := r.marshal()
	if err != nil {
		t.Fatal(err)
	}
	later := moment.Add(time.Minute)
	r.Done = &later
	done, err := r.marshal()
	if err != nil {
		t.Fatal(err)
	}
	report := string(done)

	return []made{
		{"ingest", "The journal of a sealing, and every name its objects can have.", "holds", []string{"ingest.json", ingest, "names", strings.Join(names, "\n")}},
		{"ingest-format", "A journal of a later version.", "fails:vault.ingest", []string{"ingest.json", swap(t, ingest, "ingest/v1", "ingest/v2")}},
		{"ingest-cut", "A journal that was cut.", "fails:vault.ingest", []string{"ingest.json", ingest[:len(ingest)-1]}},
		{"ingest-register", "A register that ends inside an entry.", "fails:vault.ingest", []string{"ingest.json", swap(t, ingest, `"register":64`, `"register":63`)}},
		{"key", "A key for two holders. Without its comment it is what age-keygen writes.", "holds", []string{"key.txt", strings.TrimSuffix(string(plainKey), "\n")}},
		{"key-erased", "The key of a pack that was written anew: it is in another object, with zeros in two places. Every holder is named (rule P24).", "holds", []string{"key.txt", keyText}},
		{"key-holders", "A key without holders: an erasure could name nobody (rule P24).", "fails:vault.key", []string{"key.txt", swap(t, keyText, canonical(t, holders), "[]")}},
		{"key-overlap", "Erased places that touch are one.", "fails:vault.key", []string{"key.txt", swap(t, keyText, `"offset":200`, `"offset":100`)}},
		{"key-comment", "An identity that does not say what it opens.", "fails:vault.key", []string{"key.txt", fixedIdentity}},
		{"key-identity", "One character of the identity is another.", "fails:vault.key", []string{"key.txt", swap(t, keyText, "GFPYYSJZ", "GFPYYSJX")}},
		{"key-space", "The same key with a space in it: another encoding is refused.", "fails:vault.key", []string{"key.txt", swap(t, keyText, ":", ": ")}},
		{"stub", "What stays of an erased event: its leaf, where it is, and who ordered it (rule P7).", "holds", []string{"stub.json", stubText}},
		{"stub-leaf", "A leaf of 96 bytes (rule P7).", "fails:vault.stub", []string{"stub.json", swap(t, stubText, "bb\"", "\"")}},
		{"stub-no-order", "Nobody ordered it (rule P7).", "fails:vault.stub", []string{"stub.json", swap(t, stubText, `"order":"order 5/2026",`, "")}},
		{"erasure-ordered", "An order that is not carried out: it still has the entries to take from the register.", "holds", []string{"erasure.json", string(ordered)}},
		{"erasure-done", "A report: one pack written anew, one object kept under retention; everyone who ever held a key is named (rules P7, P24).", "holds", []string{"erasure.json", report}},
		{"erasure-holders", "An object whose holders are not named (rule P24).", "fails:vault.erasure", []string{"erasure.json", swap(t, report, canonical(t, holders), "[]")}},
		{"erasure-format", "A report of a later version.", "fails:vault.erasure", []string{"erasure.json", swap(t, report, "erasure/v1", "erasure/v2")}},
		{"erasure-stub", "A stub whose leaf is cut.", "fails:vault.erasure", []string{"erasure.json", swap(t, report, "bb\"", "\"")}},
		registerVector(t, "register", "Content that was not sealed before, one in the register having another size: nobody need give a reason (rule P25).", "holds", 1),
		registerVector(t, "register-again", "The same content as an entry of the register: a reason is asked for (rule P25).", "fails:vault.register", 0),
	}
}

// registerVector has an entry for content whose size differs by that much.
func registerVector(t *testing.T, name, comment, want string, differ int64) made {
	t.Helper()
	d := evidence.DigestBytes([]byte("content"), evidence.WithSHA256)
	values := []evidence.FileValue{{Kind: evidence.KindFile, Path: "a", Mode: "0644", Digests: &d}}
	before := d
	before.Size += differ
	v := &Vault{registerKey: [32]byte{1, 2, 3}}
	m, _ := v.mark(evidence.FileValue{Digests: &before})
	return made{name, comment, want, []string{
		"register.key", hex.EncodeToString(v.registerKey[:]), "register", hex.EncodeToString(m[:]), "files.json", canonical(t, values),
	}}
}

// binaryVectors makes those with age files, which are others each time.
func binaryVectors(t *testing.T) []made {
	t.Helper()
	id, err := age.ParseX25519Identity(fixedIdentity)
	if err != nil {
		t.Fatal(err)
	}
	place := "bodies/" + evidence.ItemID{0x0c, 3}.String() + "/0.age"
	sealed := encryptTo(t, id, []byte(sealedPrefix+place+"\n"+`{"seq":0}`))
	file := func(b []byte) string { return wrapped(b) }
	seal := func(name, comment, want, place string, b []byte) made {
		return made{"sealed" + name, comment, want, []string{"identity", fixedIdentity, "place", place, "sealed.age", file(b), "content", `{"seq":0}`}}
	}
	all := []made{
		seal("", "A body in its place.", "holds", place, sealed),
		seal("-misplaced", "The body of event 0 in the place of event 1.", "fails:vault.sealed", swap(t, place, "/0.age", "/1.age"), sealed),
		seal("-cut", "One byte is missing.", "fails:vault.sealed", place, sealed[:len(sealed)-1]),
		seal("-header", "No first line.", "fails:vault.sealed", place, encryptTo(t, id, []byte(`{"seq":0}`))),
	}
	return append(all, objectVectors(t, id)...)
}

func objectVectors(t *testing.T, id *age.X25519Identity) []made {
	t.Helper()
	parts := [][]byte{[]byte("the first file"), {}, []byte("the second, behind an empty one")}
	object := encryptTo(t, id, bytes.Join(parts, nil))
	name, offset := evidence.ObjectName{0x0a, 1}, int64(0)
	var values []evidence.FileValue
	for i, part := range parts {
		d, at, length := evidence.DigestBytes(part, evidence.WithSHA256), offset, int64(len(part))
		values = append(values, evidence.FileValue{
			Kind: evidence.KindFile, Path: string(rune('a' + i)), Mode: "0644", Digests: &d,
			Stored: &evidence.Stored{Object: name, Offset: &at, Length: &length, SHA256: sha256.Sum256(object)},
		})
		offset += length
	}
	files := canonical(t, values)
	announced := canonical(t, Encrypted{sha256.Sum256(object), int64(len(object))})
	pack := func(suffix, comment, want, identity, announced string, b []byte, files string) made {
		return made{"object" + suffix, comment, want, []string{"identity", identity, "announced.json", announced, "object.age", wrapped(b), "files.json", files}}
	}
	flipped := bytes.Clone(object)
	flipped[len(flipped)/2] ^= 1
	return []made{
		pack("", "A pack of three files, the second one empty.", "holds", fixedIdentity, announced, object, files),
		pack("-flipped", "One bit of the object is another.", "fails:vault.object", fixedIdentity, announced, flipped, files),
		pack("-identity", "The identity of another object.", "fails:vault.object", freshIdentity(t), announced, object, files),
		pack("-place", "A record that names a place behind the pack's end.", "fails:vault.file", fixedIdentity, announced, object, swap(t, files, `"offset":14`, `"offset":50`)),
		pack("-neighbour", "A record that names the place of a neighbour: the digests differ (rule P6).", "fails:vault.file", fixedIdentity, announced, object,
			swap(t, files, `"offset":0`, `"offset":1`)),
	}
}

func freshIdentity(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// wrapped is base64 in lines.
func wrapped(b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	var lines []string
	for len(text) > 100 {
		lines, text = append(lines, text[:100]), text[100:]
	}
	return strings.Join(append(lines, text), "\n")
}

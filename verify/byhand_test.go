package verify_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// bench is a folder in which a package was unzipped, and someone at it with a
// shell and the recipes of a verdict.
type bench struct {
	t       *testing.T
	dir     string
	recipes [11]string
}

// does runs a command that stands in the recipe of question q, with the words in
// capitals replaced, and returns the first word that it prints.
func (b *bench) does(q int, command string, values ...string) string {
	b.t.Helper()
	if !strings.Contains(b.recipes[q], command) {
		b.t.Fatalf("the recipe of question %d does not say: %s", q, command)
	}
	out, err := exec.Command("bash", "-euo", "pipefail", "-c", "cd "+b.dir+"; "+strings.NewReplacer(values...).Replace(command)).CombinedOutput()
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	word, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return word
}

func (b *bench) write(name string, content []byte) {
	b.t.Helper()
	name = filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

const join = `(printf '\001'; printf LEFT | xxd -r -p; printf RIGHT | xxd -r -p) | sha256sum`

// Every command of the recipes, run on a package, gives what the package says.
func TestByHand(t *testing.T) {
	s := newStage(verifytest.Config{})
	files := []verifytest.File{{Path: "a.txt", Content: []byte("the first\n")}, {Path: "b.bin", Content: bytes.Repeat([]byte("0123456789abcdef"), 90_000)}}
	s.item = s.ann.Collect(verifytest.Record{Files: files})
	s.item.Offer(s.ann, s.bob)
	s.item.Accept(s.bob)
	s.examine(s.bob) // so that the map of BB has more than one seal
	container := s.w.Package(verifytest.Packing{By: s.bob, Items: []*verifytest.Item{s.item}, Files: [][]verifytest.File{files}})
	v, p, err := verify.File(t.Context(), bytes.NewReader(container), int64(len(container)), s.w.Trust(), verify.Options{})
	if err != nil || v.Exit != verify.ExitHolds {
		t.Fatalf("%v %v", v, err)
	}
	b := &bench{t: t, dir: t.TempDir()}
	for _, q := range v.Items[0].Questions {
		b.recipes[q.N] = q.ByHand
	}
	for name, content := range verifytest.Files(container) {
		b.write(name, content)
	}
	first := event(p.Dossier, s.item, 0)
	b.same(first)
	b.sealed(p.Dossier, s, first)
	leaf := b.complete(p.Dossier, s, first)
	if leaf != s.item.Events[0].Leaf.Hash().String() {
		t.Errorf("leaf hash %s", leaf)
	}
	b.vouched(p.Dossier, s)
}

func (b *bench) wants(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %s by hand, %s in the package", what, got, want)
	}
}

// same redoes question 1: a copy, a content tree of two chunks, a record.
func (b *bench) same(e *pack.EventLine) {
	var leaves []string
	for _, x := range e.Record.Entries {
		f, err := evidence.ParseFileValue(x.Value)
		if err != nil {
			b.t.Fatal(err)
		}
		file := map[string]string{"file/1": "payload/1/1.txt", "file/2": "payload/1/2.bin"}[x.Name]
		b.wants("sha256", b.does(1, `sha256sum payload/1/1.jpg`, "payload/1/1.jpg", file), f.Digests.SHA256.String())
		b.does(1, `split -b 1048576 FILE part.`, "FILE", file)
		tree := b.does(1, `(printf '\000'; cat part.aa) | sha256sum`)
		if f.Digests.Size > evidence.ChunkSize {
			second := b.does(1, `(printf '\000'; cat part.aa) | sha256sum`, "part.aa", "part.ab")
			tree = b.does(1, join, "LEFT", tree, "RIGHT", second)
		}
		b.wants("tree", tree, f.Digests.Tree.String())
		value := b.does(1, `(printf SALT | xxd -r -p; printf '%s' 'VALUE') | sha256sum`, "SALT", evidence.Hash(x.Salt).String(), "VALUE", string(x.Value))
		leaves = append(leaves, b.does(1, `(printf '\000'; printf LENGTH | xxd -r -p; printf NAME; printf VALUE_HASH | xxd -r -p) | sha256sum`,
			"LENGTH", fmt.Sprintf("%04x", len(x.Name)), "NAME", x.Name, "VALUE_HASH", value))
	}
	b.wants("root", b.does(1, join, "LEFT", leaves[0], "RIGHT", leaves[1]), e.Record.Roots().Root.String())
}

// sealed redoes question 2: the signature of an event under the key that was
// enrolled, and that of the enrolment under the authority's certificate.
func (b *bench) sealed(d *pack.Dossier, s *stage, e *pack.EventLine) {
	enrol := event(d, s.ann.Enrolment, 0)
	for _, line := range []*pack.EventLine{enrol, e} {
		env := b.envelope(line)
		b.does(2, `printf PAYLOAD | base64 -d > p.json`, "PAYLOAD", base64.StdEncoding.EncodeToString(env.Payload))
		b.does(2, `printf SIG | base64 -d > s.der`, "SIG", base64.StdEncoding.EncodeToString(env.Signatures[0].Sig))
		b.does(2, `printf 'DSSEv1 %d %s %d ' ${#TYPE} "$TYPE" $(wc -c < p.json) | cat - p.json > signed.bin`, `printf 'DSSE`, "TYPE="+env.PayloadType+"; printf 'DSSE")
		if line == enrol {
			b.does(2, `openssl x509 -inform DER -in trust/cert-DIGEST.der -noout -pubkey > key.pem`, "DIGEST", pack.NoteDigest(s.w.State("AA").Cert.Raw).String())
		} else {
			b.does(2, `printf SPKI | base64 -d | openssl pkey -pubin -inform DER -out key.pem`, "SPKI", base64.StdEncoding.EncodeToString(s.ann.Enrolment.Events[0].Event.Enrols.SPKI))
		}
		b.wants("signature", b.does(2, `openssl dgst -sha256 -verify key.pem -signature s.der signed.bin`), "Verified")
	}
}

func (b *bench) envelope(line *pack.EventLine) *signing.Envelope {
	b.does(2, `printf ENVELOPE | base64 -d > envelope.json`, "ENVELOPE", base64.StdEncoding.EncodeToString(line.Envelope))
	env, err := signing.Parse(line.Envelope)
	if err != nil {
		b.t.Fatal(err)
	}
	return env
}

// complete redoes question 4: leaf, seal, place, and the map proof of the open
// seal; it returns the leaf hash.
func (b *bench) complete(d *pack.Dossier, s *stage, e *pack.EventLine) string {
	b.envelope(e)
	key := hex.EncodeToString(e.SealKey[:])
	const commitment = `(printf custody/event/v1; printf SALT | xxd -r -p; cat envelope.json) | sha256sum`
	one := b.does(4, commitment, "SALT", e.Salt.String())
	if !strings.Contains(b.recipes[4], `| openssl dgst -sha3-256 -r`) {
		b.t.Error("no second commitment")
	}
	two := b.does(4, commitment, "SALT", e.Salt.String(), "| sha256sum", "| openssl dgst -sha3-256 -r")
	b.does(4, `(printf '\001'; printf SEAL_KEY | xxd -r -p; printf FIRST | xxd -r -p; printf SECOND | xxd -r -p) > leaf.bin`, "SEAL_KEY", key, "FIRST", one, "SECOND", two)
	leaf := b.does(4, `(printf '\000'; cat leaf.bin) | sha256sum`)
	b.wants("seal", b.does(4, `(printf custody/seal/v1; printf SEAL_KEY | xxd -r -p) | sha256sum`, "SEAL_KEY", key), s.item.Events[0].Event.Closes.String())

	l := d.Log(originA)
	signed, ok := d.Note(l.Note)
	if !ok {
		b.t.Fatal("no note")
	}
	cp, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		b.t.Fatal(err)
	}
	root := b.does(4, `printf ROOT | base64 -d | xxd -p -c 32`, "ROOT", strings.Split(string(signed), "\n")[2])
	for _, x := range l.Inclusion {
		if x.Index == e.Index {
			b.wants("place", b.climb(x.Proof, e.Index, cp.Size, leaf), root)
		}
	}
	b.openSeal(d.Log(originB), s.item.Last().Event.Opens.Next.Seal)
	return leaf
}

// climb follows an inclusion proof (RFC 9162, 2.1.3.2).
func (b *bench) climb(path pack.Path, index, size uint64, hash string) string {
	text, err := path.MarshalText()
	if err != nil {
		b.t.Fatal(err)
	}
	list := b.does(4, `printf PROOF | base64 -d | xxd -p -c 32`, "PROOF", string(text))
	fn, sn := index, size-1
	for _, other := range strings.Fields(list) {
		if fn&1 == 1 || fn == sn {
			hash = b.does(1, join, "LEFT", other, "RIGHT", hash)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			hash = b.does(1, join, "LEFT", hash, "RIGHT", other)
		}
		fn, sn = fn>>1, sn>>1
	}
	return hash
}

func (b *bench) openSeal(l *pack.LogLine, seal evidence.Seal) {
	for _, c := range l.Closed {
		if c.Seal != seal {
			continue
		}
		text, err := json.Marshal(c.Proof)
		if err != nil {
			b.t.Fatal(err)
		}
		var p struct{ Key, Path, Value string }
		if err := json.Unmarshal(text, &p); err != nil {
			b.t.Fatal(err)
		}
		if p.Key == seal.String() {
			b.t.Fatal("the seal is closed")
		}
		hash := b.does(4, `(printf '\000custody/closed/v1'; printf KEY | xxd -r -p; printf VALUE | xxd -r -p) | sha256sum`, "KEY", p.Key, "VALUE", p.Value)
		steps := strings.Fields(b.does(4, `printf PATH | base64 -d | xxd -p -c 33`, "PATH", p.Path))
		for i := len(steps) - 1; i >= 0; i-- {
			bit, other := steps[i][:2], steps[i][2:]
			n, err := hex.DecodeString(bit)
			if err != nil {
				b.t.Fatal(err)
			}
			left, right := hash, other
			if seal[n[0]/8]>>(7-n[0]%8)&1 == 1 {
				left, right = other, hash
			}
			hash = b.does(4, `(printf '\001custody/closed/v1'; printf BIT | xxd -r -p; printf LEFT | xxd -r -p; printf RIGHT | xxd -r -p) | sha256sum`, "BIT", bit, "LEFT", left, "RIGHT", right)
		}
		b.wants("map root", hash, hex.EncodeToString(l.Epoch.Leaf[9:41]))
		return
	}
	b.t.Error("no map proof of the open seal")
}

// vouched redoes questions 5 and 6: the signatures of a ledger and of a witness
// under a note, and the witness's time.
func (b *bench) vouched(d *pack.Dossier, s *stage) {
	note, _ := d.Note(d.Log(originA).Note)
	b.does(5, `printf NOTE | base64 -d > note`, "NOTE", base64.StdEncoding.EncodeToString(note))
	b.wants("anchor", b.does(5, `sha256sum note`), pack.NoteDigest(note).String())
	lines := strings.Split(strings.TrimSpace(string(note)), "\n")
	key := func(vkey string) {
		k := b.does(6, `printf BASE64 | base64 -d | tail -c 32 | xxd -p -c 32`, "BASE64", strings.SplitN(vkey, "+", 3)[2])
		b.does(6, `printf 302a300506032b6570032100KEY | xxd -r -p | openssl pkey -pubin -inform DER -out key.pem`, "KEY", k)
	}
	const check = `openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile sig`

	key(s.w.List.Logs[0].Key.String())
	b.does(6, `head -n 3 note > text`)
	b.does(6, `printf LAST_WORD | base64 -d | tail -c +5 > sig`, "LAST_WORD", lastWord(lines[4]))
	b.wants("ledger", b.does(6, check), "Signature")

	for _, w := range s.w.List.Witnesses {
		if w.State != "BB" {
			continue
		}
		for _, line := range lines[5:] {
			if !strings.HasPrefix(line, "— "+w.Key.Name()+" ") {
				continue
			}
			at := b.does(5, `printf LAST_WORD | base64 -d | tail -c +5 | head -c 8 | xxd -p`, "LAST_WORD", lastWord(line))
			var seconds int64
			if _, err := fmt.Sscanf(at, "%x", &seconds); err != nil {
				b.t.Fatal(err)
			}
			key(w.Key.String())
			b.does(6, `(printf 'cosignature/v1\ntime SECONDS\n'; head -n 3 note) > text`, "SECONDS", fmt.Sprint(seconds))
			b.does(6, `printf LAST_WORD | base64 -d | tail -c +13 > sig`, "LAST_WORD", lastWord(line))
			b.wants("witness", b.does(6, check), "Signature")
			return
		}
	}
	b.t.Error("no witness of BB")
}

func lastWord(line string) string { return line[strings.LastIndex(line, " ")+1:] }

// The recipe for timestamp tokens, which question 5 has where there is one.
func TestTokenByHand(t *testing.T) {
	s, tsa := clockwork(time.Time{})
	s.item = s.ann.Collect(oneFile)
	note := s.item.Events[0].Held.Receipt.Note
	token := tsa.Token(note, s.w.Now)
	o := s.out().stamped(token)
	v := o.verdict(t)
	b := &bench{t: t, dir: t.TempDir()}
	b.recipes[5] = v.Items[0].Questions[4].ByHand
	digest := pack.NoteDigest(token).String()
	b.write(pack.TokenName(pack.NoteDigest(token)), token)
	b.write("note", note)
	b.does(5, `openssl pkcs7 -inform DER -in proof/token-DIGEST.tst -print_certs -out tsa.pem`, "DIGEST", digest)
	b.wants("certificate", b.does(5, `openssl x509 -in tsa.pem -outform DER | sha256sum`), s.w.List.TSAs[0].Digest.Hex())
	b.does(5, `openssl ts -verify -token_in -in proof/token-DIGEST.tst -data note -CAfile tsa.pem -partial_chain -no_check_time`, "DIGEST", digest)
	b.does(5, `openssl ts -reply -token_in -in proof/token-DIGEST.tst -token_out -text`, "DIGEST", digest)
	if without := s.out().verdict(t).Items[0].Questions[4].ByHand; strings.Contains(without, "token") {
		t.Errorf("a recipe for what is not there: %s", without)
	}
}

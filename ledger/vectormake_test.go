package ledger_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

const (
	vectorOrigin = evidence.Origin("aa.example/ledger")
	vectorTime   = 1795521600 // 2026-11-24T12:00:00Z
)

// vectorKey is a key whose signatures can be made again.
type vectorKey struct {
	name string
	alg  byte // 0x01, or 0x04 for cosignatures at vectorTime
	key  ed25519.PrivateKey
}

func newVectorKey(name string, alg byte) vectorKey {
	seed := sha256.Sum256([]byte("vector key " + name))
	return vectorKey{name, alg, ed25519.NewKeyFromSeed(seed[:])}
}

func (k vectorKey) public() []byte {
	return append([]byte{k.alg}, k.key.Public().(ed25519.PublicKey)...)
}

func (k vectorKey) Name() string { return k.name }

func (k vectorKey) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.public()...))
	return binary.BigEndian.Uint32(sum[:])
}

func (k vectorKey) vkey() string {
	return fmt.Sprintf("%s+%08x+%s\n", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(k.public()))
}

func (k vectorKey) Sign(text []byte) ([]byte, error) {
	if k.alg == 1 {
		return ed25519.Sign(k.key, text), nil
	}
	return k.cosign(text, vectorTime), nil
}

// cosign makes a C2SP tlog-cosignature of type 0x04, without the key id before it.
func (k vectorKey) cosign(text []byte, sec uint64) []byte {
	sig := ed25519.Sign(k.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", sec, text))
	return append(binary.BigEndian.AppendUint64(nil, sec), sig...)
}

var (
	vectorLog     = newVectorKey(string(vectorOrigin), 1)
	vectorWitness = newVectorKey("BB-witness", 4)
	vectorAuditor = newVectorKey("BB-auditor", 4)
)

func digits(b []byte) string { return fmt.Sprintf("%x\n", b) }

func sealVectors() []made {
	key := ledgertest.Key(1)
	seal := key.Seal()
	other := ledgertest.Key(2).Seal()
	root := evidence.Hash(sha256.Sum256([]byte("record")))
	birth := evidence.BirthKey(vectorOrigin, root)
	birthSeal := birth.Seal()
	elsewhere := evidence.BirthKey("bb.example/ledger", root)
	raw := sha256.Sum256(key[:])
	return []made{
		{"seal-key", "holds", "The seal is the hash of its key under its own domain (rule P4).", []string{"seal_key.hex", digits(key[:]), "seal.hex", digits(seal[:])}},
		{"seal-birth", "holds", "An item's birth seal, which is its id, follows from the ledger's origin and the record root (rule P13).",
			[]string{"origin.txt", string(vectorOrigin) + "\n", "record_root.hex", digits(root[:]), "birth_key.hex", digits(birth[:]), "seal.hex", digits(birthSeal[:])}},
		{"seal-bad-other-key", "fails:seal.key", "The seal is of another key.", []string{"seal_key.hex", digits(key[:]), "seal.hex", digits(other[:])}},
		{"seal-bad-no-domain", "fails:seal.key", "The seal is the bare SHA-256 of the key, without the domain (rule P4).", []string{"seal_key.hex", digits(key[:]), "seal.hex", digits(raw[:])}},
		{"seal-bad-birth-elsewhere", "fails:seal.birth", "The birth key is that of the same record in another ledger (rule P13).",
			[]string{"origin.txt", string(vectorOrigin) + "\n", "record_root.hex", digits(root[:]), "birth_key.hex", digits(elsewhere[:]), "seal.hex", digits(birthSeal[:])}},
	}
}

func leafVectors() []made {
	key, salt, envelope := ledgertest.Key(1), sha256.Sum256([]byte("salt")), `{"payload":"e30=","payloadType":"application/vnd.custody.event.v1+json","signatures":[]}`
	l := ledger.EventLeaf(key, salt, []byte(envelope))
	event := func(name, want, says string, l ledger.Leaf) made {
		h := l.Hash()
		return made{name, want, says, []string{"seal_key.hex", digits(key[:]), "salt.hex", digits(salt[:]), "envelope.json", envelope + "\n", "leaf.hex", digits(l[:]), "leaf_hash.hex", digits(h[:])}}
	}
	plain := func(name, want, says string, raw []byte) made {
		h := sha256.Sum256(append([]byte{0}, raw...))
		return made{name, want, says, []string{"leaf.hex", digits(raw), "leaf_hash.hex", digits(h[:])}}
	}
	with := func(i int, x byte) ledger.Leaf { c := l; c[i] ^= x; return c }
	content := sha256.Sum256([]byte("note"))
	epoch := ledger.Epoch{Covered: 41, Root: content, Previous: 30}.Leaf()
	first := ledger.Epoch{Covered: 3, Root: content, Previous: ledger.NoEpoch}.Leaf()
	list, foreign := ledger.HashLeaf(ledger.TypeTrustList, content), ledger.HashLeaf(ledger.TypeCheckpoint, content)
	access, padding := ledger.HashLeaf(ledger.TypeAccessLog, content), ledger.Leaf{byte(ledger.TypePadding)}
	spoil := func(l ledger.Leaf, i int) []byte { l[i] = 1; return l[:] }
	wrongHash := plain("leaf-bad-hash", "fails:leaf.hash", "The leaf hash is SHA-256 of the leaf without the byte 0 before it (rule P22).", padding[:])
	bare := sha256.Sum256(padding[:])
	wrongHash.files[3] = digits(bare[:])
	swapped := l
	copy(swapped[33:65], l[65:97])
	copy(swapped[65:97], l[33:65])
	return []made{
		event("leaf-event", "holds", "An event's leaf: type, seal key, SHA-256 and SHA3-256 commitments over salt and envelope (rules P4, P15, P23).", l),
		plain("leaf-epoch", "holds", "An epoch's leaf: covered size, map root, index of the epoch before (rules P1, P22).", epoch[:]),
		plain("leaf-epoch-first", "holds", "The first epoch of a ledger names none before it (rule P22).", first[:]),
		plain("leaf-trust-list", "holds", "The hash of a trust list (rule P22).", list[:]),
		plain("leaf-checkpoint", "holds", "The hash of another state's cosigned checkpoint (rule P22).", foreign[:]),
		plain("leaf-access-log", "holds", "The root of the access log (rule P22).", access[:]),
		plain("leaf-padding", "holds", "Padding is all zeros (rule P22).", padding[:]),
		event("leaf-bad-seal-key", "fails:leaf.seal_key", "The leaf shows the key of another seal than the event closes (rule P4).", with(1, 1)),
		event("leaf-bad-commitment", "fails:leaf.commitment", "The commitment is not that of salt and envelope.", with(33, 1)),
		event("leaf-bad-second", "fails:leaf.second", "The second commitment is not that of salt and envelope: SHA-256 alone would not notice (rule P23).", with(96, 1)),
		event("leaf-bad-swapped", "fails:leaf.commitment", "The two commitments have changed places.", swapped),
		wrongHash,
		plain("leaf-bad-type-0", "fails:leaf.form", "The list of types is closed; there is no type 0 (rule P22).", make([]byte, 97)),
		plain("leaf-bad-type-7", "fails:leaf.form", "The list of types is closed; there is no type 7 (rule P22).", append([]byte{7}, make([]byte, 96)...)),
		plain("leaf-bad-short", "fails:leaf.form", "96 bytes are no leaf (rule P22).", l[:96]),
		plain("leaf-bad-long", "fails:leaf.form", "98 bytes are no leaf (rule P22).", append(l[:], 0)),
		plain("leaf-bad-empty", "fails:leaf.form", "Nothing is no leaf (rule P22).", nil),
		plain("leaf-bad-epoch-unused", "fails:leaf.form", "An unused byte of an epoch is not zero (rule P22).", spoil(epoch, 49)),
		plain("leaf-bad-trust-list-unused", "fails:leaf.form", "An unused byte behind a trust list's hash is not zero (rule P22).", spoil(list, 33)),
		plain("leaf-bad-checkpoint-unused", "fails:leaf.form", "The last unused byte behind a checkpoint's hash is not zero: room for a name (rule P22).", spoil(foreign, 96)),
		plain("leaf-bad-access-log-unused", "fails:leaf.form", "An unused byte behind an access-log root is not zero (rule P22).", spoil(access, 64)),
		plain("leaf-bad-padding-unused", "fails:leaf.form", "Padding that is not all zeros could carry anything (rule P22).", spoil(padding, 50)),
	}
}

// vectorTree returns a log's leaves and its signed and cosigned checkpoint.
func vectorTree(t testing.TB, n uint64) (*ledgertest.MemLog, []byte) {
	t.Helper()
	disk := ledgertest.NewDisk(vectorOrigin)
	disk.Force(ledgertest.Events(0, n)...)
	log, err := disk.Open()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.CheckpointOf(vectorOrigin, n, log.Hashes(context.Background(), n))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: string(c.Marshal())}, vectorLog, vectorWitness, vectorAuditor)
	if err != nil {
		t.Fatal(err)
	}
	return log, signed
}

func checkpointVectors(t testing.TB) []made {
	_, good := vectorTree(t, 7)
	text, lines, _ := strings.Cut(string(good), "\n\n")
	own, cosigned, _ := strings.Cut(lines, "\n")
	signAny := func(text string) string {
		sig, _ := vectorLog.Sign([]byte(text))
		raw := append(binary.BigEndian.AppendUint32(nil, vectorLog.KeyHash()), sig...)
		return text + "\n— " + string(vectorOrigin) + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
	}
	root := strings.Split(text, "\n")[2]
	head := string(vectorOrigin) + "\n"
	v := func(name, want, says, signed string) made {
		return made{"checkpoint-" + name, want, says, []string{"log.vkey", vectorLog.vkey(), "checkpoint.note", signed}}
	}
	other := newVectorKey(string(vectorOrigin), 1)
	other.key = newVectorKey("other", 1).key
	forged, err := note.Sign(&note.Note{Text: text + "\n"}, other)
	if err != nil {
		t.Fatal(err)
	}
	empty := base64.StdEncoding.EncodeToString(ledger.EmptyRoot[:])
	return []made{
		v("cosigned", "holds", "A checkpoint signed by its log, cosigned by a witness and an auditor of another state.", string(good)),
		v("alone", "holds", "A checkpoint signed by its log alone.", text+"\n\n"+own+"\n"),
		v("empty-tree", "holds", "The checkpoint of a tree without leaves.", signAny(head+"0\n"+empty+"\n")),
		v("bad-signature", "fails:checkpoint.signature", "The size has changed since the log signed.", strings.Replace(string(good), "\n7\n", "\n8\n", 1)),
		v("bad-other-key", "fails:checkpoint.signature", "Another key signed under the log's name.", string(forged)),
		v("bad-cosigned-only", "fails:checkpoint.signature", "The log itself has not signed.", text+"\n\n"+cosigned),
		v("bad-origin", "fails:checkpoint.signature", "It is the checkpoint of another log.", strings.Replace(string(good), "aa.example/ledger\n", "bb.example/ledger\n", 1)),
		v("bad-extension", "fails:checkpoint.form", "An extension line: witnesses could not cover it (C2SP tlog-checkpoint).", signAny(head+"7\n"+root+"\nmore\n")),
		v("bad-leading-zero", "fails:checkpoint.form", "The size has another form than the one decimal.", signAny(head+"07\n"+root+"\n")),
		v("bad-root-short", "fails:checkpoint.form", "The root has 31 bytes.", signAny(head+"7\n"+base64.StdEncoding.EncodeToString(make([]byte, 31))+"\n")),
		v("bad-size", "fails:checkpoint.form", "The size is above 2^53-1.", signAny(head+"9007199254740992\n"+root+"\n")),
		v("bad-empty-root", "fails:checkpoint.form", "An empty tree with another root than that of nothing.", signAny(head+"0\n"+root+"\n")),
		v("bad-no-signature", "fails:checkpoint.note", "There is no signature line.", text+"\n\n"),
		v("bad-twice", "fails:checkpoint.note", "One key signs twice.", text+"\n\n"+own+"\n"+own+"\n"),
		v("bad-base64", "fails:checkpoint.note", "A signature whose base64 has spare bits that are not zero.", strings.Replace(string(good), own, spareBits(own), 1)),
	}
}

// spareBits changes bits of a line's last base64 digit that stand for nothing.
func spareBits(line string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	at := len(strings.TrimRight(line, "=")) - 1
	return line[:at] + string(digits[strings.IndexByte(digits, line[at])|1]) + line[at+1:]
}

func receiptVectors(t testing.TB) []made {
	log, signed := vectorTree(t, 7)
	leaf := ledgertest.Event(5)
	r, err := ledger.NewReceipt(signed, log.Hashes(context.Background(), 7), 5, leaf)
	if err != nil {
		t.Fatal(err)
	}
	good := string(r.Marshal())
	v := func(name, want, says, receipt string, l ledger.Leaf) made {
		return made{"receipt-" + name, want, says, []string{"log.vkey", vectorLog.vkey(), "leaf.hex", digits(l[:]), "receipt.tlog-proof", receipt}}
	}
	edit := func(f func(*ledger.Receipt)) string {
		c := r
		c.Proof = append([]evidence.Hash{}, r.Proof...)
		f(&c)
		return string(c.Marshal())
	}
	_, one := vectorTree(t, 1)
	return []made{
		v("cosigned", "holds", "A leaf, its inclusion proof, a cosigned checkpoint: a C2SP tlog-proof file.", good, leaf),
		v("only-leaf", "holds", "The only leaf of a tree needs no hash to prove it.", string(ledger.Receipt{Index: 0, Note: one}.Marshal()), ledgertest.Event(0)),
		v("bad-other-leaf", "fails:receipt.proof", "The receipt is for another leaf: a replayed receipt of another item.", good, ledgertest.Event(4)),
		v("bad-index", "fails:receipt.proof", "The leaf stands elsewhere.", edit(func(r *ledger.Receipt) { r.Index = 4 }), leaf),
		v("bad-index-beyond", "fails:receipt.proof", "The index is not in the tree.", edit(func(r *ledger.Receipt) { r.Index = 7 }), leaf),
		v("bad-hash", "fails:receipt.proof", "One hash of the proof has changed.", edit(func(r *ledger.Receipt) { r.Proof[1][0] ^= 1 }), leaf),
		v("bad-hash-missing", "fails:receipt.proof", "A hash of the proof is missing.", edit(func(r *ledger.Receipt) { r.Proof = r.Proof[:2] }), leaf),
		v("bad-hash-more", "fails:receipt.proof", "The proof has a hash too many.", edit(func(r *ledger.Receipt) { r.Proof = append(r.Proof, evidence.Hash{}) }), leaf),
		v("bad-signature", "fails:receipt.signature", "The checkpoint's root has changed since the log signed.", strings.Replace(good, "\n7\n", "\n6\n", 1), leaf),
		v("bad-version", "fails:receipt.form", "It is of another version.", strings.Replace(good, "tlog-proof@v1", "tlog-proof@v2", 1), leaf),
		v("bad-extra", "fails:receipt.form", "Extra data: receipts carry none (spec/leaf.md, \"Receipt\").", strings.Replace(good, "index ", "extra AAAA\nindex ", 1), leaf),
		v("bad-leading-zero", "fails:receipt.form", "The index has another form than the one decimal.", strings.Replace(good, "index 5", "index 05", 1), leaf),
		v("bad-truncated", "fails:receipt.form", "The file ends early.", good[:len(good)-10], leaf),
		v("bad-checkpoint", "fails:receipt.form", "What stands for the checkpoint is none.", good[:strings.Index(good, "\n\n")+2]+"nothing\n\n— x AAAAAAA=\n", leaf),
	}
}

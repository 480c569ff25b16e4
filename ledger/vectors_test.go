package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write the vectors that the tables make")

// vector is one txtar file of spec/vectors.
type vector struct {
	name  string
	want  string // "holds" or "fails:<check>"
	files map[string][]byte
}

// vectors reads all vectors whose name begins with prefix.
func vectors(t *testing.T, prefix string) (list []vector) {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, path.Join("vectors", prefix+"*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors %s*: %v", prefix, err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		want, _, _ := strings.Cut(strings.TrimPrefix(string(a.Comment), "expect: "), "\n")
		v := vector{strings.TrimSuffix(path.Base(name), ".txtar"), want, map[string][]byte{}}
		for _, f := range a.Files {
			v.files[f.Name] = f.Data
		}
		list = append(list, v)
	}
	return list
}

// made is a vector as a table makes it; files are name, content, name, content …
type made struct {
	name, want, says string
	files            []string
}

func write(t *testing.T, all []made) {
	t.Helper()
	for _, m := range all {
		a := &txtar.Archive{Comment: fmt.Appendf(nil, "expect: %s\n%s\n", m.want, m.says)}
		for i := 0; i < len(m.files); i += 2 {
			a.Files = append(a.Files, txtar.File{Name: m.files[i], Data: []byte(m.files[i+1])})
		}
		if err := os.WriteFile(filepath.Join("..", "spec", "vectors", m.name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpdate writes the vectors, when asked to. One once released never changes; new
// ones stand beside it.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	write(t, sealVectors())
	write(t, leafVectors())
	write(t, checkpointVectors(t))
	write(t, receiptVectors(t))
}

// run holds every vector with a prefix against what answer says of it.
func run(t *testing.T, prefix string, answer func(t *testing.T, v vector) string) {
	t.Helper()
	for _, v := range vectors(t, prefix) {
		t.Run(v.name, func(t *testing.T) {
			if got := answer(t, v); got != v.want {
				t.Errorf("got %s, want %s", got, v.want)
			}
		})
	}
}

// hash reads a file of 64 digits.
func (v vector) hash(t *testing.T, name string) evidence.Hash {
	t.Helper()
	h, err := evidence.ParseHash(strings.TrimSuffix(string(v.files[name]), "\n"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return h
}

// bytes reads a file of hexadecimal digits.
func (v vector) bytes(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimSuffix(string(v.files[name]), "\n"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// key reads the log's key.
func (v vector) key(t *testing.T) note.Verifier {
	t.Helper()
	k, err := trust.ParseVKey(strings.TrimSuffix(string(v.files["log.vkey"]), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := k.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func TestSealVectors(t *testing.T) {
	run(t, "seal-", func(t *testing.T, v vector) string {
		key := evidence.SealKey{}
		if _, birth := v.files["record_root.hex"]; birth {
			o, err := evidence.ParseOrigin(strings.TrimSuffix(string(v.files["origin.txt"]), "\n"))
			if err != nil {
				t.Fatal(err)
			}
			key = evidence.BirthKey(o, v.hash(t, "record_root.hex"))
			if evidence.Hash(key) != v.hash(t, "birth_key.hex") {
				return "fails:seal.birth"
			}
		} else {
			key = evidence.SealKey(v.hash(t, "seal_key.hex"))
		}
		if evidence.Hash(key.Seal()) != v.hash(t, "seal.hex") {
			return "fails:seal.key"
		}
		return "holds"
	})
}

func TestLeafVectors(t *testing.T) {
	run(t, "leaf-", func(t *testing.T, v vector) string {
		raw := v.bytes(t, "leaf.hex")
		l, err := ledger.ParseLeaf(raw)
		if err != nil {
			if !errors.Is(err, ledger.ErrLeafForm) {
				t.Errorf("%v", err)
			}
			return "fails:leaf.form"
		}
		if l.Hash() != v.hash(t, "leaf_hash.hex") {
			return "fails:leaf.hash"
		}
		if envelope, ok := v.files["envelope.json"]; ok {
			made := ledger.EventLeaf(evidence.SealKey(v.hash(t, "seal_key.hex")), v.hash(t, "salt.hex"), bytes.TrimSuffix(envelope, []byte("\n")))
			return sameEvent(made, l)
		}
		return "holds"
	})
}

// sameEvent says in which part two event leaves differ.
func sameEvent(a, b ledger.Leaf) string {
	for i, part := range []string{"type", "seal_key", "commitment", "second"} {
		from, to := max(0, 32*i-31), 32*i+1
		if !bytes.Equal(a[from:to], b[from:to]) {
			return "fails:leaf." + part
		}
	}
	return "holds"
}

func TestCheckpointVectors(t *testing.T) {
	run(t, "checkpoint-", func(t *testing.T, v vector) string {
		c, err := ledger.OpenCheckpoint(v.files["checkpoint.note"], v.key(t))
		switch {
		case errors.Is(err, ledger.ErrNote):
			return "fails:checkpoint.note"
		case errors.Is(err, ledger.ErrCheckpoint):
			return "fails:checkpoint.form"
		case errors.Is(err, ledger.ErrSignature):
			return "fails:checkpoint.signature"
		case err != nil:
			t.Fatal(err)
		}
		if text, _, _ := bytes.Cut(v.files["checkpoint.note"], []byte("\n\n")); string(c.Marshal()) != string(text)+"\n" {
			t.Errorf("marshalled again: %q", c.Marshal())
		}
		return "holds"
	})
}

func TestReceiptVectors(t *testing.T) {
	run(t, "receipt-", func(t *testing.T, v vector) string {
		r, err := ledger.ParseReceipt(v.files["receipt.tlog-proof"])
		if err != nil {
			for _, known := range []error{ledger.ErrReceipt, ledger.ErrNote, ledger.ErrCheckpoint} {
				if errors.Is(err, known) {
					return "fails:receipt.form"
				}
			}
			t.Fatal(err)
		}
		if !bytes.Equal(r.Marshal(), v.files["receipt.tlog-proof"]) {
			t.Error("marshalled again it is another file")
		}
		leaf, err := ledger.ParseLeaf(v.bytes(t, "leaf.hex"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Verify(leaf, v.key(t))
		switch {
		case errors.Is(err, ledger.ErrSignature):
			return "fails:receipt.signature"
		case errors.Is(err, ledger.ErrProof):
			return "fails:receipt.proof"
		case err != nil:
			t.Fatal(err)
		}
		return "holds"
	})
}

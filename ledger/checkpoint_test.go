package ledger_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func verifierOf(k vectorKey) note.Verifier {
	vkey := strings.TrimSuffix(k.vkey(), "\n")
	var v note.Verifier
	var err error
	if k.alg == 4 {
		v, err = fnote.NewVerifierForCosignatureV1(vkey)
	} else {
		v, err = note.NewVerifier(vkey)
	}
	if err != nil {
		panic(err)
	}
	return v
}

var vectorKnown = note.VerifierList(verifierOf(vectorWitness), verifierOf(vectorAuditor))

func TestSignCheckpoint(t *testing.T) {
	good := ledger.Checkpoint{Origin: vectorOrigin, Size: 3, Root: evidence.Hash{1}}
	signed, err := good.Sign(vectorLog)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.OpenCheckpoint(signed, verifierOf(vectorLog)); err != nil || c != good {
		t.Fatalf("%+v, %v", c, err)
	}
	for name, c := range map[string]struct {
		c    ledger.Checkpoint
		key  vectorKey
		want error
	}{
		"another log's key": {good, newVectorKey("bb.example/ledger", 1), ledger.ErrSignature},
		"too large":         {ledger.Checkpoint{Origin: vectorOrigin, Size: ledger.MaxSize + 1}, vectorLog, ledger.ErrCheckpoint},
		"empty with a root": {ledger.Checkpoint{Origin: vectorOrigin, Root: evidence.Hash{1}}, vectorLog, ledger.ErrCheckpoint},
		"no origin":         {ledger.Checkpoint{Size: 1}, vectorLog, ledger.ErrCheckpoint},
	} {
		if _, err := c.c.Sign(c.key); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// No byte of a cosigned checkpoint can change unnoticed by whoever knows all keys:
// it is refused, or one who signed is gone.
func TestFlippedCheckpoint(t *testing.T) {
	_, signed := vectorTree(t, 7)
	for i := range signed {
		for bit := range 8 {
			b := bytes.Clone(signed)
			b[i] ^= 1 << bit
			_, err := ledger.OpenCheckpoint(b, verifierOf(vectorLog))
			found, errCosigned := ledger.Cosignatures(b, vectorKnown)
			if err == nil && errCosigned == nil && len(found) == 2 {
				t.Fatalf("byte %d, bit %d: still good:\n%s", i, bit, b)
			}
		}
	}
}

func TestCosignatures(t *testing.T) {
	_, signed := vectorTree(t, 7)
	want := []ledger.Cosignature{
		{Name: "BB-witness", Hash: vectorWitness.KeyHash(), Time: time.Unix(vectorTime, 0).UTC()},
		{Name: "BB-auditor", Hash: vectorAuditor.KeyHash(), Time: time.Unix(vectorTime, 0).UTC()},
	}
	if got, err := ledger.Cosignatures(signed, vectorKnown); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := ledger.Cosignatures(signed, note.VerifierList(verifierOf(vectorAuditor))); err != nil || !slices.Equal(got, want[1:]) {
		t.Errorf("one known key: %v, %v", got, err)
	}
	if got, err := ledger.Cosignatures(signed, note.VerifierList()); err != nil || len(got) != 0 {
		t.Errorf("no known key: %v, %v", got, err)
	}
	// A line under a known key that does not verify spoils the whole.
	bad := bytes.Replace(signed, []byte("\n7\n"), []byte("\n8\n"), 1)
	if got, err := ledger.Cosignatures(bad, vectorKnown); !errors.Is(err, ledger.ErrNote) {
		t.Errorf("of another text: %v, %v", got, err)
	}
}

// A cosignature without a time says nothing about growth, one from beyond the year
// 9999 nothing that can be written down.
func TestCosignatureTimes(t *testing.T) {
	c := ledger.Checkpoint{Origin: vectorOrigin, Size: 3, Root: evidence.Hash{1}}
	for name, sec := range map[string]uint64{"none": 0, "year 10000": 253402300800, "the last": 253402300799, "the first": 1} {
		k := timedKey{newVectorKey("CC-witness", 4), sec}
		signed, err := note.Sign(&note.Note{Text: string(c.Marshal())}, vectorLog, k)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ledger.Cosignatures(signed, note.VerifierList(verifierOf(k.vectorKey)))
		counts := sec == 1 || sec == 253402300799
		if err != nil || (len(got) == 1) != counts {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestAddCosignatures(t *testing.T) {
	_, signed := vectorTree(t, 7)
	text, lines, _ := strings.Cut(string(signed), "\n\n")
	each := strings.SplitAfter(lines, "\n")
	own, witness, auditor := text+"\n\n"+each[0], each[1], each[2]
	out, err := ledger.AddCosignatures([]byte(own), []byte(witness), vectorKnown)
	if err == nil {
		out, err = ledger.AddCosignatures(out, []byte(auditor), vectorKnown)
	}
	if err != nil || !bytes.Equal(out, signed) {
		t.Fatalf("%v:\n%s", err, out)
	}
	// A newer line of one key takes the place of the older, and comes last.
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := note.Sign(&note.Note{Text: string(c.Marshal())}, timedKey{vectorWitness, vectorTime + 60})
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(newer), "\n\n")
	out, err = ledger.AddCosignatures(signed, []byte(line), vectorKnown)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.Cosignatures(out, vectorKnown); err != nil || len(got) != 2 || got[1].Name != "BB-witness" || got[1].Time.Unix() != vectorTime+60 {
		t.Errorf("%v, %v", got, err)
	}
	stranger := strings.Replace(witness, "BB-witness", "XX-witness", 1)
	if out, err := ledger.AddCosignatures([]byte(own), []byte(stranger+auditor), vectorKnown); err != nil || strings.Contains(string(out), "XX") {
		t.Errorf("with a stranger's line: %v\n%s", err, out)
	}
	for name, lines := range map[string]string{
		"nothing": "", "garbage": "x\n", "no line feed": strings.TrimSuffix(witness, "\n"), "twice": witness + witness,
		"of another checkpoint": line[:len(line)-12] + "AAAAAAAAAAA\n", "strangers only": stranger, "a text too": string(signed),
	} {
		if out, err := ledger.AddCosignatures([]byte(own), []byte(lines), vectorKnown); !errors.Is(err, ledger.ErrNote) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// timedKey cosigns at another time.
type timedKey struct {
	vectorKey
	sec uint64
}

func (k timedKey) Sign(text []byte) ([]byte, error) { return k.cosign(text, k.sec), nil }

package witness

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/trust"
	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write the vectors that the tables make")

// vectorSecret is the key of the log in the vectors; it protects nothing.
const vectorSecret = "PRIVATE+KEY+aa.example/ledger+2e0e58a5+AUN1c3RvZHkgdmVjdG9ycywgbm90IGEgc2VjcmV0ISEh"

// An alarm vector is an alarm and the key of its log; nothing else is needed to know
// whether it proves anything.
func TestAlarmVectors(t *testing.T) {
	names, err := fs.Glob(spec.Vectors, "vectors/alarm-*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range names {
		t.Run(path.Base(name), func(t *testing.T) {
			b, err := spec.Vectors.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			a := txtar.Parse(b)
			want, _, _ := strings.Cut(strings.TrimPrefix(string(a.Comment), "expect: "), "\n")
			files := map[string]string{}
			for _, f := range a.Files {
				files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
			}
			if got := alarmAnswer(t, files); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if err := fits(files["alarm.json"]); err != nil && want == "holds" {
				t.Errorf("schema: %v", err)
			}
		})
	}
}

// fits reports why an alarm is not what its schema allows.
func fits(alarm string) error {
	b, err := spec.Schemas.ReadFile("schema/alarm.schema.json")
	if err != nil {
		return err
	}
	schema, errSchema := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	doc, errDoc := jsonschema.UnmarshalJSON(strings.NewReader(alarm))
	c := jsonschema.NewCompiler()
	if err := errors.Join(errSchema, errDoc, c.AddResource("custody:alarm", schema)); err != nil {
		return err
	}
	s, err := c.Compile("custody:alarm")
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// The schema refuses what is plainly no alarm.
func TestAlarmSchema(t *testing.T) {
	_, b := smallAlarm(t)
	if err := fits(string(b)); err != nil {
		t.Fatal(err)
	}
	for _, edit := range [][2]string{{"second-close", "other"}, {"/v1", "/v2"}, {`"first":1`, `"first":-1`}, {`"kind"`, `"jot":1,"kind"`}, {`=="]`, `"]`}} {
		if c := strings.Replace(string(b), edit[0], edit[1], 1); c == string(b) || fits(c) == nil {
			t.Errorf("%s in the place of %s: allowed", edit[1], edit[0])
		}
	}
}

func alarmAnswer(t *testing.T, files map[string]string) string {
	t.Helper()
	k, err := trust.ParseVKey(files["log.vkey"])
	if err != nil {
		t.Fatal(err)
	}
	key, err := k.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAlarm([]byte(files["alarm.json"]))
	if err != nil {
		if !errors.Is(err, ErrAlarmForm) {
			t.Error(err)
		}
		return "fails:alarm.form"
	}
	what, err := a.Verify(key)
	switch {
	case errors.Is(err, ledger.ErrSignature):
		return "fails:alarm.signature"
	case err != nil:
		return "fails:alarm.proof"
	case what != files["what.txt"]:
		t.Errorf("it says %q", what)
	}
	return "holds"
}

// TestUpdate writes the vectors, when asked to. One once released never changes; new
// ones stand beside it.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	k, err := trust.VKeyOf(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, want, says, alarm, what string) {
		a := &txtar.Archive{Comment: fmt.Appendf(nil, "expect: %s\n%s\n", want, says)}
		a.Files = append(a.Files, txtar.File{Name: "log.vkey", Data: []byte(k.String() + "\n")}, txtar.File{Name: "alarm.json", Data: []byte(alarm + "\n")})
		if what != "" {
			a.Files = append(a.Files, txtar.File{Name: "what.txt", Data: []byte(what + "\n")})
		}
		if err := os.WriteFile(filepath.Join("..", "..", "spec", "vectors", "alarm-"+name+".txtar"), txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(breaches)) {
		alarm, what := vectorAlarm(t, func(l *testLog, a *Auditor) error {
			breaches[name].bad(l)
			_, err := l.cosign(a)
			return err
		})
		write(strings.ReplaceAll(name, " ", "-"), "holds", fmt.Sprintf("A log that broke a rule (%s): %s (rules P1, P11, P22).", breaches[name].kind, name), alarm, what)
	}
	fork, forked := vectorAlarm(t, func(l *testLog, a *Auditor) error {
		l.mustCosign(a, anyCosigner)
		b := l.branch(20, 70)
		_, err := a.Cosign(t.Context(), ledger.CosignRequest{OldSize: l.size, Note: b.sign(b.tree(70)), Leaves: b.log, Proof: make([]evidence.Hash, 3)})
		return err
	})
	write("fork", "holds", "The larger tree does not begin with the smaller one, and both are signed (rule P21).", fork, forked)
	split, both := vectorAlarm(t, func(l *testLog, a *Auditor) error {
		l.mustCosign(a, anyCosigner)
		c := l.tree(l.size)
		c.Root[0] ^= 1
		_, err := a.Cosign(t.Context(), ledger.CosignRequest{OldSize: l.size, Note: l.sign(c)})
		return err
	})
	write("split", "holds", "Two trees of one size, and both are signed (rule P21).", split, both)
	writeBad(t, write, split, fork)
}

// writeBad writes alarms that prove nothing.
func writeBad(t *testing.T, write func(name, want, says, alarm, what string), split, fork string) {
	twice, _ := vectorAlarm(t, func(l *testLog, a *Auditor) error {
		l.force(ledgertest.Rival(3, 1))
		_, err := l.cosign(a)
		return err
	})
	edit := func(alarm string, f func(*Alarm)) string {
		a, err := ParseAlarm([]byte(alarm))
		if err != nil {
			t.Fatal(err)
		}
		f(&a)
		b, err := a.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const no = "fails:alarm.proof"
	write("bad-same-note", no, "The two checkpoints are one and the same.", edit(split, func(a *Alarm) { a.Notes[1] = a.Notes[0] }), "")
	write("bad-fork-order", no, "The larger tree stands first.", edit(fork, func(a *Alarm) { a.Notes[0], a.Notes[1] = a.Notes[1], a.Notes[0] }), "")
	write("bad-one-leaf", no, "One of the two leaves that are to close a seal is missing.", edit(twice, func(a *Alarm) { a.Ranges = a.Ranges[:1] }), "")
	write("bad-same-leaf", no, "One leaf is shown twice: that is no second close.", edit(twice, func(a *Alarm) { a.Ranges[1] = a.Ranges[0] }), "")
	write("bad-index", no, "A leaf is not where it is said to stand.", edit(twice, func(a *Alarm) { a.Ranges[0].First++ }), "")
	write("bad-other-leaf", no, "A leaf is not in the signed tree: whoever raises the alarm made it up.", edit(twice, func(a *Alarm) { a.Ranges[1].Leaves[0] = ledgertest.Rival(3, 2) }), "")
	write("bad-kind", no, "The leaves prove something else than the kind says.", edit(twice, func(a *Alarm) { a.Kind = EpochBack }), "")
	write("bad-unknown-kind", no, "There is no such kind.", edit(twice, func(a *Alarm) { a.Kind = "other" }), "")
	write("bad-signature", "fails:alarm.signature", "The checkpoint was changed after the log signed it.",
		edit(twice, func(a *Alarm) { a.Notes[0] = []byte(strings.Replace(string(a.Notes[0]), "\n48\n", "\n49\n", 1)) }), "")
	write("bad-space", "fails:alarm.form", "There is a space in the JSON.", strings.Replace(twice, ":", ": ", 1), "")
	write("bad-format", "fails:alarm.form", "It is of another version.", strings.Replace(twice, "/v1", "/v2", 1), "")
}

// anyCosigner is the key of the auditor that [vectorAlarm] opened last.
var anyCosigner note.Verifier

// vectorAlarm returns the alarm that a log under the vectors' key gives.
func vectorAlarm(t *testing.T, provoke func(*testLog, *Auditor) error) (alarm, what string) {
	t.Helper()
	l := newLog(t)
	signer, err := note.NewSigner(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	k, err := trust.VKeyOf(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	l.skey = signer
	if l.vkey, err = k.Verifier(); err != nil {
		t.Fatal(err)
	}
	a, key := newAuditor(t, l, &Memory{})
	anyCosigner = key
	l.fill()
	var caught *ledger.MisbehaviourError
	if err := provoke(l, a); !errors.As(err, &caught) {
		t.Fatalf("%v, want a MisbehaviourError", err)
	}
	return string(caught.Alarm), caught.What
}

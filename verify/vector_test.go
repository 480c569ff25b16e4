package verify_test

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/spec"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
	"example.org/custody/verify/verifytest"
	"github.com/rogpeppe/go-internal/txtar"
)

// vector is one file verdict-*.txtar or package-*.txtar (spec/verdict.md,
// "Vectors").
type vector struct {
	name   string
	says   string
	rule   string // "P4", or "" when it is about no rule alone
	side   side   // of the rule
	expect string
	base   string // of the files that are not in it
	source verify.Source
	outcome
	files map[string][]byte // complete
}

const (
	optionsFile  = "options.json"
	contentsFile = "contents.json"
	keysFile     = "identity.txt" // keys of the reader's own
	listFile     = "trust.note"
	readerFolder = "reader/" // policies and certificates of the reader's own
	absentFile   = "absent"
)

// vectorOptions are the reader's choices.
type vectorOptions struct {
	AsOf       *time.Time `json:"as_of,omitempty"`
	AllDigests bool       `json:"all_digests,omitempty"`
	TreeOnly   bool       `json:"tree_only,omitempty"`
}

// vectorContent is what was recomputed of one copy, for a dossier.
type vectorContent struct {
	Digests evidence.Digests `json:"digests"`
	Entry   string           `json:"entry"`
	Member  string           `json:"member,omitempty"`
}

// vectors returns all vectors of the two kinds, read once.
func vectors(t testing.TB) map[string]*vector {
	t.Helper()
	all, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var readOnce = sync.OnceValues(readVectors)

// answers returns the verdict on every vector, asked once. They must not be
// changed.
func answers(t testing.TB) map[string]*verify.Verdict {
	t.Helper()
	askedOnce.Do(func() {
		asked = map[string]*verify.Verdict{}
		for name, v := range vectors(t) {
			asked[name] = v.ask(t)
		}
	})
	return asked
}

var (
	askedOnce sync.Once
	asked     map[string]*verify.Verdict
)

func readVectors() (map[string]*vector, error) {
	all := map[string]*vector{}
	for _, pattern := range []string{"vectors/verdict-*.txtar", "vectors/package-*.txtar"} {
		names, err := fs.Glob(spec.Vectors, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			b, err := spec.Vectors.ReadFile(name)
			if err != nil {
				return nil, err
			}
			v, err := parseVector(strings.TrimSuffix(path.Base(name), ".txtar"), b)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all[v.name] = v
		}
	}
	for _, v := range all {
		if v.base == "" {
			continue
		}
		if all[v.base] == nil || all[v.base].base != "" {
			return nil, fmt.Errorf("%s: no base %q", v.name, v.base)
		}
		v.complete(all[v.base].files)
	}
	return all, nil
}

func parseVector(name string, b []byte) (*vector, error) {
	a := txtar.Parse(b)
	v := &vector{name: name, files: map[string][]byte{}}
	for line := range strings.Lines(string(a.Comment)) {
		if err := v.header(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, err
		}
	}
	for _, f := range a.Files {
		name, data, err := decodeFile(f)
		if err != nil {
			return nil, err
		}
		v.files[name] = data
	}
	return v, nil
}

func (v *vector) header(line string) (err error) {
	key, value, _ := strings.Cut(line, ": ")
	switch key {
	case "rule":
		rule, which, _ := strings.Cut(value, " ")
		v.rule, v.side = rule, map[string]side{"holds": holding, "breaks": breaking}[which]
	case "expect":
		v.expect = value
	case "exit":
		v.exit, err = strconv.Atoi(value)
	case "trust":
		v.source = verify.Source(value)
	case "base":
		v.base = value
	case "finding":
		w := strings.SplitN(value, " ", 4)
		if len(w) != 4 {
			return fmt.Errorf("finding %q", value)
		}
		var q int
		q, err = strconv.Atoi(w[0])
		v.found = append(v.found, shown{q, verify.Status(strings.ReplaceAll(w[1], "-", " ")), w[2], w[3]})
	default:
		v.says += line
	}
	return err
}

// decodeFile undoes what lets any file stand in a txtar file.
func decodeFile(f txtar.File) (string, []byte, error) {
	if name, ok := strings.CutSuffix(f.Name, ".hex"); ok {
		b, err := hex.DecodeString(strings.TrimSpace(string(f.Data)))
		return name, b, err
	}
	if name, ok := strings.CutSuffix(f.Name, ".nolf"); ok {
		return name, bytes.TrimSuffix(f.Data, []byte("\n")), nil
	}
	return f.Name, f.Data, nil
}

// complete fills in what is as in the base: files that are not there, and lines
// "=N".
func (v *vector) complete(base map[string][]byte) {
	absent := strings.Fields(string(v.files[absentFile]))
	delete(v.files, absentFile)
	for name, b := range v.files {
		v.files[name] = expand(b, bytes.SplitAfter(base[name], []byte("\n")))
	}
	for name, b := range base {
		if _, ok := v.files[name]; !ok && !slices.Contains(absent, name) {
			v.files[name] = b
		}
	}
}

func expand(b []byte, base [][]byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(string(line), "="), "\n")); err == nil && line[0] == '=' {
			line = base[n-1]
		}
		out = append(out, line...)
	}
	return out
}

// compress is the inverse of complete.
func (v *vector) compress(base map[string][]byte) {
	var absent []string
	for name := range base {
		if _, ok := v.files[name]; !ok {
			absent = append(absent, name)
		}
	}
	for name, b := range v.files {
		old, ok := base[name]
		if ok && bytes.Equal(old, b) && name != optionsFile { // a vector has at least one file
			delete(v.files, name)
			continue
		}
		if ok && name != optionsFile {
			v.files[name] = shrink(b, bytes.SplitAfter(old, []byte("\n")))
		}
	}
	if absent != nil {
		slices.Sort(absent)
		v.files[absentFile] = []byte(strings.Join(absent, "\n") + "\n")
	}
}

func shrink(b []byte, base [][]byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if i := slices.IndexFunc(base, func(x []byte) bool { return bytes.Equal(x, line) }); i >= 0 && len(line) > 8 && line[len(line)-1] == '\n' {
			line = fmt.Appendf(nil, "=%d\n", i+1)
		}
		out = append(out, line...)
	}
	return out
}

// format writes the vector, its files compressed.
func (v *vector) format() []byte {
	var c strings.Builder
	c.WriteString(v.says + "\n\n")
	if v.rule != "" {
		fmt.Fprintf(&c, "rule: %s %s\n", v.rule, map[side]string{holding: "holds", breaking: "breaks"}[v.side])
	}
	fmt.Fprintf(&c, "expect: %s\nexit: %d\n", v.expect, v.exit)
	for _, f := range v.found {
		fmt.Fprintf(&c, "finding: %d %s %s %s\n", f.q, strings.ReplaceAll(string(f.status), " ", "-"), f.check, f.about)
	}
	fmt.Fprintf(&c, "trust: %s\n", v.source)
	if v.base != "" {
		fmt.Fprintf(&c, "base: %s\n", v.base)
	}
	a := &txtar.Archive{Comment: []byte(c.String())}
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		a.Files = append(a.Files, encodeFile(name, v.files[name]))
	}
	return txtar.Format(a)
}

func encodeFile(name string, b []byte) txtar.File {
	switch {
	case path.Ext(name) == ".der", path.Ext(name) == ".tst", path.Ext(name) == ".p7s", path.Ext(name) == ".age":
		return txtar.File{Name: name + ".hex", Data: []byte(hex.EncodeToString(b) + "\n")}
	case len(b) > 0 && b[len(b)-1] != '\n':
		return txtar.File{Name: name + ".nolf", Data: append(bytes.Clone(b), '\n')}
	}
	return txtar.File{Name: name, Data: b}
}

// ask gives the vector to the verifier.
func (v *vector) ask(t testing.TB) *verify.Verdict {
	t.Helper()
	files := maps.Clone(v.files)
	tr := v.reader(t, files)
	o := v.options(t, files)
	if files[pack.SignatureName] == nil {
		return judge(files, tr, o)
	}
	b := verifytest.Container(files)
	got, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), tr, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// reader takes out of files what the reader has.
func (v *vector) reader(t testing.TB, files map[string][]byte) verify.Trust {
	t.Helper()
	tr := verify.Trust{Source: v.source}
	if note := files[listFile]; v.source != verify.SourceNone {
		list, err := trust.Open(note, nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.List = list
	}
	delete(files, listFile)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasPrefix(name, readerFolder) {
			continue
		}
		if path.Ext(name) == ".json" {
			continue // a pack: options reads it
		}
		if path.Ext(name) == ".der" {
			tr.Certs = append(tr.Certs, files[name])
		} else {
			tr.Policies = append(tr.Policies, files[name])
		}
		delete(files, name)
	}
	return tr
}

// options takes out of files what the reader chose and found.
func (v *vector) options(t testing.TB, files map[string][]byte) verify.Options {
	t.Helper()
	var o vectorOptions
	if err := evidence.ParseCanonical(bytes.TrimSuffix(files[optionsFile], []byte("\n")), &o); err != nil {
		t.Fatal(err)
	}
	delete(files, optionsFile)
	out := verify.Options{AllDigests: o.AllDigests, TreeOnly: o.TreeOnly}
	if o.AsOf != nil {
		out.AsOf = *o.AsOf
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, readerFolder) {
			out.Standards = rules.NewLibrary()
			if _, err := out.Standards.Add(name, files[name]); err != nil {
				t.Fatal(err)
			}
			delete(files, name)
		}
	}
	var contents []vectorContent
	if b := files[contentsFile]; b != nil {
		if err := json.Unmarshal(b, &contents); err != nil {
			t.Fatal(err)
		}
		out.Contents = pack.Contents{}
		for _, c := range contents {
			out.Contents[pack.Enclosed{Entry: c.Entry, Member: c.Member}] = c.Digests
		}
	}
	delete(files, contentsFile)
	if b := files[keysFile]; b != nil {
		k, err := readers.ParseKeys(b)
		if err != nil {
			t.Fatal(err)
		}
		out.Keys = k
	}
	delete(files, keysFile)
	return out
}

// TestVectors gives every vector to the verifier. It knows nothing of how they
// were made.
func TestVectors(t *testing.T) {
	all := vectors(t)
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v := all[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := v.ask(t)
			v.check(t, got)
			if want := expectation(v.exit, v.found); v.expect != want {
				t.Errorf("expects %s, and its findings say %s", v.expect, want)
			}
		})
	}
}

// expectation is the line that every vector of this project has.
func expectation(exit int, found []shown) string {
	if exit == verify.ExitHolds {
		return "holds"
	}
	want := map[int]verify.Status{verify.ExitFails: verify.Fails, verify.ExitUndecided: verify.Undecided}[exit]
	for _, f := range found {
		if f.status == want {
			return string(want) + ":" + f.check
		}
	}
	return cmp.Or(string(want), "holds") + ":" + found[0].check
}

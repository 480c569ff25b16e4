package verify_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

var update = flag.Bool("update", false, "write the vectors that the tables of cases make")

// The vectors of which the others are written as differences.
const (
	baseVerdict = "verdict-p01-covered"
	basePackage = "package-p16-package"
)

// TestUpdate writes those cases of the tables as vectors that have none yet, when
// asked to. A vector once released never changes; new ones stand beside it.
func TestUpdate(t *testing.T) {
	if !*update {
		return
	}
	bases := map[string]map[string][]byte{}
	var made []*vector
	for _, c := range cases() {
		o := c.make()
		v := newVector("verdict-"+c.name, c.name, c.side, c.says, o)
		v.files = o.encode(t)
		v.addReader(t, c.name == "p10-own-copies")
		made = append(made, v)
	}
	for _, c := range packageCases() {
		p := c.make()
		v := newVector("package-"+c.name, c.name, c.side, c.says, p.outcome)
		v.files = verifytest.Files(p.bytes)
		v.addReader(t, false)
		made = append(made, v)
	}
	have := vectors(t)
	for _, v := range made {
		bases[v.name] = maps.Clone(v.files)
		if old := have[v.name]; old != nil {
			bases[v.name] = old.files
		}
	}
	for _, v := range made {
		if have[v.name] != nil {
			continue
		}
		base := map[bool]string{true: basePackage, false: baseVerdict}[strings.HasPrefix(v.name, "package-")]
		if v.name != base {
			v.base = base
			v.compress(bases[base])
		}
		if err := os.WriteFile(filepath.Join("..", "spec", "vectors", v.name+".txtar"), v.format(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func newVector(name, of string, s side, says string, o outcome) *vector {
	v := &vector{name: name, says: says, side: s, expect: expectation(o.exit, o.found), source: o.trust.Source, outcome: o}
	if rule, _, _ := strings.Cut(of, "-"); rule != "x" {
		v.rule = "P" + strings.TrimLeft(rule, "p0")
	}
	return v
}

// addReader adds what the reader has and chose to the files.
func (v *vector) addReader(t *testing.T, copies bool) {
	o := vectorOptions{AllDigests: v.opts.AllDigests, TreeOnly: v.opts.TreeOnly}
	if !v.opts.AsOf.IsZero() {
		o.AsOf = &v.opts.AsOf
	}
	b, err := evidence.Canonical(o)
	if err != nil {
		t.Fatal(err)
	}
	v.files[optionsFile] = append(b, '\n')
	if v.trust.List != nil {
		v.files[listFile] = v.trust.List.Note()
	}
	if v.keys != "" {
		v.files[keysFile] = []byte("# a key for this vector alone\n" + v.keys + "\n")
	}
	if v.opts.Standards != nil {
		v.files[readerFolder+"test-1.json"] = []byte(testPack)
	}
	if copies {
		for i, p := range v.trust.Policies {
			v.files[fmt.Sprintf("%spolicy-%d.txt", readerFolder, i+1)] = p
		}
		for i, c := range v.trust.Certs {
			v.files[fmt.Sprintf("%scert-%d.der", readerFolder, i+1)] = c
		}
	}
	if v.opts.Contents != nil {
		v.files[contentsFile] = encodeContents(t, v.opts)
	}
}

func encodeContents(t *testing.T, o verify.Options) []byte {
	t.Helper()
	var list []vectorContent
	for where, d := range o.Contents {
		list = append(list, vectorContent{Digests: d, Entry: where.Entry, Member: where.Member})
	}
	slices.SortFunc(list, func(a, b vectorContent) int { return strings.Compare(a.Entry, b.Entry) })
	b, err := evidence.Canonical(list)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

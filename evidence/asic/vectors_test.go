package asic

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write spec/vectors/container-*.txtar again")

const vectorFolder = "../../spec/vectors/"

// goodVector is a container or bag that holds, and the files it is made of.
type goodVector struct {
	says  string
	bag   bool
	files []file // signature files have no media type
}

func goodVectors() map[string]goodVector {
	empty := text("a.txt", "")
	return map[string]goodVector{
		"good": {"A container with one signature file.", false, append(goodFiles(), file{Header{Name: SignatureDSSE}, goodSignature})},
		"good-names": {"Names that are not ASCII or need escapes in the manifest, an empty file, two signature files, no root.", false,
			[]file{empty, text("b c+%&'.txt", "1\n"), text("d/é.txt", "2\n"), text("d/میان‌وند.txt", "3\n"), text("雪.txt", "4\n"),
				{Header{Name: SignatureDSSE}, goodSignature}, {Header{Name: SignatureCAdES}, ""}}},
		"good-bag":       {"A bag.", true, []file{text("1", "one\n"), text("10", "ten\n"), text("2", ""), text("data/é", "three\n")}},
		"good-bag-empty": {"A bag without members is an end record.", true, nil},
	}
}

// build writes the vector's files and returns the bytes.
func (v goodVector) build(t testing.TB) []byte {
	if v.bag {
		var pairs []string
		for _, f := range v.files {
			pairs = append(pairs, f.Name, f.content)
		}
		return writeBag(t, pairs...)
	}
	n := slices.IndexFunc(v.files, func(f file) bool { return signatureType(f.Name) != "" })
	out := &memFile{}
	var o Options
	for _, s := range v.files[n:] {
		o.Signatures = append(o.Signatures, s.Name)
	}
	w, err := NewWriter(out, o)
	must(t, err)
	for _, f := range v.files[:n] {
		must(t, w.WriteFile(f.Header, []byte(f.content)))
	}
	_, err = w.WriteManifest()
	must(t, err)
	for _, s := range v.files[n:] {
		must(t, w.AddSignature(s.Name, []byte(s.content)))
	}
	must(t, w.Close())
	return out.b
}

// format writes the vector: files.txt lists place, name (percent-encoded), media
// type and root; file n is in n.
func (v goodVector) format(b []byte) []byte {
	a := &txtar.Archive{Comment: []byte("expect: holds\n" + v.says + "\n")}
	var list strings.Builder
	for i, f := range v.files {
		fmt.Fprintf(&list, "%d %s", i+1, uri(f.Name))
		if f.MimeType != "" && !v.bag {
			list.WriteString(" " + f.MimeType)
		}
		if f.Root {
			list.WriteString(" root")
		}
		list.WriteString("\n")
	}
	a.Files = append(a.Files, txtar.File{Name: "files.txt", Data: []byte(list.String())})
	for i, f := range v.files {
		a.Files = append(a.Files, txtar.File{Name: strconv.Itoa(i + 1), Data: []byte(f.content)})
	}
	a.Files = append(a.Files, txtar.File{Name: map[bool]string{false: "container.hex", true: "bag.hex"}[v.bag], Data: hexLines(b)})
	return txtar.Format(a)
}

func hexLines(b []byte) []byte {
	var out bytes.Buffer
	for line := range slices.Chunk(b, 64) {
		fmt.Fprintf(&out, "%x\n", line)
	}
	return out.Bytes()
}

// formatHostile writes a case as the difference to a good vector: one splice,
// "position length hex", which replaces length bytes of the base ("-": by none).
func formatHostile(h hostile, base string, good []byte) []byte {
	answer := "undecided:" + h.kind.Error()
	if errors.Is(h.kind, ErrDigest) {
		answer = "fails:" + h.kind.Error()
	}
	comment := "expect: " + answer + "\n"
	if h.entry != "" && h.entry != anyEntry {
		comment += "entry: " + uri(h.entry) + "\n"
	}
	most := min(len(good), len(h.b))
	head := 0
	for head < most && good[head] == h.b[head] {
		head++
	}
	tail := 0
	for tail < most-head && good[len(good)-1-tail] == h.b[len(h.b)-1-tail] {
		tail++
	}
	insert := hex.EncodeToString(h.b[head : len(h.b)-tail])
	if insert == "" {
		insert = "-"
	}
	splice := fmt.Sprintf("%d %d %s\n", head, len(good)-head-tail, insert)
	return txtar.Format(&txtar.Archive{Comment: []byte(comment), Files: []txtar.File{
		{Name: "base.txt", Data: []byte(base + "\n")},
		{Name: "splice.txt", Data: []byte(splice)},
	}})
}

// made returns every vector this package can make, by file name.
func made(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	for name, v := range goodVectors() {
		all["container-"+name+".txtar"] = v.format(v.build(t))
	}
	good, bag := write(t, goodFiles()), goodVectors()["good-bag"].build(t)
	for _, h := range hostiles(t) {
		all["container-"+h.name+".txtar"] = formatHostile(h, "container-good", good)
	}
	for _, h := range hostileBags() {
		all["container-bag-"+h.name+".txtar"] = formatHostile(h, "container-good-bag", bag)
	}
	return all
}

// TestVectorsAreMade compares the files of spec/vectors with what the tests
// make: the two good for each other.
func TestVectorsAreMade(t *testing.T) {
	all := made(t)
	if *update {
		for name, b := range all {
			must(t, os.WriteFile(vectorFolder+name, b, 0o644))
		}
	}
	paths, err := filepath.Glob(vectorFolder + "container-*.txtar")
	must(t, err)
	for _, p := range paths {
		if got, err := os.ReadFile(p); err != nil || !bytes.Equal(got, all[filepath.Base(p)]) {
			t.Errorf("%s differs from the one made here (run with -update): %v", p, err)
		}
		delete(all, filepath.Base(p))
	}
	for name := range all {
		t.Errorf("%s is missing (run with -update)", name)
	}
}

// TestVectors reads every vector as a stranger would, from its file alone, and
// compares the answer.
func TestVectors(t *testing.T) {
	paths, err := filepath.Glob(vectorFolder + "container-*.txtar")
	must(t, err)
	if len(paths) < 60 {
		t.Fatalf("only %d vectors", len(paths))
	}
	for _, p := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(p), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(p)
			must(t, err)
			b, isBag := vectorBytes(t, a)
			verify := check
			if isBag {
				verify = checkBag
			}
			err = verify(b)
			answer := "holds"
			if kind := kindOf(t, err); kind != nil {
				answer = map[bool]string{false: "undecided:", true: "fails:"}[errors.Is(kind, ErrDigest)] + kind.Error()
			}
			if want, _ := field(a, "expect"); answer != want {
				t.Errorf("answer is %s (%v), want %s", answer, err, want)
			}
			var e *Error
			if want, ok := field(a, "entry"); ok && (!errors.As(err, &e) || uri(e.Entry) != want) {
				t.Errorf("%v does not name %s", err, want)
			}
		})
	}
}

func field(a *txtar.Archive, key string) (string, bool) {
	for line := range strings.Lines(string(a.Comment)) {
		if v, ok := strings.CutPrefix(line, key+": "); ok {
			return strings.TrimSuffix(v, "\n"), true
		}
	}
	return "", false
}

// vectorBytes returns the container or bag that a vector describes.
func vectorBytes(t testing.TB, a *txtar.Archive) (b []byte, isBag bool) {
	t.Helper()
	for _, f := range a.Files {
		switch f.Name {
		case "container.hex", "bag.hex":
			b, err := hex.DecodeString(strings.ReplaceAll(string(f.Data), "\n", ""))
			must(t, err)
			return b, f.Name == "bag.hex"
		case "base.txt":
			base, err := txtar.ParseFile(vectorFolder + strings.TrimSpace(string(f.Data)) + ".txtar")
			must(t, err)
			b, isBag = vectorBytes(t, base)
		case "splice.txt":
			var at, n int
			var h string
			_, err := fmt.Sscanf(string(f.Data), "%d %d %s", &at, &n, &h)
			must(t, err)
			insert, err := hex.DecodeString(strings.TrimSuffix(h, "-"))
			must(t, err)
			b = slices.Concat(b[:at], insert, b[at+n:])
		}
	}
	return b, isBag
}

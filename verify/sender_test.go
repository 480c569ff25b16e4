package verify_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// saying is the package with another sender's verdict, signed.
func (d *delivery) saying(verdict []byte, o verify.Options) packed {
	p := d.instead(pack.VerdictName, verdict)
	p.opts = o
	return p
}

// ofSender returns what a verdict says of the sender's.
func ofSender(v *verify.Verdict) verify.Finding {
	i := slices.IndexFunc(v.Container, func(f verify.Finding) bool { return f.Check == "sender.verdict" })
	if i < 0 {
		return verify.Finding{}
	}
	return v.Container[i]
}

var saidStatus = regexp.MustCompile(`(?:"check":"([a-z0-9.]+)","detail":"[^"]*","spec":"[^"]*"|"sentence":"[^"]*"),"status":"(holds)"`)

// A reader who does not recompute plain digests holds the sender to every status but
// theirs.
func TestSenderOfTreeOnly(t *testing.T) {
	d := inBag()
	said := d.files[pack.VerdictName]
	plain, others := 0, 0
	for _, at := range saidStatus.FindAllSubmatchIndex(said, -1) {
		lie := bytes.Clone(said)
		copy(lie[at[4]:], "fails")
		want := verify.Fails
		if at[2] >= 0 && string(said[at[2]:at[3]]) == "content.sha256" {
			plain++
			want = verify.Holds
		} else {
			others++
		}
		if got := ofSender(d.saying(lie, verify.Options{TreeOnly: true}).verdict(t)); got.Status != want {
			t.Errorf("%s: %s: %s", said[at[0]:at[1]], got.Status, got.Detail)
		}
	}
	if plain != len(twoFiles) || others < 30 {
		t.Errorf("%d and %d statuses", plain, others)
	}
}

// Whichever byte of the sender's verdict is another: a reader who does not recompute plain
// digests finds of it what one finds who does.
func TestEveryByteOfSender(t *testing.T) {
	const step = 61
	d := inBag()
	everyByte(t, d.files[pack.VerdictName], func(t *testing.T, b []byte, i int) {
		if i%step != 0 {
			return
		}
		b[i] ^= 1
		said := bytes.Clone(b)
		b[i] ^= 1
		with, without := ofSender(d.saying(said, verify.Options{}).verdict(t)), ofSender(d.saying(said, verify.Options{TreeOnly: true}).verdict(t))
		if with.Status != without.Status || with.Status != verify.Holds && with.Detail != without.Detail {
			t.Errorf("byte %d: with plain digests %s: %s; without %s: %s", i, with.Status, with.Detail, without.Status, without.Detail)
		}
	})
}

// A sender names a list by version and digest, and both have to be of one.
func TestSenderNamesListByBoth(t *testing.T) {
	d := inBag()
	for _, version := range []int{0, 2} {
		lie := replaced(d.files[pack.VerdictName], `,"version":1}}`, fmt.Sprintf(`,"version":%d}}`, version))
		if got := ofSender(d.saying(lie, verify.Options{}).verdict(t)); got.Status != verify.Undecided {
			t.Errorf("version %d: %s: %s", version, got.Status, got.Detail)
		}
	}
}

// A status that is none is another than the one found, of a finding that the reader has
// and of one that the reader has not.
func TestSenderSaysNoStatus(t *testing.T) {
	d := inBag()
	said := d.files[pack.VerdictName]
	for name, lie := range map[string][]byte{
		"known":   replaced(said, `"status":"holds","subject":"file/1"`, `"status":"","subject":"file/1"`),
		"unknown": replaced(said, `"status":"holds","subject":"file/1"`, `"status":"","subject":"file/0"`),
	} {
		if got := ofSender(d.saying(lie, verify.Options{}).verdict(t)); got.Status != verify.Fails {
			t.Errorf("%s: %s: %s", name, got.Status, got.Detail)
		}
	}
}

// Whoever says one thing very often is answered at once: what looked for each finding
// beside all that are like it would not be done within the time that tests have.
func TestSenderSaysOneThingOften(t *testing.T) {
	d := inBag()
	one := `{"check":"a","detail":"","spec":"","status":"holds","subject":""}`
	lie := replaced(d.files[pack.VerdictName], `"findings":[`, `"findings":[`+strings.Repeat(one+",", 300_000))
	if got := ofSender(d.saying(lie, verify.Options{}).verdict(t)); got.Status != verify.Fails || !strings.Contains(got.Detail, "the sender says that a of ") {
		t.Errorf("%s: %s", got.Status, got.Detail)
	}
}

// heldTree is what a verdict finds of the first file of those that are enclosed.
var heldTree = regexp.MustCompile(`\{"check":"content\.tree"[^}]*"status":"holds"[^}]*\},`)

// What is said of a sender's verdict is no more than was compared, whether it was taken
// apart or not.
func TestSenderSaysWhatWasCompared(t *testing.T) {
	const all, digests, others = "every finding has the same status", "except those about plain digests", "except some that were not compared"
	s := newStage(verifytest.Config{})
	two, own := s.packedTwice(2, nil), s.w.Trust()
	d := inBag()
	fewer := heldTree.ReplaceAll(d.files[pack.VerdictName], nil)
	for name, c := range map[string]struct {
		p    packed
		want string
	}{
		"left out":         {d.saying(fewer, verify.Options{}), others},
		"all":              {packed{two[0], outcome{trust: own}}, all},
		"taken apart":      {packed{two[1], outcome{trust: own}}, all},
		"trees only":       {packed{two[0], outcome{trust: own, opts: verify.Options{TreeOnly: true}}}, digests},
		"trees, apart":     {packed{two[1], outcome{trust: own, opts: verify.Options{TreeOnly: true}}}, digests},
		"all digests":      {packed{two[0], outcome{trust: own, opts: verify.Options{AllDigests: true}}}, digests},
		"digests, apart":   {packed{two[1], outcome{trust: own, opts: verify.Options{AllDigests: true}}}, digests},
		"no key":           {sealedFor(twoFiles, false, map[int][]string{1: {oneKey}}).as(), others},
		"no key and trees": {treesOnly(sealedFor(twoFiles, false, map[int][]string{1: {oneKey}}).as()), others},
	} {
		f := ofSender(c.p.verdict(t))
		if f.Status != verify.Holds || c.want == all != strings.HasSuffix(f.Detail, all) || !strings.Contains(f.Detail, c.want) {
			t.Errorf("%s: %s: %s", name, f.Status, f.Detail)
		}
	}
}

func treesOnly(p packed) packed {
	p.opts.TreeOnly = true
	return p
}

// A sender's verdict that is the one computed again is not taken apart, whatever the
// reader chose: of many files that takes more memory than everything else.
func TestSenderIsNotTakenApart(t *testing.T) {
	const files = 400
	tsa := verifytest.NewTSA("AA")
	s := newStage(verifytest.Config{Edit: func(l *trust.List) { l.TSAs = []trust.TSA{tsa.Listed("AA", time.Time{})} }})
	plain, stamped := s.packedTwice(files, nil), s.packedTwice(files, func(manifest []byte) []byte { return tsa.Token(manifest, s.w.Now.Add(time.Minute)) })
	own := s.w.Trust()
	newer := verify.Trust{List: s.w.Next(func(l *trust.List) { l.NextUpdate = l.NextUpdate.AddDate(0, 1, 0) }), Source: verify.SourceGiven}
	for name, c := range map[string]struct {
		packages [2][]byte
		trust    verify.Trust
		opts     verify.Options
	}{
		"as the sender":   {plain, own, verify.Options{}},
		"trees only":      {plain, own, verify.Options{TreeOnly: true}},
		"all digests":     {plain, own, verify.Options{AllDigests: true}},
		"another moment":  {plain, own, verify.Options{AsOf: s.w.Now.Add(time.Minute)}},
		"a court's pack":  {plain, own, verify.Options{Court: courtsPack(t)}},
		"a newer list":    {plain, newer, verify.Options{}},
		"a timestamp":     {stamped, own, verify.Options{}},
		"trees and stamp": {stamped, own, verify.Options{TreeOnly: true}},
	} {
		same, other := packed{c.packages[0], outcome{trust: c.trust, opts: c.opts}}, packed{c.packages[1], outcome{trust: c.trust, opts: c.opts}}
		if a, b := takes(t, name, same), takes(t, name, other); a+4000*files > b {
			t.Errorf("%s: %d bytes for the verdict computed again, %d for another", name, a, b)
		}
	}
}

// takes returns how many bytes a verdict that has nothing against the sender's allocates:
// the least of three, because what others keep for use again is collected at any time.
func takes(t *testing.T, name string, p packed) uint64 {
	t.Helper()
	least := uint64(math.MaxUint64)
	for range 3 {
		var v *verify.Verdict
		least = min(least, allocated(func() { v = p.verdict(t) }))
		if f := ofSender(v); f.Status != verify.Holds {
			t.Errorf("%s: %s: %s", name, f.Status, f.Detail)
		}
	}
	return least
}

// packedTwice seals so many files, and packs them once as any sender does, and once with
// a sentence of the sender's verdict in other words.
func (s *stage) packedTwice(files int, stamp func(manifest []byte) []byte) (packages [2][]byte) {
	record := verifytest.Record{}
	for i := range files {
		content := fmt.Appendf(nil, "file %d\n", i)
		digests := evidence.DigestBytes(content, evidence.WithSHA256|evidence.WithSHA512)
		record.Files = append(record.Files, verifytest.File{Path: fmt.Sprintf("%d.txt", i), Content: content, Digests: &digests})
	}
	item := s.ann.Collect(record)
	p := verifytest.Packing{By: s.ann, Items: []*verifytest.Item{item}, Files: [][]verifytest.File{record.Files}, Bags: true, Stamp: stamp}
	at := s.w.Now
	packages[0] = s.w.Package(p)
	s.w.Now = at
	said := edited(verifytest.Files(packages[0])[pack.VerdictName], func(item map[string]any) {
		item["questions"].([]any)[0].(map[string]any)["sentence"] = "As it was."
	})
	p.Verdict = func(pack.Contents, time.Time) (io.WriterTo, error) { return bytes.NewReader(said), nil }
	packages[1] = s.w.Package(p)
	return packages
}

// courtsPack is a pack of a reader's own.
func courtsPack(t *testing.T) *rules.Pack {
	t.Helper()
	lib := rules.NewLibrary()
	added, err := lib.Add("court-1.json", []byte(testPack))
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.Pack(added.Digest())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

package desk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing/tsa"
	"example.org/custody/verify"
)

// foreignWorld is a desk whose timestamp authority counts, for packages that programs
// of others read.
type foreignWorld struct {
	s      *Session
	time   *tsa.Authority
	client tsa.Client
	dir    string // with authority.der and tsa.der
}

func newForeignWorld(t *testing.T) *foreignWorld {
	t.Helper()
	aa, bb := twoStates(t)
	_, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: string(evidence.RoleCollector), Role: evidence.RoleCollector, Passphrase: testPassphrase})
	noError(t, err)
	w := &foreignWorld{s: aa.Session.as(t, evidence.RoleCollector), dir: t.TempDir()}
	w.time, w.client = clockmaker(t, w.s)
	agreed(t, w.time, aa, bb)
	auth, err := w.s.authority()
	noError(t, err)
	w.write(t, "authority.der", auth.cert.Raw)
	w.write(t, "tsa.der", w.time.Certificate().Raw)
	return w
}

func (w *foreignWorld) write(t *testing.T, name string, b []byte) {
	t.Helper()
	noError(t, os.WriteFile(filepath.Join(w.dir, name), b, 0o600))
}

// pack makes a package of that name, which we find to hold.
func (w *foreignWorld) pack(t *testing.T, name string, p Packing) []byte {
	t.Helper()
	p.CAdES, p.Stamp, p.Out = true, w.client, filepath.Join(w.dir, name)
	v, _ := packedBy(t, w.s, p, w.s.trusted.Root())
	if f := found(v, "package.cades"); v.Exit != verify.ExitHolds || f.Status != verify.Holds || strings.Contains(f.Detail, "does not name the certificate") != p.LongTerm {
		t.Errorf("%s: exit %d, %+v", name, v.Exit, f)
	}
	b, err := os.ReadFile(p.Out)
	noError(t, err)
	return b
}

// part returns an entry of a container.
func part(t *testing.T, b []byte, name string) []byte {
	t.Helper()
	r, err := asic.Open(bytes.NewReader(b), int64(len(b)), asic.Limits{})
	noError(t, err)
	content, err := r.ReadFile(name, 1<<20)
	noError(t, err)
	return content
}

// with returns the container with another content of the same length in the place of
// that of an entry; its checksum is made right, where it stands in the headers.
func with(t *testing.T, b []byte, name string, change func([]byte)) []byte {
	t.Helper()
	old := part(t, b, name)
	changed := bytes.Clone(old)
	change(changed)
	if bytes.Count(b, old) != 1 || bytes.Equal(old, changed) {
		t.Fatalf("%s stands %d times, or is not changed", name, bytes.Count(b, old))
	}
	out := bytes.Replace(b, old, changed, 1)
	return bytes.ReplaceAll(out, crcOf(old), crcOf(changed))
}

// crcOf is a content's checksum as headers have it.
func crcOf(b []byte) []byte { return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }

func stderrOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}

// The JDK's ZipInputStream and Bouncy Castle read and verify a package, of level T and
// LT, and refuse one in which anything that is signed is changed.
func TestPackForJava(t *testing.T) {
	w := newForeignWorld(t)
	levelT, levelLT := w.pack(t, "t.asice", Packing{}), w.pack(t, "lt.asice", Packing{LongTerm: true})
	flip := func(b []byte) { b[len(b)/2] ^= 1 }
	last := func(b []byte) { b[len(b)-1] ^= 1 }
	for name, b := range map[string][]byte{
		"copy.asice":      with(t, levelT, "payload/1/1.txt", flip),
		"events.asice":    with(t, levelT, "record/events.jsonl", flip),
		"readme.asice":    with(t, levelLT, "README.txt", flip),
		"manifest.asice":  with(t, levelT, asic.ManifestName, func(b []byte) { b[bytes.Index(b, []byte("text/plain"))] = 'x' }),
		"signature.asice": with(t, levelT, asic.SignatureCAdES, flip),
		"another.asice":   otherCopy(t, levelT, levelLT),
		"stamp.asice":     with(t, levelT, asic.Timestamp, last),
	} {
		w.write(t, name, b)
	}
	for file, said := range w.java(t) {
		if good := file == "t.asice" || file == "lt.asice"; good != (said == "ok") {
			t.Errorf("%s: %s", file, said)
		}
	}
}

// otherCopy is a with the copy of b: another file under the same signature.
func otherCopy(t *testing.T, a, b []byte) []byte {
	t.Helper()
	mine, other := part(t, a, "payload/1/1.txt"), part(t, b, "payload/1/1.txt")
	if len(mine) != len(other) {
		t.Fatalf("%d and %d bytes", len(mine), len(other))
	}
	return with(t, a, "payload/1/1.txt", func(c []byte) { copy(c, other) })
}

// otherStamp is a with the timestamp of b, which is over something else.
func otherStamp(t *testing.T, a, b []byte) []byte {
	t.Helper()
	other := part(t, b, asic.Timestamp)
	return with(t, a, asic.Timestamp, func(c []byte) {
		if len(c) != len(other) { // of another length the signature in it would be damaged
			other = c
			c[len(c)-1] ^= 1
		}
		copy(c, other)
	})
}

// java asks Bouncy Castle about every package in the folder.
func (w *foreignWorld) java(t *testing.T) map[string]string {
	t.Helper()
	checker, err := filepath.Abs("testdata/foreign/CheckPackage.java")
	noError(t, err)
	var jars []string
	for _, name := range []string{"bcprov", "bcpkix", "bcutil"} {
		jars = append(jars, "/usr/share/java/"+name+".jar")
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "*.asice"))
	noError(t, err)
	args := []string{"-cp", strings.Join(jars, ":"), checker, "authority.der", "tsa.der"}
	for _, f := range files {
		args = append(args, filepath.Base(f))
	}
	cmd := exec.CommandContext(t.Context(), "java", args...)
	cmd.Dir = w.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("java: %v\n%s", err, stderrOf(err))
	}
	all := map[string]string{}
	for line := range strings.Lines(string(out)) {
		file, said, _ := strings.Cut(strings.TrimSpace(line), "\t")
		all[file] = said
	}
	if len(all) != len(files) {
		t.Fatalf("%d of %d packages: %s", len(all), len(files), out)
	}
	return all
}

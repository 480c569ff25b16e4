//go:build unix

package verify_test

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// benchSize is how much evidence the package of [BenchmarkVerify] has.
const benchSize = 1 << 30

// BenchmarkVerify verifies a package with 1 GiB of evidence in a process of its
// own, in turns with `openssl dgst -sha256` over the same file, and prints medians,
// ratios and targets. It never fails for being slow.
func BenchmarkVerify(b *testing.B) {
	openssl, err := exec.LookPath(cmp.Or(os.Getenv("OPENSSL"), "openssl"))
	if err != nil {
		b.Fatal("openssl is not installed")
	}
	dir := b.TempDir()
	file := filepath.Join(dir, "package.asice")
	list := makeLarge(b, file, benchSize)
	if err := os.WriteFile(filepath.Join(dir, "trust.note"), list, 0o600); err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	all := []*turn{
		{name: "openssl dgst -sha256", command: func() *exec.Cmd { return exec.Command(openssl, "dgst", "-sha256", file) }},
		{name: "verify: tree and SHA-256", command: func() *exec.Cmd { return verifyProcess(dir, "") }},
		{name: "verify: tree only", command: func() *exec.Cmd { return verifyProcess(dir, "tree") }},
	}
	round := func() {
		for _, t := range all {
			t.run(b)
		}
	}
	for b.Loop() {
		round()
	}
	for len(all[0].walls) < 3 { // a median needs three
		round()
	}
	b.ReportMetric(0, "ns/op")
	for _, t := range all {
		b.Logf("%-24s %6.2f s (%.2f to %.2f), %.2f s of processor, %3.0f MB", t.name, median(t.walls), slices.Min(t.walls), slices.Max(t.walls), median(t.cpus), t.memory/1e6)
	}
	for _, c := range []struct {
		of     *turn
		target float64
	}{{all[1], 0.85}, {all[2], 1.1}} {
		ratio := median(all[0].walls) / median(c.of.walls)
		b.Logf("%s, speed beside openssl: %.2f, at least %g: %s", c.of.name, ratio, c.target, reached(ratio >= c.target))
		b.Logf("%s, memory: %.0f MB, at most 100: %s", c.of.name, c.of.memory/1e6, reached(c.of.memory <= 100e6))
	}
}

func reached(yes bool) string {
	if yes {
		return "reached"
	}
	return "MISSED"
}

// turn is one program of the benchmark and what it took each time.
type turn struct {
	name    string
	command func() *exec.Cmd
	walls   []float64 // seconds
	cpus    []float64 // seconds
	memory  float64   // bytes, the most that was resident in any turn
}

func (t *turn) run(b *testing.B) {
	b.Helper()
	cmd := t.command()
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		b.Fatalf("%s: %v\n%s", t.name, err, out)
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	resident := float64(use.Maxrss)
	if runtime.GOOS == "linux" {
		resident *= 1024
	}
	t.walls = append(t.walls, wall.Seconds())
	t.cpus = append(t.cpus, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	t.memory = max(t.memory, resident)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// verifyProcess runs this test program again as a verifier of the package in dir.
func verifyProcess(dir, mode string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestAsProcess$")
	cmd.Env = append(os.Environ(), processFolder+"="+dir, processMode+"="+mode)
	return cmd
}

// Variables by which [verifyProcess] tells [TestAsProcess] what to do.
const (
	processFolder = "CUSTODY_TEST_VERIFY_FOLDER"
	processMode   = "CUSTODY_TEST_VERIFY_MODE"
)

// TestAsProcess verifies a package on disk when the benchmark runs it as a
// process, and a small one of its own otherwise.
func TestAsProcess(t *testing.T) {
	dir := os.Getenv(processFolder)
	if dir == "" {
		dir = t.TempDir()
		list := makeLarge(t, filepath.Join(dir, "package.asice"), 3<<20+17)
		if err := os.WriteFile(filepath.Join(dir, "trust.note"), list, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "trust.note"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := trust.Open(list, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "package.asice"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{TreeOnly: os.Getenv(processMode) == "tree"}
	v, _, err := verify.File(t.Context(), f, info.Size(), verify.Trust{List: l, Source: verify.SourceGiven}, o)
	if err != nil {
		t.Fatal(err)
	}
	if v.Exit != verify.ExitHolds {
		t.Fatal(v.Sentence)
	}
}

// makeLarge writes a package with one file of that size to a file, and returns
// the list under which it holds. The content is no run of zeros and takes no time
// to make.
func makeLarge(t testing.TB, name string, size int64) []byte {
	t.Helper()
	content := func() io.Reader { return io.LimitReader(&ruled{}, size) }
	digests, err := evidence.DigestReader(content(), evidence.WithSHA256, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "large.bin", Digests: &digests}}})
	d := s.w.DossierWith([]*verifytest.Officer{s.ann}, s.item)
	e := pack.Enclosed{Entry: pack.PayloadName(1, 1, ".bin"), File: evidence.FileName(1)}
	d.Items[0].Payload = append(d.Items[0].Payload, e)
	f, err := asic.Create(name, asic.Options{Signatures: []string{asic.SignatureDSSE}})
	if err != nil {
		t.Fatal(err)
	}
	in := s.w.Writing(verifytest.Packing{By: s.ann}, d, []pack.Source{{Enclosed: e, Size: size, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(content()), nil
	}}})
	if err := pack.Write(context.Background(), f.Writer, in); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return s.w.List.Note()
}

// ruled is an endless content, the same whatever is asked for at a time.
type ruled struct{ at int }

var rule = func() []byte {
	b := make([]byte, evidence.ChunkSize-13) // no two chunks are alike
	for i := range b {
		b[i] = byte(i * i % 251)
	}
	return b
}()

func (r *ruled) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], rule[r.at:])
		n, r.at = n+k, (r.at+k)%len(rule)
	}
	return n, nil
}

//go:build unix

package vault_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// benchMiB is the size of the large file; CUSTODY_BENCH_MIB sets another.
func benchMiB(b *testing.B) int64 {
	text := os.Getenv("CUSTODY_BENCH_MIB")
	if text == "" {
		return 1024
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// largeFile makes a file that does not compress, in dir.
func largeFile(t testing.TB, dir string, mib int64) string {
	t.Helper()
	path := filepath.Join(dir, "large")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range mib {
		if _, err := f.Write(noise(uint64(i), 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return path
}

// round measures one run of what it is given; what was written before does not
// count, what it writes does.
func round(b *testing.B, run func() error) time.Duration {
	b.Helper()
	unix.Sync()
	start := time.Now()
	if err := run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return all[len(all)/2].Seconds()
}

// BenchmarkLarge sets sealing one large file beside the age command and sync,
// in interleaved rounds. Ours is digests, encryption, object digest, all durable.
func BenchmarkLarge(b *testing.B) {
	age := peer(b, "age")
	file := largeFile(b, b.TempDir(), benchMiB(b))
	var ours, theirs []time.Duration
	for b.Loop() {
		d := newDesk(b)
		in := intake(b, file)
		ours = append(ours, round(b, func() error {
			values, err := d.ingest(b.Context(), in)
			if err != nil {
				return err
			}
			return d.Commit(b.Context(), values)
		}))
		d.close()
		os.RemoveAll(d.dir)
		if age == "" {
			continue
		}
		out := filepath.Join(b.TempDir(), "out.age")
		theirs = append(theirs, round(b, func() error {
			cmd := exec.Command("sh", "-c", `"$0" -r "$1" -o "$2" "$3" && sync`, age, d.own.Recipient().String(), out, file)
			cmd.Stderr = os.Stderr
			return cmd.Run()
		}))
		os.Remove(out)
	}
	report(b, ours, theirs)
}

// peer returns the command to compare with, from the environment (AGE, RESTIC)
// or from PATH; "" when it is not there, which is said.
func peer(b *testing.B, name string) string {
	b.Helper()
	if path := os.Getenv(strings.ToUpper(name)); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		b.Logf("%s is not installed: nothing to compare with", name)
	}
	return path
}

// maxMemory is what the whole process may take at most, in bytes, whatever it
// seals; this one also makes the evidence.
const maxMemory = 100_000_000

// report prints the medians side by side.
func report(b *testing.B, ours, theirs []time.Duration) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "ours-s")
	if len(theirs) > 0 {
		b.ReportMetric(median(theirs), "theirs-s")
		b.ReportMetric(median(ours)/median(theirs), "ratio")
	}
	peak := peakMemory(b)
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
	if peak > maxMemory {
		b.Errorf("memory of %d bytes", peak)
	}
}

// BenchmarkRecheck reads a stored file again with all digests, as an accept does,
// beside SHA-256 of as many bytes in one stream.
func BenchmarkRecheck(b *testing.B) {
	d := newDesk(b)
	const size = 256 << 20
	f := d.seal(largeFile(b, b.TempDir(), size>>20))[0]
	b.Run("recheck", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			got, err := d.Digest(b.Context(), f, nil)
			if err == nil {
				err = f.Digests.Check(got)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sha256", func(b *testing.B) {
		block := noise(1, 1<<20)
		b.SetBytes(size)
		for b.Loop() {
			h := sha256.New()
			for range size >> 20 {
				h.Write(block)
			}
		}
	})
}

// peakMemory returns the most memory the process has had, in bytes.
func peakMemory(t testing.TB) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // not Linux
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kib int64
			if _, err := fmt.Sscan(rest, &kib); err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	return 0
}

// BenchmarkSmall sets sealing 10,000 small files beside restic backup into a
// fresh local repository.
func BenchmarkSmall(b *testing.B) {
	restic := peer(b, "restic")
	dir := b.TempDir()
	for i := range 10_000 {
		path := filepath.Join(dir, fmt.Sprintf("%02d", i%100), fmt.Sprintf("file-%d.bin", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, noise(uint64(i), 500+i*7919%20_000), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var ours, theirs []time.Duration
	for b.Loop() {
		d := newDesk(b)
		ours = append(ours, round(b, func() error {
			values, err := d.ingest(b.Context(), intake(b, dir))
			if err != nil {
				return err
			}
			return d.Commit(b.Context(), values)
		}))
		d.close()
		os.RemoveAll(d.dir)
		if restic == "" {
			continue
		}
		repo := b.TempDir()
		env := append(os.Environ(), "RESTIC_PASSWORD=benchmark", "RESTIC_REPOSITORY="+repo)
		run := func(args ...string) error {
			cmd := exec.Command(restic, append(args, "--quiet", "--no-cache")...)
			cmd.Env, cmd.Stderr = env, os.Stderr
			return cmd.Run()
		}
		if err := run("init"); err != nil {
			b.Fatal(err)
		}
		theirs = append(theirs, round(b, func() error { return run("backup", dir) }))
		os.RemoveAll(repo)
	}
	report(b, ours, theirs)
}

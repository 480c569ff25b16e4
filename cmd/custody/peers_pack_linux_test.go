package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/verify"
)

const (
	packedFiles = 50_000
	packedShort = 500
	hugeSize    = 6 << 30 // past 4 GiB, where zip64 begins
	hugeShort   = 64 << 20
)

// BenchmarkPackManyFiles writes a package with 50,000 files in it and verifies it; zip
// stores the same folder and sha256sum takes its digests. Twice: with files as a disk has
// them, and with files of at most five bytes, in which what is known of a file is all
// there is.
func BenchmarkPackManyFiles(b *testing.B) {
	n := packedFiles
	if testing.Short() {
		n = packedShort
	}
	b.Run("sizes=disk", func(b *testing.B) {
		d := newDesks(b)
		d.pack(b, "50,000 files", 0.8, writeSized(b, filepath.Join(d.dir, "many"), n))
	})
	b.Run("sizes=five", func(b *testing.B) {
		d := newDesks(b)
		d.pack(b, "50,000 files of five bytes", 0, writeMany(b, filepath.Join(d.dir, "many"), n))
	})
}

// writeSized fills a folder with n files of random bytes. Their sizes are drawn from a
// log-normal distribution with the median 4 KiB and the mean 64 KiB, none past 16 MiB:
// file systems had that median and thrice that mean in 2004 (Agrawal, Bolosky, Douceur,
// Lorch: A Five-Year Study of File-System Metadata, FAST 2007).
func writeSized(b *testing.B, folder string, n int) string {
	b.Helper()
	const median, mean, most = 4 << 10, 64 << 10, 16 << 20
	sigma := math.Sqrt(2 * math.Log(mean/median))
	sizes := rand.New(rand.NewPCG(4, 64))
	bytes, buf := rand.NewChaCha8([32]byte{}), make([]byte, most)
	for i := range n {
		sub := filepath.Join(folder, fmt.Sprintf("folder-%03d", i/1000))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			b.Fatal(err)
		}
		size := min(int(median*math.Exp(sigma*sizes.NormFloat64())), most)
		_, _ = bytes.Read(buf[:size]) // it never fails
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("photograph-%06d.jpg", i)), buf[:size], 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return folder
}

// BenchmarkPackHuge does the same with 6 GiB in one file, and fails unless the package, which
// is past 4 GiB, is announced as zip64 and verifies. It is part of `make soak`.
func BenchmarkPackHuge(b *testing.B) {
	d := newDesks(b)
	size := int64(hugeSize)
	if testing.Short() {
		size = hugeShort
	}
	folder := filepath.Join(d.dir, "huge")
	if err := os.Mkdir(folder, 0o700); err != nil {
		b.Fatal(err)
	}
	writeRandom(b, filepath.Join(folder, "disk.raw"), 1, size)
	d.pack(b, "6 GiB", 0.8, folder)
	d.announcesZip64(b)
}

// announcesZip64 packs again what the last desk sealed: the tool warns if and only if the
// package is past 4 GiB, and what is enclosed is what was sealed. (The other questions are
// undecided at a desk that is a state by itself.)
func (d *desks) announcesZip64(b *testing.B) {
	b.Helper()
	home, out := filepath.Join(d.dir, fmt.Sprint("home-", d.made)), filepath.Join(d.dir, "package.asice")
	said, err := d.command(home, "pack", "--force", "--out", out, "MANY").CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, said)
	}
	info, err := os.Stat(out)
	if err != nil {
		b.Fatal(err)
	}
	large := info.Size() > 4<<30
	if large != strings.Contains(string(said), "zip64") {
		b.Fatalf("a package of %d bytes, and packing it said\n%s", info.Size(), said)
	}
	text, _ := d.command(home, "verify", "--json", out).Output() // exit 11
	var v verify.Verdict
	if err := json.Unmarshal(text, &v); err != nil || len(v.Items) != 1 || v.Items[0].Questions[0].Status != verify.Holds || v.Status == verify.Fails {
		b.Fatalf("%v: %.2000s", err, text)
	}
	b.Logf("a package of %d bytes verifies; announced as zip64: %t", info.Size(), large)
}

// pack seals a folder once, and then packs and verifies it beside the peers, and asks for
// a part of their speed, or for none. A desk that is a state by itself gets verdicts that are undecided
// (exit 11).
func (d *desks) pack(b *testing.B, what string, asked float64, folder string) {
	b.Helper()
	home := d.open(b)
	must(b, d.command(home, "seal", "--exhibit", "MANY", folder))
	out, zipped := filepath.Join(d.dir, "package.asice"), filepath.Join(d.dir, "folder.zip")
	packing := &contestant{name: "custody pack", ready: func(int) *exec.Cmd {
		return d.command(home, "pack", "--force", "--out", out, "MANY")
	}}
	must(b, packing.ready(0)) // the first round may begin with verifying
	verifying := &contestant{name: "custody verify", ready: func(int) *exec.Cmd {
		cmd := d.command(home, "verify", out)
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `"$1" verify "$2" >/dev/null 2>&1; [ $? = 11 ]`, "sh", d.tool, out}
		return cmd
	}}
	all := []*contestant{packing, verifying}
	zip, ok := peer(b, "zip")
	if ok {
		storing := &contestant{name: "zip -0 and sync", ready: func(int) *exec.Cmd {
			_ = os.Remove(zipped)
			return exec.Command("sh", "-c", `cd "$1" && "$2" -q -0 -r "$3" . && sync "$3"`, "sh", folder, zip, zipped)
		}}
		summing := &contestant{name: "sha256sum", ready: func(int) *exec.Cmd {
			return exec.Command("sh", "-c", `find "$1" -type f -print0 | xargs -0 sha256sum >/dev/null`, "sh", folder)
		}}
		all = append(all, storing, summing)
	}
	compete(b, all...)
	if ok {
		peers := all[2].median() + all[3].median()
		speed := peers.Seconds() / (packing.median() + verifying.median()).Seconds()
		if about := what + " packed and verified, speed against zip -0 and sha256sum"; asked > 0 {
			atLeast(b, about, speed, asked)
		} else {
			b.Logf("%s: %.2f", about, speed)
		}
	}
	atMost(b, what+" packed, memory in MB", float64(packing.memory())/1e6, 300)
	atMost(b, what+" verified, memory in MB", float64(verifying.memory())/1e6, 300)
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	packedFiles = 50_000
	packedShort = 500
	hugeSize    = 6 << 30 // past 4 GiB, where zip64 begins
	hugeShort   = 64 << 20
)

// BenchmarkPackManyFiles writes a package with 50,000 files in it and verifies it; zip
// stores the same folder and sha256sum takes its digests.
func BenchmarkPackManyFiles(b *testing.B) {
	d := newDesks(b)
	n := packedFiles
	if testing.Short() {
		n = packedShort
	}
	d.pack(b, "50,000 files", writeMany(b, filepath.Join(d.dir, "many"), n))
}

// BenchmarkPackHuge does the same with 6 GiB in one file. It is part of `make soak`.
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
	d.pack(b, "6 GiB", folder)
}

// pack seals a folder once, and then packs and verifies it beside the peers. A desk
// that is a state by itself gets verdicts that are undecided (exit 11).
func (d *desks) pack(b *testing.B, what, folder string) {
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
		atLeast(b, what+" packed and verified, speed against zip -0 and sha256sum", peers.Seconds()/(packing.median()+verifying.median()).Seconds(), 0.8)
	}
	atMost(b, what+" packed, memory in MB", float64(packing.memory())/1e6, 300)
	atMost(b, what+" verified, memory in MB", float64(verifying.memory())/1e6, 300)
}

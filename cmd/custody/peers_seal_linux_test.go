package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkSealLargeFile seals one file of a gibibyte: custody hashes, encrypts,
// stores, signs, logs; age encrypts and syncs; cosign signs the digest and keeps no
// copy. A copy that is only made and synced shows what the disk takes of the time.
func BenchmarkSealLargeFile(b *testing.B) {
	d := newDesks(b)
	file := d.largeFile(b, 1)
	ours := &contestant{name: "custody seal", ready: func(int) *exec.Cmd {
		return d.command(d.open(b), "seal", file)
	}}
	all := []*contestant{ours}
	age := ageEncrypt(b, file)
	if age != nil {
		all = append(all, age)
	}
	cosign := cosignSign(b, file)
	if cosign != nil {
		all = append(all, cosign)
	}
	disk := copyAndSync(b, file)
	compete(b, append(all, disk)...)
	if age != nil {
		atMost(b, "seal one large file, time against age and sync", over(ours, age), 1.5)
	}
	if cosign != nil {
		atLeast(b, "seal one large file, speed against cosign sign-blob", over(cosign, ours), 1.7)
		if over(cosign, disk) < 1.7 {
			b.Logf("seal one large file: this disk alone is %.2f times as fast as cosign sign-blob, so nothing that keeps a copy here is faster", over(cosign, disk))
		}
	}
	atMost(b, "seal one large file, memory in MB", float64(ours.memory())/1e6, 100)
}

// BenchmarkSealSmallFiles seals a folder of 10,000 files; restic backs it up
// into a repository made for the round.
func BenchmarkSealSmallFiles(b *testing.B) {
	d := newDesks(b)
	folder := d.smallFiles(b)
	ours := &contestant{name: "custody seal", ready: func(int) *exec.Cmd {
		return d.command(d.open(b), "seal", folder)
	}}
	restic := resticBackup(b, folder)
	if restic == nil {
		compete(b, ours)
		return
	}
	compete(b, ours, restic)
	atLeast(b, "seal 10,000 small files, speed against restic backup", over(restic, ours), 1)
	b.Logf("seal 10,000 small files, memory: custody %.0f MB, restic %.0f MB", float64(ours.memory())/1e6, float64(restic.memory())/1e6)
}

// BenchmarkSealManyFiles seals folders of ten and a hundred times a thousand tiny
// files: memory must not grow with their number.
func BenchmarkSealManyFiles(b *testing.B) {
	d := newDesks(b)
	var all []*contestant
	for _, n := range []int{10_000, 100_000} {
		if testing.Short() {
			n /= 100
		}
		folder := writeMany(b, filepath.Join(d.dir, fmt.Sprint("many-", n)), n)
		all = append(all, &contestant{name: fmt.Sprintf("custody seal, %d files", n), ready: func(int) *exec.Cmd {
			return d.command(d.open(b), "seal", folder)
		}})
	}
	compete(b, all...)
	for _, c := range all {
		atMost(b, c.name+", memory in MB", float64(c.memory())/1e6, 100)
	}
}

// copyAndSync copies the file and waits until the copy is on disk.
func copyAndSync(b *testing.B, file string) *contestant {
	b.Helper()
	out := filepath.Join(b.TempDir(), "copy")
	return &contestant{name: "copy and sync", ready: func(int) *exec.Cmd {
		_ = os.Remove(out)
		return exec.Command("sh", "-c", `cp --reflink=never "$1" "$2" && sync`, "sh", file, out)
	}}
}

// ageEncrypt encrypts the file to one recipient and waits until it is on disk.
func ageEncrypt(b *testing.B, file string) *contestant {
	b.Helper()
	age, ok := peer(b, "age")
	if !ok {
		return nil
	}
	const recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj" // of no identity that anybody keeps
	out := filepath.Join(b.TempDir(), "sealed.age")
	return &contestant{name: "age and sync", ready: func(int) *exec.Cmd {
		_ = os.Remove(out)
		return exec.Command("sh", "-c", `"$1" -r "$2" -o "$3" "$4" && sync`, "sh", age, recipient, out, file)
	}}
}

// resticBackup backs the folder up, encrypted, into a repository of its own.
func resticBackup(b *testing.B, folder string) *contestant {
	b.Helper()
	restic, ok := peer(b, "restic")
	if !ok {
		return nil
	}
	dir := b.TempDir()
	env := append(os.Environ(), "RESTIC_PASSWORD=benchmark")
	run := func(repository string, args ...string) *exec.Cmd {
		cmd := exec.Command(restic, append([]string{"--repo", repository, "--cache-dir", repository + ".cache"}, args...)...)
		cmd.Env = env
		return cmd
	}
	return &contestant{name: "restic backup", ready: func(round int) *exec.Cmd {
		repository := fresh(b, dir, "repository", round)
		must(b, run(repository, "init"))
		return run(repository, "backup", "--quiet", folder)
	}}
}

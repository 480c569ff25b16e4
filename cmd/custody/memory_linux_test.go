package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// manyFiles is how many a folder has that must not take more memory than one file.
const manyFiles = 30_000

// Sealing takes the same memory whatever is sealed: under 100 MB, of which the key
// derivation, which comes before it, takes 64 MiB and gives them back.
func TestMemoryOfManyFiles(t *testing.T) {
	t.Parallel()
	home, work := killBase(t)
	lockDearly(t, home)
	folder := writeMany(t, filepath.Join(work, "many"), manyFiles)
	one := peak(t, home, "seal "+work+"/set --as ann")
	many := peak(t, home, "seal "+folder+" --as ann")
	t.Logf("sealing: %d MB for 3 files, %d MB for %d", one/1e6, many/1e6, manyFiles)
	if many >= 100e6 {
		t.Errorf("sealing %d files took %d MB", manyFiles, many/1e6)
	}
}

// Packing, verifying and showing an item of 10,000 files take under 100 MB as
// well; here a fifth more is let pass, because on a busy machine garbage is
// collected late.
func TestMemoryOfReading(t *testing.T) {
	t.Parallel()
	home, work := killBase(t)
	lockDearly(t, home)
	folder := writeMany(t, filepath.Join(work, "many"), 10_000)
	mustRun(t, home, "seal "+folder+" --exhibit MANY --as ann")
	file := filepath.Join(work, "package.asice")
	for _, args := range []string{
		"pack MANY --as ann --out " + file, "verify --trust " + home + "/trust/list.note " + file, "show MANY --as ann", "history MANY --as ann",
	} {
		took := peak(t, home, args)
		t.Logf("%d MB: %s", took/1e6, args)
		if took >= 120e6 {
			t.Errorf("%d MB: %s", took/1e6, args)
		}
	}
}

// lockDearly gives the officer's key file, which tests make cheap, the work factor of a
// user's.
func lockDearly(t *testing.T, home string) {
	t.Helper()
	before := peak(t, home, "list --as ann")
	peak(t, home, "key passwd ann")
	if after := peak(t, home, "list --as ann"); after < before+30e6 {
		t.Fatalf("a derivation took no memory: %d MB without, %d MB with it", before/1e6, after/1e6)
	}
}

// writeMany makes a folder of n small files, a thousand in each subfolder.
func writeMany(t testing.TB, dir string, n int) string {
	t.Helper()
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprintf("folder-%03d", i/1000))
		if i%1000 == 0 {
			if err := os.MkdirAll(sub, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("photograph-%06d.jpg", i)), fmt.Append(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var peakLine = regexp.MustCompile(`(?m)^VmHWM:\s+([0-9]+) kB$`)

// peak runs the tool and returns the most memory that was resident, in bytes. The
// process says it itself: what the system tells of a child has in it what this
// process had when it started the child.
func peak(t *testing.T, home, args string) int64 {
	t.Helper()
	cmd := custodyCommand(t.Context(), home, args)
	cmd.Args[0] = "measured"
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.ExitCode() != 11 { // one state alone leaves a verdict undecided
		t.Fatalf("custody %s: %v\n%s", args, err, out)
	}
	found := peakLine.FindSubmatch(out)
	if found == nil {
		t.Fatalf("custody %s: no peak in\n%s", args, out)
	}
	kib, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The input of the benchmarks. With -short it is small: that shows that they
// run, not how fast anything is.
const (
	largeSize    = 1 << 30
	largeShort   = 64 << 20
	smallCount   = 10_000
	smallShort   = 500
	smallLargest = 16 << 10 // bytes; sizes are even from 1 up to this
)

// desks runs the shipped tool on desks made for one round each.
type desks struct {
	tool string // path of the program
	dir  string
	made int
	env  []string
}

func newDesks(b *testing.B) *desks {
	b.Helper()
	d := &desks{tool: shipped(b), dir: b.TempDir()}
	passphrase := filepath.Join(d.dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("a passphrase for benchmarks only\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	d.env = append(os.Environ(), "CUSTODY_PASSPHRASE_COMMAND=cat "+passphrase, "CUSTODY_PROGRESS=off")
	return d
}

// command runs the tool on a home; the empty home is for verbs that need none.
func (d *desks) command(home string, args ...string) *exec.Cmd {
	cmd := exec.Command(d.tool, args...)
	cmd.Env = append(d.env, "CUSTODY_HOME="+home)
	return cmd
}

// open makes a new desk and returns its home. What the last one sealed is
// removed: it was sealed under the same name, and the disk is not endless.
func (d *desks) open(b *testing.B) (home string) {
	b.Helper()
	_ = os.RemoveAll(filepath.Join(d.dir, fmt.Sprint("home-", d.made)))
	d.made++
	home = filepath.Join(d.dir, fmt.Sprint("home-", d.made))
	must(b, d.command(home, "init", "--yes", "--state", "AA", "--recovery-file", home+".recovery"))
	return home
}

// toured returns the folder that the tour leaves over the file.
func (d *desks) toured(b *testing.B, file string) (dir string) {
	b.Helper()
	dir = filepath.Join(d.dir, "tour")
	must(b, d.command("", "tour", "--out", dir, file))
	return dir
}

// largeFile writes a file that cannot be compressed, of the large size or an
// even part of it.
func (d *desks) largeFile(b *testing.B, parts int64) (path string) {
	b.Helper()
	size := int64(largeSize)
	if testing.Short() {
		size = largeShort
	}
	path = filepath.Join(d.dir, "large.bin")
	writeRandom(b, path, 1, size/parts)
	return path
}

// smallFiles writes a folder of files, a hundred in each subfolder.
func (d *desks) smallFiles(b *testing.B) (dir string) {
	b.Helper()
	count := smallCount
	if testing.Short() {
		count = smallShort
	}
	dir = filepath.Join(d.dir, "small")
	sizes := rand.New(rand.NewPCG(1, 2))
	for i := range count {
		sub := filepath.Join(dir, fmt.Sprintf("%03d", i/100))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			b.Fatal(err)
		}
		writeRandom(b, filepath.Join(sub, fmt.Sprintf("%05d.bin", i)), uint64(i)+2, 1+sizes.Int64N(smallLargest))
	}
	return dir
}

// writeRandom writes the same bytes for the same seed, and keeps no more than a
// buffer of them in memory.
func writeRandom(b *testing.B, path string, seed uint64, size int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	if _, err := io.CopyN(f, rand.NewChaCha8(key), size); err != nil {
		b.Fatal(err)
	}
}

// must runs a process that has to succeed, outside the clock.
func must(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

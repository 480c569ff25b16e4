package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
)

// crashDir tells the test binary that it is the child to be killed.
const crashDir = "CUSTODY_STORE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(dir)
	}
	os.Exit(m.Run())
}

// crashContent is what an object of that name holds, of a length that depends
// on the name too, up to 2 MiB.
func crashContent(name evidence.ObjectName) []byte {
	r := rand.NewChaCha8([32]byte(append(name[:], name[:]...)))
	b := make([]byte, r.Uint64()%(2<<20))
	r.Read(b)
	return b
}

// crashChild puts and deletes until it is killed. It says "c" before every
// change to the file system, "put NAME" and "del NAME" after what was
// acknowledged.
func crashChild(dir string) {
	var mu sync.Mutex
	say := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(line)
	}
	d, err := store.Open(dir, store.Options{Files: durable.Files{Fault: func(durable.Op, string) (bool, error) {
		say("c")
		return false, nil
	}}})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for range 3 {
		go func() {
			for i := 0; ; i++ {
				name := evidence.NewObjectName()
				if _, err := d.Put(context.Background(), name, bytes.NewReader(crashContent(name))); err != nil {
					say("error " + err.Error())
				}
				say("put " + name.String())
				if i%3 == 0 {
					say("deleting " + name.String())
					if err := d.Delete(context.Background(), name); err != nil {
						say("error " + err.Error())
					}
					say("del " + name.String())
				}
			}
		}()
	}
	select {}
}

// TestKilled kills a writing process at random changes, again and again in one
// store, and checks after each time that what was acknowledged is there, that
// nothing is there in part, and that nothing else was left.
func TestKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := store.Create(dir, durable.Files{}); err != nil {
		t.Fatal(err)
	}
	must := make(map[evidence.ObjectName]bool) // true: there; false: may be there or not
	for round := range 8 {
		killAfter(t, dir, 5+rand.IntN(60), must)
		d, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if temps, _ := filepath.Glob(filepath.Join(dir, "tmp", "*")); len(temps) > 0 {
			t.Errorf("round %d: left %q", round, temps)
		}
		checkWhole(t, d, must)
		d.Close()
	}
}

// killAfter runs a child, kills it after so many changes and records what it
// acknowledged.
func killAfter(t *testing.T, dir string, changes int, must map[evidence.ObjectName]bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "c":
			if changes--; changes == 0 {
				child.Process.Kill() // what it still said is read to the end
			}
			continue
		case "error":
			t.Errorf("child: %s", rest)
			continue
		}
		name, err := evidence.ParseObjectName(rest)
		if err != nil {
			continue // the last line may be cut
		}
		switch word {
		case "put":
			must[name] = true
		case "deleting":
			must[name] = false
		case "del":
			delete(must, name)
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the child was not killed")
	}
}

func checkWhole(t *testing.T, d *store.Dir, must map[evidence.ObjectName]bool) {
	t.Helper()
	for info, err := range d.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.ReadAll(t.Context(), d, info.Name, 4<<20)
		if err != nil || sha256.Sum256(got) != sha256.Sum256(crashContent(info.Name)) {
			t.Errorf("object %s is there in part: %d bytes, %v", info.Name, len(got), err)
		}
	}
	for name, there := range must {
		_, err := d.Stat(t.Context(), name)
		if err != nil && (there || !errors.Is(err, fs.ErrNotExist)) {
			t.Errorf("object %s was acknowledged: %v", name, err)
		}
	}
}

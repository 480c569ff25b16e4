//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
)

// The test binary is its own child: with this variable set it appends instead of
// testing, and prints what was acknowledged.
const childEnv = "TESSERALOG_TEST_CHILD"

func TestMain(m *testing.M) {
	f := strings.Fields(os.Getenv(childEnv))
	if len(f) == 0 {
		os.Exit(m.Run())
	}
	first, _ := strconv.ParseUint(f[1], 10, 64)
	if err := map[string]func(string, uint64) error{"many": appendMany, "few": appendFew}[f[0]](f[2], first); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child returns the command that runs this binary as a child, under a prefix of
// other commands when there is one.
func child(ctx context.Context, mode string, first uint64, dir string, prefix ...string) *exec.Cmd {
	args := append(prefix, os.Args[0])
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", childEnv, mode, first, dir))
	return cmd
}

// appendMany appends from 32 goroutines until it is killed.
func appendMany(dir string, first uint64) error {
	signer, _ := keys(&testing.T{})
	l, err := Open(context.Background(), dir, signer)
	if err != nil {
		return err
	}
	var out sync.Mutex
	for g := range uint64(32) {
		go func() {
			for n := first + g<<24; ; n++ {
				x, err := l.Append(context.Background(), []ledger.Leaf{ledgertest.Event(n)})
				out.Lock()
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
				} else {
					fmt.Println(x[0], n)
				}
				out.Unlock()
			}
		}()
	}
	select {}
}

// acked are the events that were acknowledged, by index.
type acked map[uint64]uint64

// read adds the complete lines of a child's output, and returns how many lines
// say that an append failed and had happened all the same.
func (a acked) read(r io.Reader) (late int) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return late
		}
		var x, n uint64
		if _, err := fmt.Sscan(line, &x, &n); err == nil {
			a[x] = n
		}
		if strings.HasSuffix(line, "late\n") {
			late++
		}
	}
}

// check opens the log, which must be sound, and finds in it everything that was
// acknowledged. It returns its size.
func (a acked) check(t *testing.T, dir string) uint64 {
	t.Helper()
	l := opened(t, dir)
	leaves, err := ledgertest.Verify(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	for x, n := range a {
		if x >= uint64(len(leaves)) || leaves[x] != ledgertest.Event(n) {
			t.Fatalf("event %d was acknowledged at %d and is not there; size %d", n, x, len(leaves))
		}
	}
	closed(t, l)
	_, key := keys(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := Check(ctx, dir, key); err != nil {
		t.Fatalf("fsck: %v", err)
	}
	return uint64(len(leaves))
}

// TestKilled kills a process that appends, again and again on the same folder.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := made(t, 0)
	all := acked{}
	for round := range uint64(10) {
		cmd := child(t.Context(), "many", round<<32, dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := len(all)
		in := bufio.NewReader(out)
		if _, err := in.Peek(1); err != nil {
			t.Fatalf("round %d: child ended by itself: %s", round, &stderr)
		}
		time.AfterFunc(time.Duration(rand.IntN(100))*time.Millisecond, func() { cmd.Process.Kill() })
		all.read(in)
		if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
			t.Fatalf("round %d: child ended with %v: %s", round, err, &stderr)
		}
		size := all.check(t, dir)
		t.Logf("round %d: %d acknowledged, %d leaves in all", round, len(all)-before, size)
	}
}

const few = 16

// appendFew makes the ledger when there is none and appends events one by one,
// each until it is in the log, as a writer does: at start and after an error it
// reads the log to learn what is in it.
func appendFew(dir string, _ uint64) error {
	signer, _ := keys(&testing.T{})
	ctx := context.Background()
	var l *Log
	for tries := 0; l == nil; tries++ {
		err := Create(ctx, dir, signer)
		if err == nil || errors.Is(err, ErrExists) {
			l, err = Open(ctx, dir, signer)
		}
		if err != nil && tries == 5 {
			return err
		}
	}
	size, err := l.Size(ctx)
	for tries := 0; err == nil && size < few && tries < 100; tries++ {
		var x []uint64
		if x, err = l.Append(ctx, []ledger.Leaf{ledgertest.Event(size)}); err == nil {
			say(x[0], size, "in time")
			size = x[0] + 1
			continue
		}
		var now uint64
		for now, err = l.Size(ctx); err != nil && tries < 100; tries++ {
			now, err = l.Size(ctx)
		}
		if err == nil && now > size {
			say(size, size, "late")
			size = now
		}
	}
	if err == nil && size < few {
		err = errors.New("gave up; the next process goes on")
	}
	return errors.Join(err, l.Close())
}

// say prints a line, and again when that is the system call that fails.
func say(words ...any) {
	for {
		if _, err := fmt.Println(words...); err == nil {
			return
		}
	}
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
	"github.com/anishathalye/porcupine"
)

// The test binary is its own child: with this variable set it opens the ledger in
// the folder that it names and submits what it reads.
const childEnv = "WRITER_TEST_CHILD"

var errFailed = errors.New("tests failed")

func TestMain(m *testing.M) {
	run := func() error {
		if code := m.Run(); code != 0 {
			return errFailed
		}
		return nil
	}
	if dir := os.Getenv(childEnv); dir != "" {
		run = func() error { return serve(folder{dir}) }
	}
	if dir := os.Getenv(offerEnv); dir != "" {
		run = func() error { return offer(folder{dir}) }
	}
	err := run()
	if madeMillion != "" {
		err = errors.Join(err, os.RemoveAll(madeMillion))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve submits all attempts that it reads, "seal who" a line, at the same time, and
// prints what each was told.
func serve(f folder) error {
	w, err := f.open(true)
	if err != nil {
		return err
	}
	fmt.Println("open", w.Size())
	var attempts []who
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var a who
		if _, err := fmt.Sscan(in.Text(), &a.seal, &a.who); err != nil {
			return err
		}
		attempts = append(attempts, a)
	}
	fmt.Println("go")
	var out sync.Mutex
	var wg sync.WaitGroup
	for _, a := range attempts {
		wg.Go(func() {
			got, err := w.Submit(context.Background(), a.leaf())
			o := told(got, err)
			out.Lock()
			defer out.Unlock()
			switch {
			case err != nil:
				fmt.Fprintln(os.Stderr, err)
			case got[0].Pending != nil:
				fmt.Fprintln(os.Stderr, got[0].Pending)
			case o.Accepted:
				fmt.Println("accepted", a.seal, a.who, o.Index)
			default:
				fmt.Println("refused", a.seal, a.who, o.Index)
			}
		})
	}
	wg.Wait()
	return errors.Join(w.Close(), f.closeAuditor())
}

// who is one attempt: to close a seal, by somebody.
type who struct{ seal, who uint64 }

func (a who) leaf() ledger.Leaf { return ledgertest.Rival(a.seal, a.who) }

// child starts a process that submits attempts, kills it after a while unless the
// while is 0, and returns what it said of which attempt.
func child(t *testing.T, f folder, attempts []who, after time.Duration) map[who]ledgertest.Outcome {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+f.dir)
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	for _, a := range attempts {
		fmt.Fprintln(in, a.seal, a.who)
	}
	in.Close()
	said := bufio.NewReader(out)
	expect(t, said, "open", &stderr)
	expect(t, said, "go", &stderr)
	if after > 0 {
		time.AfterFunc(after, func() { cmd.Process.Kill() })
	}
	answers := read(said)
	if err := cmd.Wait(); err != nil && after == 0 || stderr.Len() > 0 {
		t.Fatalf("child ended with %v: %s", err, &stderr)
	}
	return answers
}

func expect(t *testing.T, r *bufio.Reader, word string, stderr fmt.Stringer) {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, word) {
		t.Fatalf("child said %q, %v, not %q: %s", line, err, word, stderr)
	}
}

// read returns the answers in complete lines.
func read(r io.Reader) map[who]ledgertest.Outcome {
	answers := map[who]ledgertest.Outcome{}
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return answers
		}
		var word string
		var a who
		var o ledgertest.Outcome
		if _, err := fmt.Sscan(line, &word, &a.seal, &a.who, &o.Index); err == nil {
			o.Accepted = word == "accepted"
			answers[a] = o
		}
	}
}

// 1,000 attempts to close one seal, by a process that is killed and started again in
// between: one is accepted, 999 are refused with its index. Beside them other seals
// are closed; whoever was told so is told the same by every later process.
func TestThousandAttemptsKilled(t *testing.T) {
	f := newFolder(t)
	winners := map[uint64]who{}
	for round := range uint64(5) {
		var attempts []who
		for n := range uint64(1000) {
			attempts = append(attempts, who{round, n})
		}
		for n := range uint64(50) {
			attempts = append(attempts, who{1000*(round+1) + n, 0}, who{1000*(round+1) + n, 1})
		}
		rand.Shuffle(len(attempts), func(i, j int) { attempts[i], attempts[j] = attempts[j], attempts[i] })
		history, kills := attemptAll(t, f, attempts)
		ledgertest.CheckHistory(t, history)
		var ofOne []porcupine.Operation
		for _, op := range history {
			in, out := op.Input.(ledgertest.Attempt), op.Output.(ledgertest.Outcome)
			if in.Seal == ledgertest.Key(round).Seal() {
				ofOne = append(ofOne, op)
			}
			if out.Accepted {
				winners[out.Index] = attempts[op.ClientId]
			}
		}
		if len(ofOne) != 1000 {
			t.Fatalf("%d attempts on the seal", len(ofOne))
		}
		checkOneOf(t, ofOne)
		t.Logf("round %d: killed %d times", round, kills)
	}
	checkFolder(t, f, winners)
}

// attemptAll submits attempts, killing the process and submitting again what was not
// answered, until all are.
func attemptAll(t *testing.T, f folder, attempts []who) (history []porcupine.Operation, kills int) {
	t.Helper()
	start := time.Now()
	open := map[who]int{}
	for i, a := range attempts {
		seal, _ := a.leaf().Seal()
		history = append(history, porcupine.Operation{ClientId: i, Input: ledgertest.Attempt{Seal: seal, Leaf: a.leaf().Hash()}})
		open[a] = i
	}
	for len(open) > 0 {
		var left []who
		for _, a := range attempts {
			if _, ok := open[a]; ok {
				left = append(left, a)
			}
		}
		var after time.Duration
		if kills < 6 {
			after = time.Duration(1+rand.IntN(60_000)) * time.Microsecond
			kills++
		}
		answers := child(t, f, left, after)
		t.Logf("%d attempts, killed after %v: %d answers", len(left), after, len(answers))
		for a, o := range answers {
			i, ok := open[a]
			if !ok {
				t.Fatalf("%v was answered and not asked", a)
			}
			history[i].Output, history[i].Return = o, int64(time.Since(start))
			delete(open, a)
		}
	}
	return history, kills
}

// checkFolder checks a ledger that nobody has open: every rule of the log, tessera's
// own checker, and every leaf that was acknowledged, in its place.
func checkFolder(t *testing.T, f folder, winners map[uint64]who) {
	t.Helper()
	w, err := f.open(true) // what the last one that was killed had still to do
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Checkpoint(t.Context())
	if err := errors.Join(err, w.Close(), f.closeAuditor()); err != nil {
		t.Fatal(err)
	}
	signer, key, err := f.logKey()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tesseralog.Open(t.Context(), f.path("ledger"), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := ledgertest.Verify(t.Context(), l)
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	for index, a := range winners {
		if index >= uint64(len(leaves)) || leaves[index] != a.leaf() {
			t.Fatalf("%v was accepted at %d and is not there", a, index)
		}
	}
	if leaves[len(leaves)-1].Type() != ledger.TypeEpoch {
		t.Error("the log does not end in an epoch")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tesseralog.Check(ctx, f.path("ledger"), key); err != nil {
		t.Fatalf("fsck: %v", err)
	}
	checkMaps(t, f, leaves)
}

// checkMaps checks that the writer's map and the auditor's are that of the log.
func checkMaps(t *testing.T, f folder, leaves []ledger.Leaf) {
	t.Helper()
	want := closed.New(testOrigin)
	for _, l := range leaves {
		if err := want.Add(l); err != nil {
			t.Fatal(err)
		}
	}
	state, err := witness.NewFolder(f.path("auditor"))
	if err != nil {
		t.Fatal(err)
	}
	audited, errA := state.OpenMap(testOrigin)
	m, errM := closed.Open(f.path("closed.map"), testOrigin)
	if err := errors.Join(errA, errM); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*closed.Map{"writer": m, "auditor": audited} {
		if m.Root() != want.Root() || m.Covered() != want.Covered() || m.Tree() != evidence.Hash(ledgertest.Root(leaves)) {
			t.Errorf("%s: the map of %d leaves has another root than the log of %d", name, m.Covered(), want.Covered())
		}
		m.Close()
	}
}

// Two processes on one ledger: the first has it, and the second is told; when the
// first ends, however it ends, the next one gets it.
func TestTwoProcesses(t *testing.T) {
	f := newFolder(t)
	w, err := f.open(true)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+f.dir)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), ledger.ErrInUse.Error()) {
		t.Fatalf("second process: %v, %s", err, out)
	}
	if _, err := w.Submit(t.Context(), ledgertest.Event(0)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+f.dir)
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	expect(t, bufio.NewReader(out), "open", cmd)
	if _, err := f.open(true); !errors.Is(err, ledger.ErrInUse) {
		t.Fatalf("%v, want ErrInUse", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if w, err = f.open(true); err != nil {
		t.Fatal(err)
	}
	got, err := w.Submit(t.Context(), ledgertest.Event(0))
	if err != nil || !got[0].Retried {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := errors.Join(w.Close(), f.closeAuditor()); err != nil {
		t.Fatal(err)
	}
	checkFolder(t, f, map[uint64]who{0: {0, 0}})
}

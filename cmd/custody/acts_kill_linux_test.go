package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
)

// Kill -9 at any moment: custody runs under strace, which kills it at one of its
// system calls that change something. The next command must find a consistent
// home, in which the act is there whole or not at all, and repeating the command
// must bring it to where it was meant to be, once.

// killPoints is how many moments are tried for each act; each run tries others.
var killPoints = flag.Int("kills", 2, "moments at which the kill test kills each act")

// changing are the system calls that change files or tell the outside.
var changing = []string{"openat", "write", "pwrite64", "fsync", "linkat", "renameat", "renameat2", "unlinkat", "mkdirat", "ftruncate"}

const killPassphrase = "correct horse battery"

// killed is one act that is killed.
type killed struct {
	name   string
	args   string                // with %W for the folder of the evidence
	want   int                   // what count finds when it is done; it finds 0 when it is not
	has    func(w killWorld) int //
	before string                // what is done first, undisturbed; "" for nothing
}

// killWorld is a home as a person sees it.
type killWorld struct {
	origin   evidence.Origin // of the ledger in which the desk logs
	items    []*desk.Item
	officers []desk.OfficerInfo
}

var killedActs = []killed{
	{"seal", "seal %W/set --exhibit NEW --as ann", 1, exhibits("NEW"), ""},
	{"derive", "derive E-1 %W/part --exhibit PART --as ann", 2, func(w killWorld) int {
		return exhibits("PART")(w) + acts(evidence.Derive)(w)
	}, ""},
	{"offer three", "offer E-1 E-2 E-3 --to kov --as ann", 3, acts(evidence.Offer), ""},
	{"accept", "accept E-4 --as kov", 1, acts(evidence.Accept), ""},
	{"correct", "correct E-1 --set exhibit=E-9 --reason typo --as ann", 1, acts(evidence.Correct), ""},
	{"dispose and erase", "dispose E-1 --order O --reason r --erase all --second ola --as ann", 2, func(w killWorld) int {
		n := acts(evidence.Dispose)(w)
		for _, it := range w.items {
			n += len(it.Erased)
		}
		return n
	}, ""},
	{"new key", "key new zoe --role auditor --as ann", 1, func(w killWorld) int { return officers(w, "zoe", false) }, ""},
	{"revoked key", "key revoke ola --reason left --as ann", 1, func(w killWorld) int { return officers(w, "ola", true) }, ""},
	{"succeed", "ledger succeed custody.aa.example/ledger-2 --as ann", 1, func(w killWorld) int {
		return strings.Count(string(w.origin), "-2")
	}, "ledger freeze custody.aa.example/ledger --as ann"},
}

func exhibits(name string) func(killWorld) int {
	return func(w killWorld) (n int) {
		for _, it := range w.items {
			if x, _ := it.Text("exhibit"); x == name {
				n++
			}
		}
		return n
	}
}

// acts counts the events of an action; in the base home of the test only the
// offer of E-4 and what went before it is.
func acts(a evidence.Action) func(killWorld) int {
	return func(w killWorld) (n int) {
		for _, it := range w.items {
			for _, e := range it.Entries {
				if x, _ := it.Text("exhibit"); e.Event.Action == a && (a != evidence.Offer || x != "E-4") {
					n++
				}
			}
		}
		return n
	}
}

func officers(w killWorld, alias string, revoked bool) (n int) {
	for _, o := range w.officers {
		if o.Alias == alias && o.Complete && o.Revoked == revoked {
			n++
		}
	}
	return n
}

// custodyCommand runs the tool as a process of its own: this test binary, which
// testscript.Main turns into it by its name.
func custodyCommand(ctx context.Context, home, args string, prefix ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	words := append([]string{"--home", home, "--passphrase-fd", "0"}, strings.Fields(args)...)
	cmd := exec.CommandContext(ctx, self, words...)
	cmd.Args[0] = "custody"
	if len(prefix) > 0 {
		// strace names the program by its path; --argv0 is not in every version.
		link := filepath.Join(filepath.Dir(home), "custody")
		if err := os.Symlink(self, link); err != nil && !errors.Is(err, fs.ErrExist) {
			panic(err)
		}
		cmd = exec.CommandContext(ctx, prefix[0], append(append(prefix[1:], link), words...)...)
	}
	cmd.Env = []string{"CUSTODY_PROGRESS=off", "HOME=" + filepath.Dir(home), "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(strings.Repeat(killPassphrase+"\n", 3))
	return cmd
}

// mustRun runs the tool and fails the test unless it ends well.
func mustRun(t *testing.T, home, args string) {
	t.Helper()
	if out, err := custodyCommand(t.Context(), home, args).CombinedOutput(); err != nil {
		t.Fatalf("custody %s: %v\n%s", args, err, out)
	}
}

// killBase makes the home that every act starts from, and the evidence.
func killBase(t *testing.T) (home, work string) {
	dir := t.TempDir()
	home, work = filepath.Join(dir, "home"), filepath.Join(dir, "work")
	for name, content := range map[string]string{
		"one": "one", "part": "part", "set/a": "a", "set/sub/b": "b", "set/big": strings.Repeat("0123456789abcdef", 1<<17),
	} {
		path := filepath.Join(work, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, home, "init --state AA --officer ann --no-recovery")
	mustRun(t, home, "key new kov --role examiner --as ann")
	mustRun(t, home, "key new ola --role approver --as ann")
	mustRun(t, home, "seal "+work+"/one --exhibit E-1 --as ann")
	for _, x := range []string{"E-2", "E-3", "E-4"} {
		mustRun(t, home, "seal --object thing-"+x+" --exhibit "+x+" --as ann")
	}
	mustRun(t, home, "offer E-4 --to kov --as ann")
	return home, work
}

// straceFor finds the program that these tests need.
func straceFor(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("this test needs strace (Debian: apt-get install strace) to disturb the tool at its system calls; without it nothing shows what an interrupt leaves")
	}
	return strace
}

func TestKilledAtAnyMoment(t *testing.T) {
	disturb(t, func(call callPoint) string { return fmt.Sprintf("inject=%s:signal=KILL:when=%d", call.name, call.n) }, func(*testing.T, callPoint, []byte) {})
}

// failures are what a system call that changes something may say.
var failures = map[string]string{
	"write": "ENOSPC", "pwrite64": "ENOSPC", "fsync": "EIO", "linkat": "EIO", "renameat": "EIO", "renameat2": "EIO",
	"unlinkat": "EIO", "mkdirat": "ENOSPC", "ftruncate": "EIO", "openat": "EMFILE",
}

// A full disk, a disk that fails: the tool says so in three lines, and nothing is
// lost or left half done.
func TestSystemCallsFail(t *testing.T) {
	disturb(t, func(call callPoint) string {
		return fmt.Sprintf("inject=%s:error=%s:when=%d", call.name, failures[call.name], call.n)
	}, func(t *testing.T, call callPoint, out []byte) {
		text := string(out)
		if call.name == "write" {
			return // perhaps of standard error, or of the Go runtime, which dies of that
		}
		if strings.Contains(text, "storage/posix.(*appender).sequenceBatch(") {
			return // Tessera panics where it cannot open its lock: a death like any other
		}
		if strings.Count(text, "custody: error: ") == 0 || strings.Count(text, "custody: do:") == 0 || strings.Contains(text, "panic") {
			t.Errorf("%s %d failed, and it says no problem:\n%s", call.name, call.n, text)
		}
	})
}

// disturb runs every act several times, each time disturbed at another moment,
// and checks what is left. failed looks at the output of a run that did not end
// well.
func disturb(t *testing.T, inject func(callPoint) string, failed func(*testing.T, callPoint, []byte)) {
	t.Parallel()
	strace := straceFor(t)
	base, work := killBase(t)
	for _, k := range killedActs {
		t.Run(k.name, func(t *testing.T) {
			args, base := strings.ReplaceAll(k.args, "%W", work), base
			if k.before != "" {
				base = clone(t, base)
				mustRun(t, base, k.before)
			}
			points := countCalls(t, strace, clone(t, base), args)
			hit := 0
			for range *killPoints {
				call := points.pick()
				home := clone(t, base)
				out, err := custodyCommand(t.Context(), home, args, strace, "-f", "-qqq", "-o", "/dev/null", "-e", "trace="+call.name, "-e", inject(call)).CombinedOutput()
				if err != nil {
					hit++
					failed(t, call, out)
				}
				k.check(t, home, args, inject(call), err == nil, out)
			}
			t.Logf("%d of %d runs did not end well", hit, *killPoints)
		})
	}
}

// check looks at a home after a disturbed run, and repeats the act.
func (k killed) check(t *testing.T, home, args, at string, acknowledged bool, out []byte) {
	t.Helper()
	nextCommand(t, home, at)
	n := k.has(inspectHome(t, home, at))
	refused := refusedExhibits(out)
	if n != 0 && n != k.want-len(refused) || acknowledged && n != k.want {
		t.Fatalf("%s: %d of %d there (acknowledged: %v)\n%s", at, n, k.want, acknowledged, out)
	}
	if n == k.want {
		return
	}
	if n > 0 { // items are decided alone: what was refused, and said so, is asked for again
		args = regexp.MustCompile(`( E-\d+)+`).ReplaceAllLiteralString(args, " "+strings.Join(refused, " "))
	}
	mustRun(t, home, args)
	if n := k.has(inspectHome(t, home, at+", repeated")); n != k.want {
		t.Fatalf("%s: repeated, %d of %d there", at, n, k.want)
	}
}

// refusedExhibits are the items that an act on several said it refused: the second
// column of that table.
func refusedExhibits(out []byte) (all []string) {
	_, table, _ := strings.Cut(string(out), "REFUSED BECAUSE\n")
	for line := range strings.Lines(table) {
		row := regexp.MustCompile(`^ *[0-9a-f]{12}  (E-\d+)  `).FindStringSubmatch(line)
		if row == nil {
			break
		}
		all = append(all, row[1])
	}
	return all
}

// nextCommand is what a person runs next. It works, and says so when it found an
// act that was signed and not done with.
func nextCommand(t *testing.T, home, at string) {
	t.Helper()
	queued, err := filepath.Glob(filepath.Join(home, "queue", "*.age"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := custodyCommand(t.Context(), home, "list --as ann").CombinedOutput()
	if err != nil || len(queued) > 0 && !strings.Contains(string(out), "an interrupted ") {
		t.Fatalf("%s: the next command found %d acts queued: %v\n%s", at, len(queued), err, out)
	}
}

// inspectHome opens a home like the next command does, and verifies everything in
// it: every history, every byte, nothing left in the queue, nothing in store or
// vault that no record names.
func inspectHome(t *testing.T, dir, at string) killWorld {
	t.Helper()
	var w killWorld
	h, err := desk.Open(dir)
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	s, err := h.Unlock(t.Context(), "ann", killPassphrase)
	if err != nil {
		t.Fatalf("%s: %v", at, errors.Join(err, h.Close()))
	}
	defer s.Close()
	w.origin = s.Config.Origin
	if w.items, err = s.All(t.Context()); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if w.officers, err = s.OfficerList(); err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	objects := map[string]bool{}
	for _, it := range w.items {
		if _, err := s.Timeline(it); err != nil {
			t.Fatalf("%s: item %s: %v", at, it.ID.Short(), err)
		}
		values, err := it.FileValues()
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		for _, v := range values {
			if v.Stored != nil {
				objects[v.Stored.Object.String()] = true
			}
		}
		if _, err := s.Recheck(t.Context(), it, nil); err != nil {
			t.Fatalf("%s: item %s: %v", at, it.ID.Short(), err)
		}
	}
	if queued, refused := s.Waiting(); queued+refused > 0 {
		t.Fatalf("%s: %d acts queued, %d refused", at, queued, refused)
	}
	wantFiles(t, at, filepath.Join(dir, "store", "objects"), "", objects)
	wantFiles(t, at, filepath.Join(dir, "vault", "keys"), ".age", objects)
	return w
}

// wantFiles checks that below dir there are exactly these files.
func wantFiles(t *testing.T, at, dir, suffix string, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got[strings.TrimSuffix(d.Name(), suffix)] = true
		}
		return err
	})
	if err != nil || !maps.Equal(got, want) {
		t.Fatalf("%s: below %s are %v, records name %v (%v)", at, dir, slices.Collect(maps.Keys(got)), slices.Collect(maps.Keys(want)), err)
	}
}

func clone(t *testing.T, home string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.CopyFS(dir, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"keys", "cosigner"} {
		if err := os.Chmod(filepath.Join(dir, private), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// callPoint is the nth call of one name by one thread.
type callPoint struct {
	name string
	n    int
}

// callPoints is how often each call is made by the thread that makes it most.
type callPoints map[string]int

// pick returns a random moment; a thread's first openats only load the program.
func (p callPoints) pick() callPoint {
	names := slices.Sorted(maps.Keys(p))
	name := names[rand.IntN(len(names))]
	return callPoint{name, 1 + rand.IntN(p[name])}
}

var straceLine = regexp.MustCompile(`^(\d+) +([a-z0-9]+)\(`)

// countCalls runs the act undisturbed and counts its system calls by thread.
func countCalls(t *testing.T, strace, home, args string) callPoints {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := custodyCommand(t.Context(), home, args, strace, "-f", "-qqq", "-o", trace, "-e", "trace="+strings.Join(changing, ","))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("custody %s: %v\n%s", args, err, out)
	}
	b, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	byThread := map[string]int{}
	most := callPoints{}
	for _, line := range strings.Split(string(b), "\n") {
		if m := straceLine.FindStringSubmatch(line); m != nil {
			key := m[1] + m[2]
			byThread[key]++
			most[m[2]] = max(most[m[2]], byThread[key])
		}
	}
	if len(most) < 4 {
		t.Fatalf("strace saw %v", most)
	}
	t.Logf("calls by the busiest thread: %v", most)
	return most
}

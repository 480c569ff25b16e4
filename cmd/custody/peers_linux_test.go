package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The benchmarks of this file and of peers_*_linux_test.go run whole processes:
// the tool as it is shipped beside the programs a person would use otherwise, on
// the same input, in turns, so that a busy moment of the machine hits them all.
// One iteration is one round; `make bench` runs them with -benchtime=5x. They
// print medians, ratios, and whether a target is reached; they never fail for
// being slow. A peer that is not installed is named, and left out.

// contestant is one program of a benchmark.
type contestant struct {
	name  string
	ready func(round int) *exec.Cmd // makes what a round needs, outside the clock
	runs  []cost                    // one for each round
}

// cost is what one process took, children that it waited for included.
type cost struct {
	wall   time.Duration
	cpu    time.Duration // of all cores together, in the program and in the system for it
	memory int64         // bytes, the most that was resident
}

// compete runs the contestants in turns, as many rounds as the benchmark has
// iterations; each round begins with another one.
func compete(b *testing.B, all ...*contestant) {
	b.Helper()
	for round := 0; b.Loop(); round++ {
		for i := range all {
			c := all[(round+i)%len(all)]
			cmd := c.ready(round)
			syscall.Sync() // what was written before is nobody's cost
			c.runs = append(c.runs, runCost(b, cmd))
		}
	}
	b.ReportMetric(0, "ns/op") // a round of several programs has no time of its own
	for _, c := range all {
		c.report(b)
	}
}

// runCost runs a process to its end. Its memory includes ours at the moment it
// starts, because Linux carries the mark over the exec; so this process stays small.
func runCost(b *testing.B, cmd *exec.Cmd) cost {
	b.Helper()
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		b.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	p := cmd.ProcessState
	return cost{wall: wall, cpu: p.UserTime() + p.SystemTime(), memory: p.SysUsage().(*syscall.Rusage).Maxrss << 10}
}

func (c *contestant) report(b *testing.B) {
	b.Helper()
	walls := c.sorted(func(r cost) time.Duration { return r.wall })
	cpus := c.sorted(func(r cost) time.Duration { return r.cpu })
	bound := ""
	if c.memory() <= ownPeak() {
		bound = "at most " // it is ours, and that of its own cannot be told
	}
	b.Logf("%-24s %6.2f s (%.2f to %.2f), %6.2f s of processor, %s%4.0f MB", c.name, c.median().Seconds(),
		walls[0].Seconds(), walls[len(walls)-1].Seconds(), cpus[len(cpus)/2].Seconds(), bound, float64(c.memory())/1e6)
}

// ownPeak returns the most that this process had resident, in bytes.
func ownPeak() int64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return r.Maxrss << 10
}

// sorted returns one figure of all rounds, ascending.
func (c *contestant) sorted(of func(cost) time.Duration) (all []time.Duration) {
	for _, r := range c.runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all
}

// median returns the time that half of the rounds took at most.
func (c *contestant) median() time.Duration {
	walls := c.sorted(func(r cost) time.Duration { return r.wall })
	return walls[len(walls)/2]
}

// memory returns the most that any round took.
func (c *contestant) memory() (most int64) {
	for _, r := range c.runs {
		most = max(most, r.memory)
	}
	return most
}

// atMost and atLeast print a figure beside its target.
func atMost(b *testing.B, what string, is, target float64) {
	b.Helper()
	verdict(b, what, is, "at most", target, is <= target)
}

func atLeast(b *testing.B, what string, is, target float64) {
	b.Helper()
	verdict(b, what, is, "at least", target, is >= target)
}

func verdict(b *testing.B, what string, is float64, bound string, target float64, reached bool) {
	b.Helper()
	word := "reached"
	if !reached {
		word = "MISSED"
	}
	b.Logf("%s: %.2f, %s %g: %s", what, is, bound, target, word)
}

// over returns by what a takes longer than b.
func over(a, b *contestant) float64 { return a.median().Seconds() / b.median().Seconds() }

// peer finds a program: where the variable of its name in capitals says, in
// PATH, or not at all, which is said.
func peer(b *testing.B, name string) (path string, ok bool) {
	b.Helper()
	path = os.Getenv(strings.ToUpper(name))
	if path == "" {
		path, _ = exec.LookPath(name)
	}
	if path == "" {
		b.Logf("%s is not installed: not compared", name)
	}
	return path, path != ""
}

// shipped builds the tool as it is shipped, beside it the node that a tour starts.
func shipped(b *testing.B) (path string) {
	b.Helper()
	dir := b.TempDir()
	path = filepath.Join(dir, "custody")
	cmd := exec.Command("go", "build", "-trimpath", "-o", dir, ".", "../custodyd")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// fresh returns a new empty folder for one round.
func fresh(b *testing.B, under, name string, round int) string {
	b.Helper()
	dir := filepath.Join(under, fmt.Sprintf("%s-%d", name, round))
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	return dir
}

package ledger_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What a state needs, computed from measured figures alone: testdata/figures.txt is what
// the benchmarks named in it printed. README.md has the tables; a test holds them against
// the figures, and -capacity writes them anew.

var writeCapacity = flag.Bool("capacity", false, "write the tables of README.md")

// figures are what benchmarks measured, by "<benchmark> <unit>".
type figures map[string]float64

var (
	metric = regexp.MustCompile(`^(Benchmark\S*?)(?:-\d+)?\s+\d+\s+(.*)$`)
	logged = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*?)[:\s]\s+([0-9.]+)(?: s \(|, at least)`)
)

// readFigures reads the output of `go test -bench`.
func readFigures(b []byte) (figures, error) {
	all := figures{}
	for line := range strings.Lines(string(b)) {
		if m := metric.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			words := strings.Fields(m[2])
			for i := 0; i+1 < len(words); i += 2 {
				x, err := strconv.ParseFloat(words[i], 64)
				if err != nil {
					return nil, err
				}
				all[m[1]+" "+words[i+1]] = x
			}
		} else if m := logged.FindStringSubmatch(line); m != nil {
			x, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				return nil, err
			}
			all[strings.TrimSpace(m[1])] = x
		}
	}
	return all, nil
}

// What the simulation reads.
const (
	figEmbedded  = "BenchmarkWitnessed/of_1 events/s"
	figOne       = "BenchmarkClose/clients=1 writer/s"
	figMany      = "BenchmarkClose/clients=256 writer/s"
	figTrillian  = "BenchmarkTrillian one-node-events/s"
	figDatabase  = "BenchmarkTrillian db-B/leaf"
	figLog       = "BenchmarkGrowth/1000000 log-B/leaf"
	figMap       = "BenchmarkGrowth/1000000 map-B/leaf"
	figAudit     = "epoch after every 256: thousand leaves a second"
	figSeal      = "custody seal" // seconds for a gibibyte
	figBucket    = "BenchmarkSeal MB/s"
	figChannel   = "BenchmarkChannel anchors/s"
	figPeer      = "BenchmarkKept peer-B/anchor"
	figOrderer   = "BenchmarkKept orderer-B/anchor"
	figProof     = "BenchmarkKept proof-B"
	manyClients  = 256
	gibibyte     = 1 << 30
	petabytes    = 10e15
	regionStates = 30
)

// The load, which nobody has measured: events come in the hours of offices, at random, and
// the busiest hour has five times the mean.
const (
	workingSeconds = 250 * 8 * 3600
	minutesOfYear  = 365 * 24 * 60
	busiest        = 5
)

// state is what a number of events a year comes to.
type state struct {
	events float64       // a year
	rate   float64       // a second, in the busiest hour
	batch  float64       // events in an append, on average over that hour
	p50    time.Duration // from a submission to durable, in that hour, on the embedded engine
	p99    time.Duration
	leaves float64 // a year: events, and an epoch for each append
}

// simulate plays the busiest hour: submissions at random; one append at a time, of all who
// wait, which takes what BenchmarkClose says that one of one and one of many takes.
func simulate(f figures, events float64) state {
	s := state{events: events, rate: events / workingSeconds * busiest}
	one, many := 1/f[figOne], manyClients/f[figMany]
	each := (many - one) / (manyClients - 1)
	random := rand.New(rand.NewPCG(1, uint64(events)))
	var waits []time.Duration
	var appends int
	const hour = 3600.0
	next, now := random.ExpFloat64()/s.rate, 0.0
	for now < hour {
		var waiting []float64
		for now = max(now, next); next <= now; next += random.ExpFloat64() / s.rate {
			waiting = append(waiting, next)
		}
		now += one + each*float64(len(waiting)-1)
		appends++
		for _, since := range waiting {
			waits = append(waits, time.Duration((now-since)*float64(time.Second)))
		}
	}
	slices.Sort(waits)
	s.p50, s.p99 = waits[len(waits)/2], waits[len(waits)*99/100]
	s.batch = float64(len(waits)) / float64(appends)
	s.leaves = events + events/s.batch
	return s
}

// use is how much of something the busiest hour takes.
type use struct {
	what string
	part float64
}

// capacity returns the tables.
func capacity(f figures) string {
	var out strings.Builder
	years := []float64{1e6, 10e6, 100e6}
	var all []state
	for _, e := range years {
		all = append(all, simulate(f, e))
	}
	row := func(name string, cell func(s state) string) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, s := range all {
			fmt.Fprintf(&out, " %s |", cell(s))
		}
		out.WriteString("\n")
	}
	row("events a year", func(s state) string { return number(s.events) })
	out.WriteString("|---|--:|--:|--:|\n")
	row("events a second in the busiest hour", func(s state) string { return fmt.Sprintf("%.1f", s.rate) })
	row("that, of what one embedded node takes, HTTP and two cosigners included", func(s state) string { return percent(s.rate / f[figEmbedded]) })
	row("that, of what one writer over Trillian takes, without them", func(s state) string { return percent(s.rate / f[figTrillian]) })
	row("until durable in that hour, embedded, p50 / p99", func(s state) string { return ms(s.p50) + " / " + ms(s.p99) })
	row("events in an append, embedded", func(s state) string { return fmt.Sprintf("%.2f", s.batch) })
	row("leaves a year, epochs included", func(s state) string { return number(s.leaves) })
	row("disk a year, embedded: tiles and map", func(s state) string { return gigabytes(s.leaves * (f[figLog] + f[figMap])) })
	row("database a year, over Trillian", func(s state) string { return gigabytes(s.leaves * f[figDatabase]) })
	row("an auditor replays a year in", func(s state) string { return long(s.leaves / f[figAudit] / 1000) })
	row("breaks first", func(s state) string { return first(f, s) })
	fmt.Fprintf(&out, "\n| 10 PB of evidence | |\n|---|--:|\n")
	disk, bucket := gibibyte/f[figSeal], f[figBucket]*1e6
	fmt.Fprintf(&out, "| one machine seals into its own disk, a second | %.0f MB |\n", disk/1e6)
	fmt.Fprintf(&out, "| one machine seals into a bucket, a second | %.0f MB |\n", bucket/1e6)
	fmt.Fprintf(&out, "| machines that seal it into buckets within a year of working hours | %.0f |\n", math.Ceil(petabytes/bucket/workingSeconds))
	fmt.Fprintf(&out, "| passing it once through 10 machines, at the pace of their own disks and around the clock | %s |\n", long(petabytes/disk/10))
	fmt.Fprintf(&out, "\n| a region of %d states, each with so many events a year |", regionStates)
	for _, s := range all {
		fmt.Fprintf(&out, " %s |", number(s.events))
	}
	out.WriteString("\n|---|--:|--:|--:|\n")
	others := float64(regionStates - 1)
	row("leaves that each state's auditor replays a second in the busiest hour", func(s state) string { return number(others * s.leaves / s.events * s.rate) })
	row("that, of one core", func(s state) string { return percent(others * s.leaves / s.events * s.rate / f[figAudit] / 1000) })
	row("read over the network for it, a year", func(s state) string { return gigabytes(others * s.leaves * f[figLog]) })
	row("disk for the maps of the others, a year", func(s state) string { return gigabytes(others * s.leaves * f[figMap]) })
	row("an auditor that begins anew catches up with a year of all in", func(s state) string { return long(others * s.leaves / f[figAudit] / 1000) })
	row("anchors once a minute, of what the channel takes", func(state) string { return percent(regionStates / 60. / f[figChannel]) })
	row("disk of each peer for them, a year", func(state) string { return gigabytes(regionStates * minutesOfYear * f[figPeer]) })
	row("disk of each orderer for them, a year", func(state) string { return gigabytes(regionStates * minutesOfYear * f[figOrderer]) })
	row("proofs that one state keeps of its own anchors, a year", func(state) string { return gigabytes(minutesOfYear * f[figProof]) })
	return out.String()
}

// first names what the busiest hour fills most, and what is to be done about it.
func first(f figures, s state) string {
	most := slices.MaxFunc([]use{
		{"one embedded node", s.rate / f[figEmbedded]},
		{"auditors of a region", (regionStates - 1) * s.leaves / s.events * s.rate / f[figAudit] / 1000},
		{"one writer over Trillian", s.rate / f[figTrillian]},
	}, func(a, b use) int {
		switch {
		case a.part < b.part:
			return -1
		case a.part > b.part:
			return 1
		}
		return 0
	})
	if most.part < 0.5 {
		return "nothing within a year; " + most.what + " is the nearest"
	}
	return most.what
}

func percent(x float64) string {
	if x < 0.001 {
		return "under 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

func number(x float64) string {
	switch {
	case x >= 1e6:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", x/1e6), ".0") + " M"
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

func gigabytes(x float64) string {
	if x >= 1e12 {
		return fmt.Sprintf("%.1f TB", x/1e12)
	}
	return fmt.Sprintf("%.1f GB", x/1e9)
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// long says seconds in what people count them in.
func long(seconds float64) string {
	switch {
	case seconds >= 2*86400:
		return fmt.Sprintf("%.0f days", seconds/86400)
	case seconds >= 2*3600:
		return fmt.Sprintf("%.1f h", seconds/3600)
	case seconds >= 120:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.0f s", seconds)
}

const (
	readmeName   = "README.md"
	figuresName  = "testdata/figures.txt"
	tablesBegin  = "<!-- computed by capacity_test.go from testdata/figures.txt -->\n"
	tablesFinish = "<!-- end of what is computed -->\n"
)

// The tables of README.md are what comes of the figures, and every figure that is needed
// was measured.
func TestCapacity(t *testing.T) {
	raw, err := os.ReadFile(figuresName)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFigures(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{figEmbedded, figOne, figMany, figTrillian, figDatabase, figLog, figMap, figAudit, figSeal, figBucket, figChannel, figPeer, figOrderer, figProof} {
		if f[name] <= 0 {
			t.Errorf("%s: nobody measured %q", figuresName, name)
		}
	}
	readme, err := os.ReadFile(readmeName)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(readme, []byte(tablesBegin))
	is, after, ok2 := bytes.Cut(rest, []byte(tablesFinish))
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tables", readmeName)
	}
	want := "\n" + capacity(f) + "\n"
	if *writeCapacity {
		b := slices.Concat(before, []byte(tablesBegin+want+tablesFinish), after)
		if err := os.WriteFile(readmeName, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(is) != want {
		t.Errorf("%s has other tables than the figures give; they are\n%s", readmeName, want)
	}
}

// A lone submitter waits for one append, and more load makes larger batches and no one
// wait for ever.
func TestSimulate(t *testing.T) {
	f := figures{figOne: 100, figMany: 25600}
	quiet, busy := simulate(f, 1e5), simulate(f, 1e9)
	if quiet.batch > 1.01 || quiet.p50 < 9*time.Millisecond || quiet.p50 > 11*time.Millisecond {
		t.Errorf("quiet: %+v", quiet)
	}
	if busy.batch < 2 || busy.p99 < quiet.p99 || busy.p99 > 100*time.Millisecond || busy.leaves >= 2*busy.events {
		t.Errorf("busy: %+v", busy)
	}
}

// BenchmarkCapacity prints the tables, of the figures in a file that CAPACITY names, or
// of those that are kept.
func BenchmarkCapacity(b *testing.B) {
	name := os.Getenv("CAPACITY")
	if name == "" {
		name = figuresName
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	f, err := readFigures(raw)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		capacity(f)
	}
	b.Log("\n" + capacity(f))
}

package node

import (
	"bytes"
	"compress/gzip"
	"io"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// stages are where an event's time on the cores goes. A sample of the profile belongs
// to the first of them that any function of its stack does.
var stages = []struct {
	name string
	in   []string // parts of functions' names
}{
	{"generator", []string{"busyNode).send"}},
	{"witnesses", []string{"node.(*role)"}},
	{"round", []string{"ledger/feeder.", "writer.(*publisher)"}},
	{"log", []string{"writer.(*Writer).commit", "tesseralog.", "transparency-dev/tessera"}},
	{"body", []string{"bodies.(*Store).commit"}},
	{"request-signature", []string{"client.(*Signed).Verify", "client.ReadSigned"}},
	{"event-signature", []string{"intake.(*candidate).signed"}},
	{"form", []string{"wire.Parse", "intake.open"}},
	{"rule", []string{"intake."}},
	{"answer", []string{"node.send", "node.resultOf"}},
	{"http", []string{"net/http."}},
	{"collector", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.gcAssistAlloc"}},
	{"rest", []string{""}},
}

// profiled calls what is measured and reports its time on the cores by stage, in
// microseconds for one of n events. When the run is profiled already nothing is reported.
func profiled(b *testing.B, n float64, measured func()) {
	b.Helper()
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		measured()
		return
	}
	measured()
	pprof.StopCPUProfile()
	r := must[*gzip.Reader](b)(gzip.NewReader(&out))
	raw := must[[]byte](b)(io.ReadAll(r))
	for name, spent := range stageTimes(raw) {
		b.ReportMetric(float64(spent)/n/1e3, name+"-µs")
	}
}

// stageTimes reads a profile (github.com/google/pprof, proto/profile.proto).
func stageTimes(raw []byte) map[string]time.Duration {
	var names []string                 // the string table
	functions := map[uint64]uint64{}   // id: place of its name
	locations := map[uint64][]uint64{} // id: its functions
	var samples [][]byte               // read when all the rest is
	fields(raw, func(n protowire.Number, _ uint64, b []byte) {
		switch n {
		case 2:
			samples = append(samples, b)
		case 4:
			id, lines := location(b)
			locations[id] = lines
		case 5:
			id, name := ids(b)
			functions[id] = name
		case 6:
			names = append(names, string(b))
		}
	})
	spent := map[string]time.Duration{}
	for _, s := range samples {
		at, values := sample(s)
		var stack []string
		for _, l := range at {
			for _, f := range locations[l] {
				stack = append(stack, names[functions[f]])
			}
		}
		spent[stageOf(stack)] += time.Duration(values[len(values)-1])
	}
	return spent
}

func stageOf(stack []string) string {
	for _, s := range stages {
		for _, f := range stack {
			for _, part := range s.in {
				if strings.Contains(f, part) {
					return s.name
				}
			}
		}
	}
	return "rest"
}

// fields calls each for every field of a message, with its number or its bytes.
func fields(b []byte, each func(n protowire.Number, number uint64, bytes []byte)) {
	for len(b) > 0 {
		n, kind, size := protowire.ConsumeTag(b)
		b = b[size:]
		switch kind {
		case protowire.VarintType:
			v, size := protowire.ConsumeVarint(b)
			each(n, v, nil)
			b = b[size:]
		case protowire.BytesType:
			v, size := protowire.ConsumeBytes(b)
			each(n, 0, v)
			b = b[size:]
		default:
			b = b[protowire.ConsumeFieldValue(n, kind, b):]
		}
	}
}

// ids returns the fields 1 and 2 of a message, which are numbers.
func ids(b []byte) (one, two uint64) {
	fields(b, func(n protowire.Number, v uint64, _ []byte) {
		switch n {
		case 1:
			one = v
		case 2:
			two = v
		}
	})
	return one, two
}

func location(b []byte) (id uint64, lines []uint64) {
	fields(b, func(n protowire.Number, v uint64, line []byte) {
		switch n {
		case 1:
			id = v
		case 4:
			f, _ := ids(line)
			lines = append(lines, f)
		}
	})
	return id, lines
}

// sample returns a stack, innermost location first, and what was counted there. Short
// lists are not packed.
func sample(b []byte) (at, values []uint64) {
	add := func(n protowire.Number, v uint64) {
		switch n {
		case 1:
			at = append(at, v)
		case 2:
			values = append(values, v)
		}
	}
	fields(b, func(n protowire.Number, v uint64, packed []byte) {
		if packed == nil {
			add(n, v)
		}
		for len(packed) > 0 {
			v, size := protowire.ConsumeVarint(packed)
			packed = packed[size:]
			add(n, v)
		}
	})
	return at, values
}

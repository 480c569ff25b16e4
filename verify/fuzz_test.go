package verify_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence/asic"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/caseuco"
	"example.org/custody/verify/pack/readers"
	"example.org/custody/verify/verifytest"
)

// splice replaces cut bytes of b from position at on, wherever that is in b. The
// fuzzer turns few bytes over, not whole files, so it gets somewhere.
func splice(b []byte, at uint16, cut uint8, insert []byte) []byte {
	from := int(at) * 7 % (len(b) + 1)
	to := min(from+int(cut), len(b))
	return slices.Concat(b[:from], insert, b[to:])
}

func addSplices(f *testing.F, files int) {
	for which := range files {
		f.Add(uint8(which), uint16(0), uint8(0), []byte(nil))
		f.Add(uint8(which), uint16(50), uint8(1), []byte("0"))
		f.Add(uint8(which), uint16(900), uint8(64), bytes.Repeat([]byte("f"), 64))
		f.Add(uint8(which), uint16(0), uint8(255), []byte("{}\n"))
	}
}

// FuzzDossier changes a file of an honest dossier. The verdict must follow from
// its findings, and when it holds, the item's history is the one that was signed,
// event for event.
func FuzzDossier(f *testing.F) {
	s := handed()
	o := s.out()
	honest := o.encode(f)
	names := slices.Sorted(maps.Keys(honest))
	addSplices(f, len(names))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, insert []byte) {
		files := maps.Clone(honest)
		name := names[int(which)%len(names)]
		files[name] = splice(honest[name], at, cut, insert)
		v := judge(files, o.trust, o.opts)
		if why := inconsistent(v, o.trust.List.Require); why != "" {
			t.Fatal(why)
		}
		if v.Exit != verify.ExitHolds {
			return
		}
		d, err := pack.Decode(files)
		if err != nil {
			t.Fatal("holds, and cannot be decoded")
		}
		if got := eventsAsked(d); !slices.EqualFunc(got, s.item.Events, func(line pack.EventLine, e *verifytest.Event) bool {
			return bytes.Equal(line.Envelope, e.Envelope) && line.Index == e.Index
		}) {
			t.Fatalf("holds with a history of %d events that is not the one signed", len(got))
		}
	})
}

// eventsAsked returns the lines of the first item asked about.
func eventsAsked(d *pack.Dossier) []pack.EventLine {
	var lines []pack.EventLine
	for _, e := range d.Events {
		if item, _, err := e.Place(); err == nil && item == d.Items[0].Item {
			lines = append(lines, e)
		}
	}
	return lines
}

// packages are those that the fuzzer begins with, each with what to verify it with: as
// plain as can be, with the graph, with registers as JSON, with a CAdES signature, a
// timestamp, an archive timestamp, a bag, copies for readers.
func packages() (all []*delivery, opts []verify.Options) {
	tsa := verifytest.NewTSA("AA")
	with := func(p verifytest.Packing) *delivery {
		return deliveredBy(func(s *stage) verifytest.Packing { p.By = s.bob; return p })
	}
	all = []*delivery{
		delivered(), with(verifytest.Packing{Graph: caseuco.Write}), with(verifytest.Packing{Registers: true}),
		doublySigned(func(s *stage, m []byte) []byte {
			return s.bob.CAdES(m, s.w.Now, verifytest.Start.AddDate(3, 0, 0), nil)
		}),
		stampedBy(tsa, time.Minute), archived(tsa, verifytest.NewTSA("BB"), renewal{tsa, time.Hour}), inBag(),
		sealedFor(twoFiles, false, both(oneKey)),
	}
	keys, err := readers.ParseKeys([]byte(oneKey))
	must(err)
	opts = make([]verify.Options, len(all))
	opts[len(all)-1].Keys = keys
	return all, opts
}

// unsigned are the files that the packer's signature is not over: a change may be of
// bytes that say nothing, or make them count for nothing.
var unsigned = []string{pack.CAdESName, pack.TimestampName, asic.ArchiveName(1), asic.ArchiveToken(1)}

// FuzzPackage changes a file of an honest package and makes the container again
// around it. Only the honest one holds.
func FuzzPackage(f *testing.F) {
	all, opts := packages()
	for base, d := range all {
		if v := fuzzed(f, d, d.files, opts[base]); v.Exit != verify.ExitHolds {
			f.Fatalf("package %d to begin with: %s", base, v.Sentence)
		}
		for which := range len(d.files) {
			f.Add(uint8(base), uint8(which), uint16(0), uint8(0), []byte(nil))
			f.Add(uint8(base), uint8(which), uint16(50), uint8(1), []byte("0"))
		}
	}
	f.Fuzz(func(t *testing.T, base, which uint8, at uint16, cut uint8, insert []byte) {
		d := all[int(base)%len(all)]
		names := slices.Sorted(maps.Keys(d.files))
		name := names[int(which)%len(names)]
		files := maps.Clone(d.files)
		files[name] = splice(d.files[name], at, cut, insert)
		if len(files[name]) > 1<<20 {
			return // the writer would refuse it
		}
		v := fuzzed(t, d, files, opts[int(base)%len(all)])
		if why := inconsistent(v, d.w.List.Require); why != "" {
			t.Fatal(why)
		}
		same := bytes.Equal(files[name], d.files[name])
		if holds := v.Exit == verify.ExitHolds; same && !holds || holds && !same && !slices.Contains(unsigned, name) {
			t.Fatalf("%s: exit %d: %s", name, v.Exit, v.Sentence)
		}
	})
}

// fuzzed is the verdict on the package of the files.
func fuzzed(t testing.TB, d *delivery, files map[string][]byte, o verify.Options) *verify.Verdict {
	b := verifytest.Container(files)
	v, _, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), d.w.Trust(), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

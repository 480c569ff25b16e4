package verify_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/pack"
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

// FuzzPackage changes a file of an honest package and makes the container again
// around it. Only the honest one holds.
func FuzzPackage(f *testing.F) {
	d := delivered()
	names := slices.Sorted(maps.Keys(d.files))
	addSplices(f, len(names))
	tr := d.w.Trust()
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, insert []byte) {
		name := names[int(which)%len(names)]
		files := maps.Clone(d.files)
		files[name] = splice(d.files[name], at, cut, insert)
		if len(files[name]) > 1<<20 {
			return // the writer would refuse it
		}
		v := verdictOn(t, verifytest.Container(files), tr)
		if why := inconsistent(v, tr.List.Require); why != "" {
			t.Fatal(why)
		}
		if same := bytes.Equal(files[name], d.files[name]); same != (v.Exit == verify.ExitHolds) {
			t.Fatalf("%s: exit %d: %s", name, v.Exit, v.Sentence)
		}
	})
}

// FuzzBag changes the bag in an honest package, or a member with the bag made again
// around it, and the packer signs that. Only the honest one holds.
func FuzzBag(f *testing.F) {
	d := inBag()
	honest := d.files[theBag]
	members := unbagged(honest)
	names := slices.Sorted(maps.Keys(members))
	addSplices(f, len(names)+1)
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, insert []byte) {
		b := splice(honest, at, cut, insert)
		if n := int(which) % (len(names) + 1); n < len(names) {
			changed := maps.Clone(members)
			changed[names[n]] = splice(members[names[n]], at, cut, insert)
			b = rebagged(changed)
		}
		p := d.instead(theBag, b)
		p.opts.TreeOnly = at%2 == 0
		v := p.verdict(t)
		if why := inconsistent(v, p.trust.List.Require); why != "" {
			t.Fatal(why)
		}
		if same := bytes.Equal(b, honest); same != (v.Exit == verify.ExitHolds) {
			t.Fatalf("exit %d: %s", v.Exit, v.Sentence)
		}
	})
}

package pack_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence"
	"example.org/custody/spec"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// dossiers are those that the fuzzer begins with: with tokens and lists, with copies that
// are for readers, with an anchor, with an erased event.
func dossiers(f *testing.F) (all []map[string][]byte) {
	f.Helper()
	w, _, item := world()
	read := w.Dossier(item)
	at := pack.PayloadName(1, 1, ".txt") + ".age"
	read.Items[0].Payload = []pack.Enclosed{{Entry: at, File: evidence.FileName(1)}}
	read.AddReaders(at, []string{"age1hw3e4t90nsqkkxj7d6f6sqz0pf3vhqp5k4kmn2nesyq72k8yyfnq7ljjar"})
	for _, d := range []*pack.Dossier{proving(f), read, erasing()} {
		all = append(all, encode(f, d))
	}
	base := vector(f, "verdict-p01-covered")
	anchored := maps.Clone(base)
	for name, b := range vector(f, "verdict-x-channel-shared") {
		var whole []byte
		for line := range bytes.Lines(b) {
			if n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSuffix(string(line), "\n"), "=")); err == nil && line[0] == '=' {
				line = slices.Collect(bytes.Lines(base[name]))[n-1]
			}
			whole = append(whole, line...)
		}
		anchored[name] = whole
	}
	return append(all, anchored)
}

// vector returns the files of a dossier that stand in a vector (spec/vectors/README.md).
func vector(f *testing.F, name string) map[string][]byte {
	f.Helper()
	b, err := fs.ReadFile(spec.Vectors, "vectors/"+name+".txtar")
	if err != nil {
		f.Fatal(err)
	}
	files := map[string][]byte{}
	for _, x := range txtar.Parse(b).Files {
		plain, data := strings.TrimSuffix(x.Name, ".nolf"), x.Data
		if plain != x.Name {
			data = bytes.TrimSuffix(data, []byte("\n"))
		}
		if hexed, ok := strings.CutSuffix(plain, ".hex"); ok {
			if plain = hexed; err == nil {
				data, err = hex.DecodeString(strings.Join(strings.Fields(string(data)), ""))
			}
		}
		if strings.Contains(plain, "/") {
			files[plain] = data
		}
	}
	if err != nil {
		f.Fatal(err)
	}
	return files
}

// erasing is a dossier with an event that was erased.
func erasing() *pack.Dossier {
	w, bob, item := world()
	gone := item.Act(evidence.Examine, []*verifytest.Officer{bob}, verifytest.Record{})
	judge := w.State("BB").Enrol(evidence.RoleCourt)
	item.Act(evidence.Dispose, []*verifytest.Officer{bob, judge}, verifytest.Record{}, func(e *evidence.Event) {
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 1"}}
	})
	gone.Erased = true
	return w.Dossier(item)
}

// FuzzDecode changes a file of a dossier: what is read is written again as it
// was, and what is not is refused with the reason.
func FuzzDecode(f *testing.F) {
	all := dossiers(f)
	for base, files := range all {
		if d, err := pack.Decode(files); err != nil || base == 3 && len(d.Anchors) == 0 {
			f.Fatalf("dossier %d to begin with: %v", base, err)
		}
	}
	for base, files := range all {
		for which := range len(files) {
			f.Add(uint8(base), uint8(which), uint16(0), uint8(0), []byte(nil))
			f.Add(uint8(base), uint8(which), uint16(40), uint8(1), []byte("0"))
			f.Add(uint8(base), uint8(which), uint16(0), uint8(0), []byte("{}\n"))
		}
	}
	f.Fuzz(func(t *testing.T, base, which uint8, at uint16, cut uint8, insert []byte) {
		files := all[int(base)%len(all)]
		names := slices.Sorted(maps.Keys(files))
		in := maps.Clone(files)
		name := names[int(which)%len(names)]
		from := int(at) % (len(in[name]) + 1)
		in[name] = slices.Concat(in[name][:from], insert, in[name][min(from+int(cut), len(in[name])):])
		d, err := pack.Decode(in)
		if err != nil {
			var x *pack.FileError
			if !pack.Refused(err) || !errors.As(err, &x) || x.Name != name && x.Name != pack.EventsName { // items order the events
				t.Fatalf("%s changed: %v", name, err)
			}
			return
		}
		out, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !maps.EqualFunc(in, out, bytes.Equal) {
			t.Fatal("written otherwise than read")
		}
		if d.Inventory() == nil || d.Withheld() == nil {
			t.Fatal("no registers")
		}
	})
}

// FuzzStatement does the same with the packer's statement.
func FuzzStatement(f *testing.F) {
	f.Add([]byte(`{"format":"custody/package/v1","items":[],"manifest":"` + string(bytes.Repeat([]byte("0"), 64)) + `","packed":"2026-11-24T10:00:00Z","signers":[{"authority":"AA","enrolled":"` +
		string(bytes.Repeat([]byte("1"), 64)) + `","key":"` + string(bytes.Repeat([]byte("2"), 64)) + `","role":"examiner"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := pack.ParseStatement(b)
		if err != nil {
			if !errors.Is(err, pack.ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if again, err := s.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written otherwise than read: %v\n%s", err, again)
		}
	})
}

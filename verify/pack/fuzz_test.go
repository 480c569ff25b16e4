package pack_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"

	"example.org/custody/verify/pack"
)

// FuzzDecode changes a file of a dossier: what is read is written again as it
// was, and what is not is refused with the reason.
func FuzzDecode(f *testing.F) {
	files := encode(f, proving(f))
	names := slices.Sorted(maps.Keys(files))
	for which := range names {
		f.Add(uint8(which), uint16(0), uint8(0), []byte(nil))
		f.Add(uint8(which), uint16(40), uint8(1), []byte("0"))
		f.Add(uint8(which), uint16(0), uint8(0), []byte("{}\n"))
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, insert []byte) {
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

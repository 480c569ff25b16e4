package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRecordKeyIsHidden(t *testing.T) {
	k := NewRecordKey()
	if s := fmt.Sprintf("%s %v", k, k); strings.Contains(s, Hash(k).String()) || s != "record key (hidden) record key (hidden)" {
		t.Error(s)
	}
	if k == NewRecordKey() {
		t.Error("two keys are equal")
	}
}

func TestRecordOfRefuses(t *testing.T) {
	for name, entries := range map[string][]Entry{
		"out of order":          {{"b", json.RawMessage(`1`)}, {"a", json.RawMessage(`1`)}},
		"twice":                 {{"a", json.RawMessage(`1`)}, {"a", json.RawMessage(`1`)}},
		"field after file":      {{"file/1", json.RawMessage(`1`)}, {"a", json.RawMessage(`1`)}},
		"file hole":             {{"file/2", json.RawMessage(`1`)}},
		"file hole after field": {{"a", json.RawMessage(`1`)}, {"file/2", json.RawMessage(`1`)}},
		"file order":            {{"file/1", json.RawMessage(`1`)}, {"file/3", json.RawMessage(`1`)}},
		"name":                  {{"A", json.RawMessage(`1`)}},
		"empty name":            {{"", json.RawMessage(`1`)}},
		"no value":              {{"a", nil}},
		"value":                 {{"a", json.RawMessage(`1.0`)}},
		"long value":            {{"a", json.RawMessage(`"` + strings.Repeat("a", MaxValue) + `"`)}},
		"many":                  make([]Entry, MaxEntries+1),
	} {
		if _, err := RecordOf(RecordKey{}, entries); !errors.Is(err, ErrRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := Entry{"a", json.RawMessage(`"` + strings.Repeat("a", MaxValue-2) + `"`)}
	if _, err := RecordOf(RecordKey{}, []Entry{long}); err != nil {
		t.Errorf("value of the largest size: %v", err)
	}
}

// What is shown must leave room for what is hidden, and no more.
func TestViewOrder(t *testing.T) {
	for names, ok := range map[string]bool{
		"a ? file/1":            true, // a hidden field
		"a ? ? file/3 ? file/5": true, // hidden files
		"? file/1":              true,
		"? ? b":                 true,
		"? file/1 file/3":       false,
		"? file/1 ? file/2":     false,
		"a file/2":              false,
		"a ? file/3":            false,
		"? ? file/4":            false,
		"file/1 ? a":            false,
		"b ? a":                 false,
	} {
		var v View
		for _, name := range strings.Fields(names) {
			e := ViewEntry{Name: name, Value: json.RawMessage(`1`)}
			if name == "?" {
				e = ViewEntry{Form: NameWithheld, Withheld: Withheld{"AA", ReasonMethod, "2027-01-01"}}
			}
			v.Entries = append(v.Entries, e)
		}
		if err := v.Validate(); (err == nil) != ok {
			t.Errorf("%s: %v", names, err)
		}
	}
}

func TestVerifyComparesTheCount(t *testing.T) {
	r, err := NewRecord(RecordKey{}, map[string]any{"a": 1})
	if err != nil {
		t.Fatal(err)
	}
	signed := r.Roots()
	signed.Count++
	if err := r.View(nil).Verify(signed); !errors.Is(err, ErrViewRoots) {
		t.Error(err)
	}
}

func TestLookupOfNothing(t *testing.T) {
	var v *View
	if value, p := v.Lookup("place"); value != nil || p != Unknown {
		t.Errorf("nil view: %s, %v", value, p)
	}
	v = &View{Entries: []ViewEntry{{Name: "n", Value: json.RawMessage(`"x"`)}}}
	if n, p, err := Value[int](v, "n"); err == nil || p != Unknown || n != 0 {
		t.Errorf("value of another type: %v, %v, %v", n, p, err)
	}
	if s, p, err := Value[string](v, "n"); err != nil || p != Present || s != "x" {
		t.Errorf("%v, %v, %v", s, p, err)
	}
}

func TestWriteToReportsError(t *testing.T) {
	v := &View{Entries: []ViewEntry{{Name: "n", Value: json.RawMessage(`"x"`)}}}
	r, w := io.Pipe()
	r.CloseWithError(io.ErrShortWrite)
	if _, err := v.WriteTo(w); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	v.Entries[0].Name = "N"
	var buf bytes.Buffer
	if n, err := v.WriteTo(&buf); !errors.Is(err, ErrView) || n != 0 || buf.Len() != 0 {
		t.Errorf("wrote %d bytes of a view that is none: %v", buf.Len(), err)
	}
}

var drawName = rapid.StringMatching(`[a-eg-z0-9._-][a-z0-9._/-]{0,12}`)

// drawRecord draws a record with a few fields and files.
func drawRecord(t *rapid.T) (RecordKey, *Record) {
	key := RecordKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
	fields := rapid.MapOfN(drawName, anyValue(1), 0, 6).Draw(t, "fields")
	var files []FileValue
	for i := range rapid.IntRange(0, 12).Draw(t, "files") {
		files = append(files, FileValue{Kind: KindDir, Path: fmt.Sprint("dir", i)})
	}
	r, err := NewRecord(key, fields, files...)
	if err != nil {
		t.Fatal(err)
	}
	return key, r
}

// drawView draws a view with some of the entries held back.
func drawView(t *rapid.T, r *Record) *View {
	return r.View(func(ViewEntry) *Withholding {
		form := Form(rapid.IntRange(0, 2).Draw(t, "form"))
		if form == Shown {
			return nil
		}
		code := rapid.SampledFrom(ReasonCodes()).Draw(t, "code")
		return &Withholding{Withheld{"AA", code, "2027-01-01"}, form == NameWithheld}
	})
}

// Whatever is held back, the view is of the record; its bytes give it back; and
// more can be held back from it.
func TestViewRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, r := drawRecord(t)
		v := drawView(t, r)
		if err := v.Verify(r.Roots()); err != nil {
			t.Fatal(err)
		}
		b, err := Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseView(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v.Entries, back.Entries); diff != "" && len(v.Entries) > 0 {
			t.Fatal(diff)
		}
		if err := drawView(t, r).Withhold(func(ViewEntry) *Withholding {
			return &Withholding{Withheld{"AA", ReasonMethod, "2027-01-01"}, rapid.Bool().Draw(t, "name")}
		}).Verify(r.Roots()); err != nil {
			t.Fatal(err)
		}
		again, err := r.View(nil).Record(key)
		if err != nil || again.Roots() != r.Roots() {
			t.Fatalf("record from its full view: %v", err)
		}
	})
}

// One flipped bit anywhere in a view is noticed, except in the reason for what
// is held back, which nobody signed with the record.
func TestFlippedViewFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, r := drawRecord(t)
		v := drawView(t, r)
		b, err := Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(b)-1).Draw(t, "byte")
		b[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		flipped, err := ParseView(b)
		if err != nil || flipped.Verify(r.Roots()) != nil {
			return
		}
		for i := range flipped.Entries {
			flipped.Entries[i].Withheld = v.Entries[i].Withheld
		}
		if diff := cmp.Diff(v.Entries, flipped.Entries); diff != "" {
			t.Fatalf("byte %d: verifies, but is another view: %s", i, diff)
		}
	})
}

// Another value, name, salt or order is another record under either hash.
func TestRootsBindEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, r := drawRecord(t)
		v := r.View(nil)
		if len(v.Entries) == 0 {
			return
		}
		e := &v.Entries[rapid.IntRange(0, len(v.Entries)-1).Draw(t, "entry")]
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			e.Name += "x"
		case 1:
			e.Value = append(bytes.Clone(e.Value), ' ')
		case 2:
			e.Salt[rapid.IntRange(0, 31).Draw(t, "salt")]++
		case 3:
			v.Entries = v.Entries[1:]
		}
		if got := v.Roots(); got.Root == r.Roots().Root || got.Root3 == r.Roots().Root3 {
			t.Fatalf("a root is the same: %+v", got)
		}
	})
}

// The roots do not depend on how the work is shared out.
func TestRootsOfManyEntries(t *testing.T) {
	const n = 3000
	r, err := NewRecord(RecordKey{1}, nil, manyFiles(n)...)
	if err != nil {
		t.Fatal(err)
	}
	v := r.View(nil)
	leaf, leaf3 := make([]Hash, n), make([]Hash, n)
	for i := range v.Entries {
		leaf[i], leaf3[i] = v.Entries[i].leafHashes()
		if v.Entries[i].Salt != (RecordKey{1}).Salt(uint64(i)) {
			t.Fatalf("salt %d", i)
		}
	}
	want := RecordRoots{n, plainRoot(leaf, false), plainRoot(leaf3, true)}
	if r.Roots() != want || v.Roots() != want {
		t.Errorf("got %+v, want %+v", r.Roots(), want)
	}
}

// plainRoot is RFC 6962 §2.1 written as it stands there.
func plainRoot(leaves []Hash, three bool) Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := plainRoot(leaves[:k], three), plainRoot(leaves[k:], three)
	b := append(append([]byte{1}, left[:]...), right[:]...)
	if three {
		h := sha3New()
		h.Write(b)
		return Hash(h.Sum(nil))
	}
	return sha256.Sum256(b)
}

func manyFiles(n int) []FileValue {
	files := make([]FileValue, n)
	for i := range files {
		size := int64(i)
		files[i] = FileValue{
			Kind: KindFile, Mode: "0644", Path: fmt.Sprintf("folder/of/files/IMG_%08d.jpg", i),
			Digests: &Digests{SHA256: Hash{1}, Size: size, Tree: Hash{2}},
			Stored:  &Stored{Length: &size, Offset: &size, SHA256: Hash{3}},
		}
	}
	return files
}

func FuzzParseView(f *testing.F) {
	r, err := NewRecord(RecordKey{}, map[string]any{"a": "x", "b": []any{1, true}, "c": map[string]any{}}, manyFiles(2)...)
	if err != nil {
		f.Fatal(err)
	}
	b, err := Canonical(r.View(func(e ViewEntry) *Withholding {
		if e.Name == "a" || e.Name == "file/2" {
			return &Withholding{Withheld{"AA", ReasonMethod, "2027-01-01"}, e.Name == "a"}
		}
		return nil
	}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"name":"a","salt":"5}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseView(b)
		if err != nil {
			if v != nil || !errors.Is(err, ErrView) {
				t.Fatalf("%v with %v", err, v)
			}
			return
		}
		var out bytes.Buffer
		if n, err := v.WriteTo(&out); err != nil || n != int64(len(b)) || !bytes.Equal(out.Bytes(), b) {
			t.Fatalf("%d bytes, %v:\n%s\nwas\n%s", n, err, out.Bytes(), b)
		}
		v.Verify(v.Roots())
		for i, e := range v.Entries {
			if value, p := v.Lookup(e.Name); e.Form == Shown && (p != Present || !bytes.Equal(value, e.Value)) {
				t.Fatalf("entry %d: %v", i, p)
			}
		}
	})
}

func BenchmarkNewRecord100k(b *testing.B) {
	files := manyFiles(100_000)
	for b.Loop() {
		if _, err := NewRecord(RecordKey{}, nil, files...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkView100k(b *testing.B) {
	r, err := NewRecord(RecordKey{}, nil, manyFiles(100_000)...)
	if err != nil {
		b.Fatal(err)
	}
	text, err := Canonical(r.View(nil))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseView(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	v, _ := ParseView(text)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := v.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if err := v.Verify(r.Roots()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("roots", func(b *testing.B) {
		for b.Loop() {
			v.Roots()
		}
	})
}

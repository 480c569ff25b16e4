package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeFile is one entry of a fakeSource.
type fakeFile struct {
	data    string
	mode    fs.FileMode // 0 is a regular file 0644
	target  string
	id      int // identity; 0 is the path's own
	modTime time.Time
	lstat   error // faults
	open    error
	read    error
	list    error
	during  func(*fakeFile) // called at the first read
}

// fakeSource is a Source in memory with faults. Folders are entries too.
type fakeSource map[string]*fakeFile

type fakeInfo struct {
	name string
	f    fakeFile
}

func (i fakeInfo) Name() string { return path.Base(i.name) }
func (i fakeInfo) Size() int64  { return int64(len(i.f.data)) }
func (i fakeInfo) Mode() fs.FileMode {
	if i.f.mode == 0 {
		return 0o644
	}
	return i.f.mode
}
func (i fakeInfo) ModTime() time.Time { return i.f.modTime }
func (i fakeInfo) IsDir() bool        { return i.Mode().IsDir() }
func (i fakeInfo) Sys() any           { return nil }

func (s fakeSource) ReadDir(dir string) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	for p := range s { // in the random order of a map: Walk must not rely on any
		if path.Dir(p) != dir || p == "." {
			continue
		}
		info, err := s.Lstat(p)
		if err != nil {
			entries = append(entries, brokenEntry{p, err})
			continue
		}
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}
	if f := s[dir]; f != nil && f.list != nil {
		return entries, &fs.PathError{Op: "readdir", Path: dir, Err: f.list}
	}
	return entries, nil
}

type brokenEntry struct {
	path string
	err  error
}

func (e brokenEntry) Name() string               { return path.Base(e.path) }
func (e brokenEntry) IsDir() bool                { return false }
func (e brokenEntry) Type() fs.FileMode          { return 0 }
func (e brokenEntry) Info() (fs.FileInfo, error) { return nil, e.err }

func (s fakeSource) Lstat(p string) (fs.FileInfo, error) {
	f := s[p]
	if f == nil {
		return nil, &fs.PathError{Op: "lstat", Path: p, Err: syscall.ENOENT}
	}
	if f.lstat != nil {
		return nil, &fs.PathError{Op: "lstat", Path: p, Err: f.lstat}
	}
	return fakeInfo{p, *f}, nil
}

func (s fakeSource) Readlink(p string) (string, error) { return s[p].target, s[p].open }

func (s fakeSource) Open(p string) (fs.File, error) {
	f := s[p]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: p, Err: syscall.ENOENT}
	}
	if f.open != nil {
		return nil, &fs.PathError{Op: "open", Path: p, Err: f.open}
	}
	return &fakeOpen{path: p, f: f}, nil
}

func (s fakeSource) SameFile(a, b fs.FileInfo) bool {
	x, y := a.(fakeInfo), b.(fakeInfo)
	return x.name == y.name && x.f.id == y.f.id
}

type fakeOpen struct {
	path string
	f    *fakeFile
	at   int
}

func (o *fakeOpen) Stat() (fs.FileInfo, error) { return fakeInfo{o.path, *o.f}, nil }
func (o *fakeOpen) Close() error               { return nil }
func (o *fakeOpen) Read(p []byte) (int, error) {
	if o.at == 0 && o.f.during != nil {
		o.f.during(o.f)
		o.f.during = nil
	}
	if o.f.read != nil && o.at > 0 {
		return 0, &fs.PathError{Op: "read", Path: o.path, Err: o.f.read}
	}
	if o.at == len(o.f.data) {
		return 0, io.EOF
	}
	n := copy(p, o.f.data[o.at:])
	o.at += n
	return n, nil
}

const folder = fs.ModeDir | 0o755

func kinds(found []Found) []string {
	var s []string
	for _, f := range found {
		s = append(s, fmt.Sprintf("%s %q", f.Kind, f.Path))
	}
	return s
}

// TestWalkOrder has names around '/' in byte order: a folder's files do not
// stand where the folder's own name would.
func TestWalkOrder(t *testing.T) {
	src := fakeSource{
		"a": {mode: folder}, "a/x": {}, "a-b": {}, "a.b": {}, "a0": {}, "a/sub": {mode: folder},
		"empty": {mode: folder}, "empty-": {}, "Z": {}, "\xff": {},
	}
	found, err := Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`file "Z"`, `file "a-b"`, `file "a.b"`, `dir "a/sub"`, `file "a/x"`, `file "a0"`,
		`dir "empty"`, `file "empty-"`, `file "\xff"`,
	}
	if diff := cmp.Diff(want, kinds(found)); diff != "" {
		t.Error(diff)
	}
	if found, err = Walk(fakeSource{}); err != nil || !slices.Equal(kinds(found), []string{`dir "."`}) {
		t.Errorf("empty root: %v, %v", found, err)
	}
}

func TestWalkOfTrouble(t *testing.T) {
	src := fakeSource{
		"link": {mode: fs.ModeSymlink | 0o777, target: "../\xfe"}, "pipe": {mode: fs.ModeNamedPipe},
		"tty": {mode: fs.ModeDevice | fs.ModeCharDevice}, "disk": {mode: fs.ModeDevice}, "sock": {mode: fs.ModeSocket},
		"door": {mode: fs.ModeIrregular}, "gone": {lstat: syscall.ENOENT}, "denied": {lstat: syscall.EACCES},
		"closed": {mode: folder, list: syscall.EACCES}, "partly": {mode: folder, list: syscall.EIO}, "partly/seen": {},
		"left": {mode: folder, list: syscall.ENOENT},
	}
	found, err := Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	want := []Found{
		{Path: "closed", Kind: KindUnreadable, Reason: "permission denied"},
		{Path: "denied", Kind: KindUnreadable, Reason: "permission denied"},
		{Path: "disk", Kind: KindSpecial, Special: "block-device"},
		{Path: "door", Kind: KindSpecial, Special: "other"},
		{Path: "gone", Kind: KindVanished},
		{Path: "left", Kind: KindVanished},
		{Path: "link", Kind: KindSymlink, Target: "../\xfe"},
		{Path: "partly", Kind: KindUnreadable, Reason: "input/output error"},
		{Path: "partly/seen", Kind: KindFile},
		{Path: "pipe", Kind: KindSpecial, Special: "pipe"},
		{Path: "sock", Kind: KindSpecial, Special: "socket"},
		{Path: "tty", Kind: KindSpecial, Special: "char-device"},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	for _, f := range found {
		v, err := ReadFound(src, f, digestFound)
		if err != nil || v.Validate() != nil {
			t.Errorf("%s: %v, %v", f.Path, err, v.Validate())
		}
	}
	if _, err := Walk(fakeSource{".": {mode: folder, list: syscall.EACCES}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("closed root: %v", err)
	}
}

func TestCollisions(t *testing.T) {
	src := fakeSource{
		"README": {}, "readme": {}, "Strasse": {}, "straße": {}, // simple folding: ß is not ss
		"caf\u00e9": {}, "cafe\u0301": {}, "\u212a": {}, "k": {}, // Kelvin sign
		"D": {mode: folder}, "D/x": {}, "d": {mode: folder}, "d/X": {}, "d/y": {},
		"bad\xff": {}, "bad\xfe": {}, "only": {},
	}
	found, err := Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		if f.Collides {
			got = append(got, f.Path)
		}
	}
	want := []string{"D/x", "README", "cafe\u0301", "caf\u00e9", "d/X", "k", "readme", "\u212a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// digestFound is the consumer of an ingest that keeps nothing.
func digestFound(r io.Reader, _ int64) (Digests, error) { return DigestReader(r, WithSHA256, nil) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 5_000_000, time.UTC)

func TestReadFound(t *testing.T) {
	src := fakeSource{"a\xffb": {data: "hello", mode: 0o640 | fs.ModeSetuid, modTime: noon.In(time.FixedZone("", 7200))}}
	v, err := ReadFound(src, Found{Path: "a\xffb", Kind: KindFile, Collides: true}, digestFound)
	if err != nil {
		t.Fatal(err)
	}
	d := DigestBytes([]byte("hello"), WithSHA256)
	v.Stored = &Stored{SHA256: d.SHA256, Offset: new(int64), Length: &d.Size}
	raw, err := Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"collides":true,"digests":{"sha256":"` + d.SHA256.String() + `","size":5,"tree":"` + d.Tree.String() +
		`"},"kind":"file","mode":"4640","modified":"2026-03-02T12:00:00.005Z","path":"a` + "\uFFFD" + `b","path_hex":"61ff62",` +
		`"stored":{"length":5,"object":"` + strings.Repeat("0", 32) + `","offset":0,"sha256":"` + d.SHA256.String() + `"}}`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	back, err := ParseFileValue(raw)
	if err != nil || !cmp.Equal(back, v) {
		t.Errorf("read back %+v, %v", back, err)
	}
	if p, err := back.RawPath(); p != "a\xffb" || err != nil {
		t.Errorf("raw path %q, %v", p, err)
	}
}

// TestReadFoundTrouble lists what can happen between the walk and the end of
// reading.
func TestReadFoundTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		file   *fakeFile
		kind   FileKind
		reason string
	}{
		"gone":            {nil, KindVanished, ""},
		"now a symlink":   {&fakeFile{mode: fs.ModeSymlink}, KindVanished, "replaced by symlink"},
		"now a pipe":      {&fakeFile{mode: fs.ModeNamedPipe}, KindVanished, "replaced by pipe"},
		"now a folder":    {&fakeFile{mode: folder}, KindVanished, "replaced by dir"},
		"closed":          {&fakeFile{open: syscall.EACCES}, KindUnreadable, "permission denied"},
		"gone at open":    {&fakeFile{open: syscall.ENOENT}, KindVanished, ""},
		"bad sector":      {&fakeFile{data: "ab", read: syscall.EIO}, KindUnreadable, "input/output error"},
		"grows":           {&fakeFile{data: "ab", during: func(f *fakeFile) { f.data += "c" }}, KindChanged, ""},
		"shrinks":         {&fakeFile{data: "ab", during: func(f *fakeFile) { f.data = "" }}, KindChanged, ""},
		"touched":         {&fakeFile{data: "ab", during: func(f *fakeFile) { f.modTime = noon }}, KindChanged, ""},
		"nothing happens": {&fakeFile{data: "ab"}, KindFile, ""},
	} {
		src := fakeSource{}
		if c.file != nil {
			src["f"] = c.file
		}
		v, err := ReadFound(src, Found{Path: "f", Kind: KindFile}, digestFound)
		if err != nil || v.Kind != c.kind || v.Reason != c.reason || v.Validate() != nil {
			t.Errorf("%s: %+v, %v, %v", name, v, err, v.Validate())
		}
		if (v.Digests != nil) != (c.kind == KindFile || c.kind == KindChanged) {
			t.Errorf("%s: digests %v", name, v.Digests)
		}
	}
}

func TestReadFoundReplaced(t *testing.T) {
	opening := &swapped{fakeSource{"f": {data: "ab"}}, 2}
	if v, err := ReadFound(opening, Found{Path: "f", Kind: KindFile}, digestFound); err != nil || v.Kind != KindVanished {
		t.Errorf("replaced while opened: %+v, %v", v, err)
	}
	reading := &swapped{fakeSource{"f": {data: "ab"}}, 3}
	v, err := ReadFound(reading, Found{Path: "f", Kind: KindFile}, digestFound)
	if err != nil || v.Kind != KindChanged || !v.Replaced || v.Digests.Size != 2 || v.Validate() != nil {
		t.Errorf("replaced while read: %+v, %v, %v", v, err, v.Validate())
	}
	deleted := fakeSource{"f": {data: "ab"}}
	deleted["f"].during = func(*fakeFile) { delete(deleted, "f") }
	if v, err = ReadFound(deleted, Found{Path: "f", Kind: KindFile}, digestFound); err != nil || v.Kind != KindChanged || !v.Replaced {
		t.Errorf("deleted while read: %+v, %v", v, err)
	}
}

// swapped is a source whose nth comparison of identities finds two files.
type swapped struct {
	fakeSource
	nth int
}

func (s *swapped) SameFile(a, b fs.FileInfo) bool {
	s.nth--
	return s.nth != 1 && s.fakeSource.SameFile(a, b)
}

func TestConsumerErrors(t *testing.T) {
	full := errors.New("disk full")
	_, err := ReadFound(fakeSource{"f": {data: "ab"}}, Found{Path: "f", Kind: KindFile},
		func(io.Reader, int64) (Digests, error) { return Digests{}, full })
	if err != full {
		t.Errorf("got %v", err)
	}
}

func TestFileValuesRefused(t *testing.T) {
	d := DigestBytes(nil, WithSHA256)
	good := FileValue{Kind: KindFile, Path: "a", Mode: "0644", Digests: &d}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*FileValue){
		"no path":             func(v *FileValue) { v.Path = "" },
		"unknown kind":        func(v *FileValue) { v.Kind = "door" },
		"no digests":          func(v *FileValue) { v.Digests = nil },
		"no mode":             func(v *FileValue) { v.Mode = "" },
		"decimal mode":        func(v *FileValue) { v.Mode = "0998" },
		"negative size":       func(v *FileValue) { v.Digests = &Digests{Size: -1} },
		"read but vanished":   func(v *FileValue) { v.Kind = KindVanished },
		"half a place":        func(v *FileValue) { v.Stored = &Stored{Offset: new(int64)} },
		"negative place":      func(v *FileValue) { n := int64(-1); v.Stored = &Stored{Offset: &n, Length: &n} },
		"target of a file":    func(v *FileValue) { v.Target = "b" },
		"special file":        func(v *FileValue) { v.Special = "pipe" },
		"reason of a file":    func(v *FileValue) { v.Reason = "so" },
		"changed, no proof":   func(v *FileValue) { v.Kind = KindChanged },
		"replaced, a file":    func(v *FileValue) { v.Replaced = true },
		"other bytes":         func(v *FileValue) { v.PathHex = "ff" },
		"hex of what is text": func(v *FileValue) { v.PathHex = "61" },
		"odd hex":             func(v *FileValue) { v.PathHex = "6" },
	} {
		v := good
		spoil(&v)
		if err := v.Validate(); !errors.Is(err, ErrFileValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ordinary are values that the quick reader of files takes, and next to them values
// that it must leave, or that are none.
func ordinary() (all []string) {
	sha, long, object := strings.Repeat("a1", 32), strings.Repeat("b2", 64), strings.Repeat("c3", 16)
	value := `{"digests":{"sha256":"` + sha + `","sha512":"` + long + `","size":5,"tree":"` + sha + `"},"kind":"file","mode":"0644","modified":"2026-03-02T12:00:00.5Z","path":"a/é.jpg","stored":{"length":5,"object":"` + object + `","offset":9007199254740991,"sha256":"` + sha + `"}}`
	all = append(all, value)
	for _, x := range [][2]string{
		{`"sha256":"` + sha + `","sha512"`, `"sha512"`}, {`"sha512":"` + long + `",`, ``}, {`"modified":"2026-03-02T12:00:00.5Z",`, ``},
		{`,"stored":{"length":5,"object":"` + object + `","offset":9007199254740991,"sha256":"` + sha + `"}`, ``}, {`"length":5,`, ``}, {`,"offset":9007199254740991`, ``},
		{`9007199254740991`, `9007199254740992`}, {`"size":5`, `"size":05`}, {`"size":5`, `"size":0`}, {`"size":5`, `"size":-5`}, {`"size":5`, `"size":5.0`}, {`"size":5`, `"size":""`}, {`"size":5`, `"size":99999999999999999999`},
		{sha, strings.ToUpper(sha)}, {sha, strings.Repeat("0", 64)}, {long, strings.Repeat("0", 128)}, {sha, sha[1:]}, {sha, sha + "0"}, {`"tree":"` + sha + `"`, `"tree":"` + strings.Repeat("0", 64) + `"`},
		{`12:00:00.5Z`, `12:00:00.50Z`}, {`12:00:00.5Z`, `12:00:00Z`}, {`12:00:00.5Z`, `12:00:00.5+00:00`}, {`12:00:00.5Z`, `12:00:00.5+01:00`}, {`12:00:00.5Z`, `1:00:00Z`}, {`12:00:00.5Z`, `12:00:00,5Z`}, {`12:00:00.5Z`, ``},
		{`"0644"`, `"0999"`}, {`"0644"`, `""`}, {`"0644"`, `"064"`}, {`"0644"`, `"06440"`}, {`"kind":"file"`, `"kind":"dir"`},
		{`a/é.jpg`, ``}, {`a/é.jpg`, "a\\u2028"}, {`a/é.jpg`, "a\u2028"}, {`a/é.jpg`, "a\x00"}, {`a/é.jpg`, "a\x7f"}, {`a/é.jpg`, "a\xff"}, {`a/é.jpg`, "a\xed\xa0\x80"}, {`a/é.jpg`, "\ufffd"}, {`a/é.jpg`, `a\n`}, {`a/é.jpg`, `<&>`}, {`a/é.jpg`, `\u003c`},
		{`{"digests"`, `{"collides":true,"digests"`}, {`"kind"`, ` "kind"`}, {`"mode"`, `"mode":"0644","mode"`}, {`,"stored":{`, `,"path_hex":"61","stored":{`}, {`,"stored":{`, `,"stored":{"x":1,`}, {`}}`, `}} `}, {`}}`, `},"target":"x"}`}, {`}}`, `}`},
	} {
		all = append(all, strings.Replace(value, x[0], x[1], -1))
	}
	return all
}

// The quick reader of files accepts nothing that the strict one refuses, and reads the
// same out of it.
func TestQuickFileValues(t *testing.T) {
	quick := 0
	for _, raw := range ordinary() {
		got, ok := scanFile([]byte(raw))
		if !ok {
			continue
		}
		quick++
		var want FileValue
		if err := ParseCanonical([]byte(raw), &want); err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if !cmp.Equal(got, want) {
			t.Errorf("%s:\n%s", raw, cmp.Diff(want, got))
		}
	}
	if quick != 16 {
		t.Errorf("%d of %d were read quickly", quick, len(ordinary()))
	}
}

func FuzzParseFileValue(f *testing.F) {
	for _, raw := range ordinary() {
		f.Add([]byte(raw))
	}
	f.Add([]byte(`{"kind":"dir","path":"a"}`))
	f.Add([]byte(`{"kind":"symlink","path":"\ufffd","path_hex":"ff","target":"x"}`))
	f.Add([]byte(`{"after":{"size":1},"before":{"modified":"2026-03-02T12:00:00Z","size":2},"kind":"changed","path":"a"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := ParseFileValue(raw)
		if quick, ok := scanFile(raw); ok {
			var strict FileValue
			if err := ParseCanonical(raw, &strict); err != nil || !cmp.Equal(quick, strict) {
				t.Errorf("%s: read quickly, and %v: %s", raw, err, cmp.Diff(strict, quick))
			}
		}
		if err != nil {
			return
		}
		again, err := Canonical(v)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s came back as %s, %v", raw, again, err)
		}
	})
}

func TestObjectNames(t *testing.T) {
	a, b := NewObjectName(), NewObjectName()
	if a == b {
		t.Error("two names are equal")
	}
	if got, err := ParseObjectName(a.String()); err != nil || got != a {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "../../../../../../../etc/passwd__", strings.Repeat("A", 32), strings.Repeat("0", 33), strings.Repeat("g", 32)} {
		if _, err := ParseObjectName(bad); !errors.Is(err, ErrNotObjectName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

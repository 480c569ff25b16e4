package mla_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

// What the program carries can be read, as the schema has it.
func TestInstrumentsKeepTheirSchema(t *testing.T) {
	s := spectest.Schema(t, "instrument")
	files, err := fs.Glob(spec.Instruments, "instruments/*.json")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		if strings.HasPrefix(file, "instruments/zones-") {
			continue
		}
		count++
		b, err := spec.Instruments.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err == nil {
			err = s.Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if got := len(mla.Builtin().Instruments()); got != count || count != 11 {
		t.Errorf("%d files, %d instruments, 11 are meant", count, got)
	}
}

// No word of the law says what only a court can, and no form asks for a logo.
func TestWordsOfInstruments(t *testing.T) {
	err := fs.WalkDir(spec.Instruments, "instruments", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json") {
			return err
		}
		b, err := spec.Instruments.ReadFile(name)
		for _, word := range []string{"admissib", "logo", "emblem"} {
			if strings.Contains(strings.ToLower(string(b)), word) {
				t.Errorf("%s says %q", name, word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Which instrument: the decision table of the practice.
func TestWhich(t *testing.T) {
	for _, c := range []struct {
		from, to string
		measure  mla.Measure
		day      string
		first    string
		fit      mla.Fit
	}{
		{"DE", "FR", "hearing", "2026-11-27", "eio", mla.Fits},
		{"DE", "FR", "interception-notice", "2026-11-27", "eio", mla.Fits},
		{"DE", "FR", "hearing", "2016-11-27", "coe-1959", mla.Fits},      // the Directive did not apply yet
		{"DE", "IE", "hearing", "2026-11-27", "coe-1959", mla.Fits},      // not bound by the Directive
		{"DK", "SE", "content-data", "2026-11-27", "budapest", mla.Fits}, // nor by the Regulation
		{"DE", "IE", "content-data", "2026-11-27", "e-evidence", mla.Fits},
		{"DE", "IE", "content-data", "2026-08-17", "coe-1959", mla.Fits},
		{"DE", "FR", "preservation", "2026-11-27", "e-evidence", mla.Fits},
		{"DE", "US", "preservation", "2026-11-27", "budapest", mla.Fits},
		{"DE", "CH", "hearing", "2026-11-27", "coe-1959", mla.Fits},
		{"DE", "TN", "hearing", "2026-11-27", "untoc", mla.Fits},
		{"TH", "MY", "hearing", "2026-11-27", "asean", mla.Fits},
		{"SN", "NG", "hearing", "2026-11-27", "ecowas", mla.Fits},
		{"SN", "ML", "hearing", "2026-11-27", "untoc", mla.Fits}, // which left the Community
		{"ES", "CO", "hearing", "2026-11-27", "medellin", mla.Fits},
		{"ES", "PT", "hearing", "2026-11-27", "eio", mla.Fits},
		{"DE", "ZZ", "hearing", "2026-11-27", "coe-1959", mla.FitsMaybe},
		{"DE", "CH", "interception", "2026-11-27", "eio", mla.FitsNot},
	} {
		day := today
		if err := day.UnmarshalText([]byte(c.day + "T12:00:00Z")); err != nil {
			t.Fatal(err)
		}
		all, err := mla.Builtin().Which(c.from, c.to, c.measure, day)
		if err != nil {
			t.Fatal(err)
		}
		if all[0].Fit != c.fit || c.fit != mla.FitsNot && all[0].Instrument.ID != c.first {
			t.Errorf("%s to %s, %s on %s: %s (%s) %v", c.from, c.to, c.measure, c.day, all[0].Instrument.ID, all[0].Fit, all[0].Why)
		}
		for _, o := range all {
			if len(o.Why) == 0 {
				t.Errorf("%s says nothing", o.Instrument.ID)
			}
		}
	}
}

// An instrument that is not in force is never proposed, and says so.
func TestWhichSaysWhatIsNotInForce(t *testing.T) {
	all, err := mla.Builtin().Which("JP", "HU", "subscriber-data", today)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(o mla.Option) bool { return o.Instrument.ID == "budapest-2ap" })
	if all[at].Fit != mla.FitsNot || !strings.Contains(strings.Join(all[at].Why, " "), "not in force when it was last read, 2026-11-27") {
		t.Errorf("%+v", all[at])
	}
	for _, bad := range [][3]string{{"DE", "DE", "hearing"}, {"de", "FR", "hearing"}, {"DE", "FRA", "hearing"}, {"DE", "FR", "listening"}} {
		if _, err := mla.Builtin().Which(bad[0], bad[1], mla.Measure(bad[2]), today); err == nil {
			t.Errorf("%v: taken", bad)
		}
	}
}

func TestInstrumentByName(t *testing.T) {
	l := mla.Builtin()
	one, err := l.Instrument("eio")
	if err != nil || one.Name() != "eio/1" {
		t.Fatalf("%v %v", one, err)
	}
	if again, err := l.Pinned("eio/1", one.Digest()); err != nil || again != one {
		t.Errorf("%v", err)
	}
	if _, err := l.Pinned("eio/1", [32]byte{1}); !errors.Is(err, mla.ErrUnknown) {
		t.Errorf("another digest: %v", err)
	}
	if _, err := l.Instrument("untok"); !errors.Is(err, mla.ErrUnknown) || !strings.Contains(err.Error(), "did you mean untoc?") {
		t.Errorf("%v", err)
	}
	if got := one.Declared("FI", "official-language"); !slices.Equal(got, []string{"fi", "sv"}) {
		t.Errorf("languages of Finland: %v", got)
	}
}

// folder is the instruments as files that a test may change.
func folder(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(spec.Instruments, "instruments", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := spec.Instruments.ReadFile(name)
		files[strings.TrimPrefix(name, "instruments/")] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is wrong with a file of the folder is said with its name, and with its
// line where one is to blame.
func TestRefusedFolders(t *testing.T) {
	good := folder(t)
	for _, c := range []struct {
		file, old, new string
		line           int
		reason         string
	}{
		{"eio-1.json", `"format": "custody/instrument/v1"`, `"format": "custody/instrument/v2"`, 2, "this reads"},
		{"eio-1.json", `"rank": 20`, `"rank": 0`, 15, "rank 0"},
		{"eio-1.json", `"rank": 20`, `"rang": 20`, 15, "no member"},
		{"eio-1.json", `"listed": "all"`, `"listed": "most"`, 16, "not one of all, some, model"},
		{"eio-1.json", `{ "state": "BE", "from"`, `{ "state": "AT", "from"`, 19, "twice"},
		{"eio-1.json", `{ "state": "AT", "kind"`, `{ "state": "DK", "kind"`, 45, "no party"},
		{"eio-1.json", `"start": ["recognised"]`, `"start": ["recognized"]`, 0, "not a state of any machine"},
		{"eio-1.json", `"period": { "length": 7,`, `"period": { "length": 0,`, 0, "not a period"},
		{"eio-1.json", `"machine": "notice"`, `"machine": "note"`, 0, "not a machine"},
		{"eio-1.json", `"other-use": "ask"`, `"other-use": "maybe"`, 0, "not a decision"},
		{"eio-1.json", `"fields": ["a-issuing-state", "a-executing-state"]`, `"fields": ["a-issuing-state"]`, 0, "do not have each field"},
		{"eio-1.json", `"id": "eio"`, `"id": "eyo"`, 0, "must be eyo-1.json"},
		{"e-evidence-1.json", `"values": ["ten-days"]`, `"values": ["tendays"]`, 0, "no field c-limit with the codes"},
		{"forms/epoc-1.json", `"has(f.c_emergency)"`, `"has(f.c_emergencie)"`, 0, "no such standard here"},
		{"calendars/DE-1.json", `"state": "DE"`, `"state": "FR"`, 0, "must be FR-1.json"},
	} {
		files := maps.Clone(good)
		changed := strings.Replace(string(good[c.file].Data), c.old, c.new, 1)
		if changed == string(good[c.file].Data) {
			t.Errorf("%s has no %s", c.file, c.old)
			continue
		}
		files[c.file] = &fstest.MapFile{Data: []byte(changed)}
		_, err := mla.Load(files, mla.ZoneVersion)
		var at *rules.LoadError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.reason) || c.line > 0 && at.Line != c.line {
			t.Errorf("%s, %s: %v", c.file, c.new, err)
		}
	}
}

// Whatever the bytes, an instrument is refused or has what every one has.
func FuzzParseInstrument(f *testing.F) {
	b, err := spec.Instruments.ReadFile("instruments/budapest-2ap-1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":"custody/instrument/v1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := mla.ParseInstrument("fuzzed.json", b); err == nil && (i.Title == "" || len(i.Measures) == 0) {
			t.Fatal(i)
		}
	})
}

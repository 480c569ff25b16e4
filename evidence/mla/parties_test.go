package mla_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

// Rolls keep their schema, are of instruments that there are, and declare channels
// that these have.
func TestRollsKeepTheirSchema(t *testing.T) {
	s := spectest.Schema(t, "parties")
	files, err := fs.Glob(spec.Instruments, "instruments/parties/*.json")
	if err != nil || len(files) < 7 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, file := range files {
		b, err := spec.Instruments.ReadFile(file)
		if err == nil {
			err = spectest.Check(s, b)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(file, "instruments/parties/"), "-1.json")
		i, err := mla.Builtin().Instrument(id)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, state := range []string{"AD", "CO", "ES", "PT", "UY"} {
			for _, c := range mla.Builtin().Known(i, state, "2026-11-27").Channels {
				if !slices.ContainsFunc(i.Channels, func(one mla.Channel) bool { return one.Code == c }) {
					t.Errorf("%s: %s declares the channel %s, which there is not", file, state, c)
				}
			}
		}
	}
}

// A state on a roll is bound from its day, with the mark of what nobody checked; one
// that nobody wrote down is not known, and never a no; one that the instrument rules
// out stays out.
func TestKnownParties(t *testing.T) {
	for _, c := range []struct {
		instrument, state, day string
		bound                  mla.Fit
		checked                bool
		languages              string
	}{
		{"budapest", "AR", "2026-11-27", mla.Fits, false, ""},
		{"budapest", "AR", "2018-09-30", mla.FitsMaybe, false, ""},
		{"budapest", "IN", "2026-11-27", mla.FitsMaybe, false, ""},
		{"coe-1959", "KR", "2026-11-27", mla.Fits, false, ""},
		{"untoc", "BR", "2026-11-27", mla.Fits, false, ""},
		{"untoc", "SO", "2026-11-27", mla.FitsMaybe, false, ""},
		{"asean", "VN", "2026-11-27", mla.Fits, true, ""},
		{"ecowas", "GH", "2026-11-27", mla.Fits, false, ""},
		{"medellin", "CO", "2026-11-27", mla.Fits, true, ""},
		{"medellin", "BR", "2026-11-27", mla.FitsMaybe, false, ""},
		{"eio", "EE", "2026-11-27", mla.Fits, false, "et en"},
		{"eio", "DK", "2026-11-27", mla.FitsNot, false, ""},
		{"eio", "DE", "2016-01-01", mla.FitsNot, false, "de"},
		{"un-model", "DE", "2026-11-27", mla.FitsModel, false, ""},
	} {
		i, err := mla.Builtin().Instrument(c.instrument)
		if err != nil {
			t.Fatal(err)
		}
		k := mla.Builtin().Known(i, c.state, c.day)
		if k.Bound != c.bound || k.Checked != c.checked || !slices.Equal(k.Languages, strings.Fields(c.languages)) || k.Read == "" || k.Source == "" {
			t.Errorf("%s, %s on %s: %+v", c.instrument, c.state, c.day, k)
		}
	}
	all, err := mla.Builtin().Which("DE", "BR", "content-data", today)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(o mla.Option) bool { return o.Instrument.ID == "budapest" })
	if why := strings.Join(all[at].Why, "; "); all[at].Fit != mla.Fits || strings.Count(why, mla.NotChecked) != 2 || !strings.Contains(why, "BR is bound by it, by Council of Europe treaty office") {
		t.Errorf("%s: %s", all[at].Fit, why)
	}
}

// A roll that cannot be right is refused by name.
func TestRefusedRolls(t *testing.T) {
	good := folder(t)
	for _, c := range []struct{ old, new, reason string }{
		{`parties/v1`, `parties/v2`, "this reads"},
		{`"basis": "knowledge"`, `"basis": "hearsay"`, "not one of read, knowledge"},
		{`"state": "AU"`, `"state": "AR"`, "twice"},
		{`"from": "2018-10-01"`, `"from": "2018"`, "not a day"},
		{`"instrument": "budapest"`, `"instrument": "bucharest"`, "must be bucharest-1.json"},
		{`"source": "Council`, `"sauce": "Council`, "no member"},
	} {
		files := maps.Clone(good)
		changed := strings.Replace(string(good["parties/budapest-1.json"].Data), c.old, c.new, 1)
		files["parties/budapest-1.json"] = &fstest.MapFile{Data: []byte(changed)}
		_, err := mla.Load(files, mla.ZoneVersion)
		var at *rules.LoadError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

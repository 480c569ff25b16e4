package verify_test

import (
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// sentences are the answers of one item in words.
func sentences(v *verify.Verdict) (s [11]string) {
	for _, q := range v.Items[0].Questions {
		s[q.N] = q.Sentence
	}
	return s
}

// No sentence says more than was checked.
func TestSentences(t *testing.T) {
	object := func() *verify.Verdict {
		s := newStage(verifytest.Config{})
		s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{"object": "a phone", evidence.FieldPhysicalSeal: []string{"A 100"}}})
		return s.out().verdict(t)
	}
	vector := func(name string) func() *verify.Verdict {
		return func() *verify.Verdict { return answers(t)[name] }
	}
	for _, c := range []struct {
		name  string
		of    func() *verify.Verdict
		q     int
		says  []string
		never []string
	}{
		{"copies compared", vector("package-p16-package"), 1, []string{"byte for byte"}, nil},
		{"no copy", vector("verdict-p01-covered"), 1, []string{"no copy of the evidence is enclosed, so none was compared"}, []string{"byte for byte"}},
		{"copies for others", vector("package-x-readers-others"), 1, []string{"What could be read", "were not compared"}, []string{"What is enclosed"}},
		{"copies without key", vector("package-x-readers-no-key"), 1, []string{"could not be decided whether every copy"}, []string{"byte for byte"}},
		{"no file", object, 1, []string{"rests on the physical seals"}, []string{"byte for byte"}},
		{"names hidden", func() *verify.Verdict {
			s := newStage(verifytest.Config{})
			s.item = s.ann.Collect(oneFile)
			s.item.Events[0].Hide(hide("file/1", true))
			return s.out().verdict(t)
		}, 1, []string{"whether files are recorded is held back"}, []string{"no file is recorded", "byte for byte"}},
		{"other bytes", vector("verdict-p06-other-bytes"), 1, []string{"is not what was sealed"}, nil},
		{"complete", vector("verdict-p03-fresh"), 4, []string{"up to 2026-11-24T08:06:13Z", "asked for 2026-11-25T07:06:13Z", "Later acts would not show"}, []string{"packed"}},
		{"complete, packed", vector("package-p03-packed"), 4, []string{"up to 2026-11-24T08:05:11Z", "packed at 2026-11-24T08:05:11Z, as the packer says"}, []string{"asked"}},
		{"complete, stamped", vector("package-p03-stamped"), 4, []string{"as a timestamp token says"}, []string{"as the packer says"}},
		{"complete, stamp not counted", vector("package-p03-stamp-unlisted"), 4, []string{"as the packer says"}, []string{"timestamp"}},
		{"bound by a token", vector("verdict-p09-token-alone"), 5, []string{"not after 2026-11-24T09:00:00Z", "a timestamp token the other"}, []string{"bound both"}},
		{"complete, asked and packed", vector("package-p16-other-reader"), 4, []string{"asked for 2026-11-24T13:00:00Z", "packed at"}, nil},
		{"stale", vector("verdict-p03-stale"), 4, []string{"could not be decided", "up to 2026-11-24T08:06:13Z", "asked for"}, []string{"Nothing was left out"}},
		{"ended", vector("verdict-p02-ended"), 4, []string{"Nothing was left out to its end"}, nil},
		{"dropped", vector("verdict-p04-last-event-dropped"), 4, []string{"Something was left out", "asked for"}, []string{"Nothing"}},
		{"erased", vector("verdict-p07-erased"), 4, []string{"1 erased"}, nil},
		{"one state", vector("verdict-p17-one-state-alone"), 4, []string{"on the word of one state alone"}, []string{"Nothing was left out"}},
		{"one state vouches", vector("verdict-p17-one-state-alone"), 6, []string{"on the word of one state alone"}, []string{"Other states"}},
		{"both bounds", vector("verdict-p09-bounded"), 5, []string{"not before 2026-11-24T08:02:04Z", "not after 2026-11-24T08:03:06Z"}, nil},
		{"upper bound", vector("verdict-p09-no-anchor"), 5, []string{"not after", "not proven"}, []string{"not before"}},
		{"no list", vector("verdict-p10-no-list"), 5, []string{"Neither bound"}, nil},
		{"withheld", vector("verdict-p05-withheld"), 9, []string{"1 of 3 entries"}, nil},
		{"nothing withheld", vector("verdict-p03-fresh"), 9, []string{"Nothing is held back from the records shown"}, nil},
		{"limits", vector("verdict-p03-fresh"), 10, []string{"not whether the evidence is true"}, nil},
		{"no authority", vector("verdict-p03-fresh"), 8, []string{"No authority is stated"}, nil},
		{"hidden authority", vector("verdict-p05-name-held-back"), 8, []string{"not shown, or cannot be read"}, nil},
	} {
		got := sentences(c.of())[c.q]
		for _, part := range c.says {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q does not say %q", c.name, got, part)
			}
		}
		for _, part := range c.never {
			if strings.Contains(got, part) {
				t.Errorf("%s: %q says %q", c.name, got, part)
			}
		}
	}
}

// A stated time never stands without the offset of the clock that gave it.
func TestStatedTimeSaysTheOffset(t *testing.T) {
	s := newStage(verifytest.Config{})
	s.item = s.ann.Collect(oneFile, func(e *evidence.Event) {
		e.Occurred.From, e.Occurred.To, e.Recorded = e.Occurred.From.Add(-hours(2)), e.Occurred.To.Add(-hours(2)), e.Recorded.Add(-hours(2))
		e.Occurred.OffsetMS = -hours(2).Milliseconds()
	})
	for _, q := range s.out().verdict(t).Items[0].Questions {
		for _, f := range q.Facts {
			if strings.HasPrefix(f.Name, "stated") && (!strings.Contains(f.Value, "-2h0m0s off: 2026-11-24T08:03:04Z") || !strings.Contains(f.Value, "2026-11-24T06:03:04Z")) {
				t.Errorf("question %d: %s: %s", q.N, f.Name, f.Value)
			}
		}
	}
}

// What is claimed nowhere: the words of another law, and that something is true.
func TestNoWordsOfLaw(t *testing.T) {
	for name, v := range answers(t) {
		b := strings.ToLower(string(encoded(t, v)))
		for _, word := range []string{"admissible", "qualified ledger", "court-proof", "guaranteed", "tamper-proof"} {
			if strings.Contains(b, word) {
				t.Errorf("%s says %q", name, word)
			}
		}
	}
}

// Every verdict says what a package cannot show (rule P25).
func TestLimitsAreAlwaysSaid(t *testing.T) {
	for name, v := range answers(t) {
		for _, item := range v.Items {
			q := item.Questions[9]
			said := ""
			for _, f := range q.Facts {
				said += f.Name + ": " + f.Value + "\n"
			}
			for _, want := range []string{"never put into a ledger", "not sealed before, as another item", "what the evidence says is true", "before it was sealed", "A key did"} {
				if !strings.Contains(said, want) {
					t.Errorf("%s does not say %q", name, want)
				}
			}
		}
	}
}

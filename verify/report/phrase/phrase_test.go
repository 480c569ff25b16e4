package phrase

import (
	"strings"
	"testing"
	"time"
)

var english = map[string]map[string]string{
	"detail.by":       {"": "the seal {seal} is closed by {event}"},
	"detail.other":    {"": "the seal {seal} is closed by {event}, an event of another item"},
	"detail.said":     {"": "authority {quoted}, stated in the sealed record"},
	"detail.void":     {"": "{event}, which names it, does not count: {detail}"},
	"detail.known":    {"": "the acts follow on each other as custody allows"},
	"detail.signed":   {"": "signed by {name} at {time}, at its own word"},
	"detail.later":    {"": "signed by {name} at {time}, at its own word; the certificate was revoked later, at {time-revoked}"},
	"detail.items":    {"one": "the packer signed for {n} item", "other": "the packer signed for {n} items"},
	"detail.need":     {"": "needs a second signature in the role {roles}"},
	"phrase.role.a":   {"": "examiner"},
	"phrase.role.b":   {"": "court"},
	"phrase.roles.or": {"": "{roles-all} or {role-last}"},
	"act.collect":     {"": "sealed"},
}

var (
	hash = strings.Repeat("5f", 32)
	noon = "2026-11-24T12:00:00Z"
)

func TestParse(t *testing.T) {
	b := New(english)
	for text, want := range map[string]string{
		"the seal " + hash + " is closed by " + hash + "/3":                                           "detail.by",
		"the seal " + hash + " is closed by " + hash + "/3, an event of another item":                 "detail.other",
		`authority "a \"b\", c", stated in the sealed record`:                                         "detail.said",
		"the packer signed for 1 item":                                                                "detail.items",
		"the packer signed for 12 items":                                                              "detail.items",
		"needs a second signature in the role examiner, examiner or court":                            "detail.need",
		"signed by CN=x at " + noon + ", at its own word":                                             "detail.signed",
		hash + "/3, which names it, does not count: whatever another program says":                    "detail.void",
		"signed by CN=x at y at " + noon + ", at its own word":                                        "detail.signed",
		"the acts follow on each other as custody allows":                                             "detail.known",
		"signed by a at " + noon + ", at its own word; the certificate was revoked later, at " + noon: "detail.later",

		// What is not whole, or holds what may not stand there, is nobody's sentence.
		"The acts follow on each other as custody allows":          "",
		"the acts follow on each other as custody allows.":         "",
		"the seal 5f is closed by " + hash + "/3":                  "",
		"the seal " + hash + " is closed by nobody":                "",
		`authority "a", stated in the sealed record, b`:            "",
		"authority a, stated in the sealed record":                 "",
		"the packer signed for many items":                         "",
		"needs a second signature in the role examiner or janitor": "",
		"signed by  at " + noon + ", at its own word":              "",
		"": "",
	} {
		got := ""
		if s := b.Parse(text); s != nil {
			got = s.Key
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

// Words that stand in a gap for another program's are never taken for a sentence
// around them; a sentence in a gap is one only when all of it is.
func TestNestedSentences(t *testing.T) {
	b := New(english)
	s := b.Parse(hash + "/3, which names it, does not count: the acts follow on each other as custody allows")
	if d := s.Gaps["detail"]; d.Key != "detail.known" || d.Raw {
		t.Errorf("a known sentence is %+v", d)
	}
	s = b.Parse(hash + "/3, which names it, does not count: nobody says that the acts follow on each other as custody allows")
	if d := s.Gaps["detail"]; d.Key != "" || !d.Raw {
		t.Errorf("somebody's own words are %+v", d)
	}
}

// Text made to be tried in every way ends soon.
func TestHostileTextEnds(t *testing.T) {
	b := New(english)
	begin := time.Now()
	for _, part := range []string{" at ", ", at its own word; the certificate was revoked later, at ", " at " + noon + ", at its own word", " or examiner, "} {
		b.Parse("signed by a" + strings.Repeat(part, 4000))
		b.Parse("needs a second signature in the role examiner" + strings.Repeat(part, 4000))
		b.Parse(strings.Repeat(hash+"/3, which names it, does not count: ", 200))
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

func FuzzParse(f *testing.F) {
	b := New(english)
	for key, forms := range english {
		for _, text := range forms {
			f.Add(text, key)
		}
	}
	f.Add("the seal "+hash+" is closed by "+hash+"/3", "")
	f.Fuzz(func(t *testing.T, text, _ string) {
		if s := b.Parse(text); s != nil {
			check(t, b, s)
		}
	})
}

// check puts a text together again from its message and what stands in the gaps.
func check(t *testing.T, b *Book, s *Said) {
	t.Helper()
	if s.Text == "" {
		t.Fatalf("%+v says nothing", s)
	}
	if s.Gaps == nil {
		return
	}
	for _, text := range english[s.Key] {
		between, gaps := Split(text)
		again := between[0]
		for i, gap := range gaps {
			again += s.Gaps[gap].Text + between[i+1]
		}
		if again == s.Text {
			for _, gap := range s.Gaps {
				check(t, b, gap)
			}
			return
		}
	}
	t.Fatalf("%q is not what %s makes of %v", s.Text, s.Key, s.Gaps)
}

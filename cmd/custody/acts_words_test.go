package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/verify/admit"
)

// Every kind of thing that a walk can meet has a sentence.
func TestOddText(t *testing.T) {
	for _, tt := range []struct {
		v    evidence.FileValue
		want string
	}{
		{evidence.FileValue{Kind: evidence.KindSymlink, Target: "a/b"}, "a symbolic link to a/b; recorded, not followed"},
		{evidence.FileValue{Kind: evidence.KindDir}, "an empty folder"},
		{evidence.FileValue{Kind: evidence.KindSpecial, Special: "socket"}, "a socket; recorded, not read"},
		{evidence.FileValue{Kind: evidence.KindUnreadable, Reason: "permission denied"}, "could not be read: permission denied"},
		{evidence.FileValue{Kind: evidence.KindChanged}, "changed while it was read; sealed are the bytes that were read"},
		{evidence.FileValue{Kind: evidence.KindVanished}, "was listed and gone when it was opened"},
		{evidence.FileValue{Kind: evidence.KindVanished, Reason: "replaced by pipe"}, "was listed and gone when it was opened (replaced by pipe)"},
		{evidence.FileValue{Kind: evidence.KindFile, PathHex: "ff"}, "its name is not UTF-8; the record has its bytes"},
		{evidence.FileValue{Kind: evidence.KindFile, Collides: true}, "another name of the set differs in case or accents only"},
		{evidence.FileValue{Kind: evidence.KindDir, PathHex: "ff", Collides: true},
			"an empty folder; its name is not UTF-8; the record has its bytes; another name of the set differs in case or accents only"},
	} {
		if got := oddText(tt.v); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.v, got, tt.want)
		}
	}
}

func TestOddIsCutForPeople(t *testing.T) {
	odd := make([]oddLine, maxOdd+5)
	for i := range odd {
		odd[i] = oddLine{Path: "a\nb", Kind: evidence.KindDir, Text: "an empty folder"}
	}
	var b strings.Builder
	if err := writeOdd(&b, odd); err != nil || strings.Count(b.String(), "\n") != maxOdd+1 || !strings.Contains(b.String(), "5 more; --json lists them all") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestParseDue(t *testing.T) {
	from := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"48h": "2026-03-04T09:00:00Z", "7d": "2026-03-09T09:00:00Z", "90m": "2026-03-02T10:30:00Z",
		"2026-03-02T10:00:00+01:00": "", "2026-03-02T10:00:01+01:00": "2026-03-02T09:00:01Z",
		"0d": "", "-1h": "", "soon": "", "": "", "d": "", "2026-03-05": "", "1.5d": "",
	} {
		due, err := parseDue(text, from)
		if want == "" {
			if ui.ExitCode(err) != ui.ExitUsage {
				t.Errorf("%q: %s, %v", text, due, err)
			}
			continue
		}
		if got := due.UTC().Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestParseField(t *testing.T) {
	for text, want := range map[string]any{
		"a=b": "b", "a=": "", "a=b=c": "b=c", "a:=1": 1.0, `a:=["x"]`: []any{"x"}, `a:={"x":true}`: map[string]any{"x": true}, `a:="q"`: "q",
	} {
		name, value, err := parseField(text)
		if err != nil || name != "a" || fmt.Sprintf("%#v", value) != fmt.Sprintf("%#v", want) {
			t.Errorf("%q: %q %#v, %v", text, name, value, err)
		}
	}
	for _, text := range []string{"", "a", "=b", ":=1", "a:=", "a:=null", "a:=x", "a:={"} {
		if _, value, err := parseField(text); ui.ExitCode(err) != ui.ExitUsage {
			t.Errorf("%q: %v, %v", text, value, err)
		}
	}
}

// Errors with data become problems with a code of their own, also inside others.
func TestExplained(t *testing.T) {
	refusal := func(c admit.Code) error {
		return &desk.ItemError{Err: fmt.Errorf("x: %w", &admit.Refusal{Code: c, What: "offer by k", Why: "no"})}
	}
	for _, tt := range []struct {
		err  error
		code ui.Code
		do   string
	}{
		{refusal(admit.CodeCustodian), codeRefused, "let the custodian act"},
		{refusal(admit.CodeReceiver), codeRefused, "--to another officer"},
		{refusal(admit.CodeSecond), codeRefused, "--second OFFICER"},
		{refusal(admit.CodeHold), codeRefused, "custody release"},
		{refusal(admit.CodeRole), codeRefused, "custody key list"},
		{refusal(admit.CodePeriod), codeRefused, "custody key list"},
		{refusal(admit.CodeState), codeRefused, "custody history"},
		{&ledger.ClosedError{Index: 7}, codeSealClosed, ""},
		{&evidence.ChainError{}, codeHistory, ""},
		{fmt.Errorf("a: %w", desk.ErrNoItem), codeNoItem, ""},
		{fmt.Errorf("ledger: %w", tesseralog.ErrUnavailable), codeNoLedger, ""},
		{errors.New("plain"), ui.CodeFailed, ""},
	} {
		p := ui.Explain(explained(tt.err))
		if p.Code != tt.code || tt.do != "" && !strings.Contains(strings.Join(p.Do, "; "), tt.do) {
			t.Errorf("%v: %s, do %q", tt.err, p.Code, p.Do)
		}
	}
	if explained(nil) != nil {
		t.Error("no error is a problem")
	}
}

// Several refusals are one problem that counts them; one is told as it is.
func TestReportProblem(t *testing.T) {
	r := &report{out: acted{Acts: make([]actLine, 3)}}
	if err := r.problem(); err != nil {
		t.Errorf("nothing was refused: %v", err)
	}
	r.refuse(&desk.ItemError{Err: desk.ErrNotOffered})
	if p := ui.Explain(r.problem()); p.Code != codeNotOffered {
		t.Errorf("one refusal is told as %s", p.Code)
	}
	r.refuse(&desk.ItemError{Err: desk.ErrEnded})
	if p := ui.Explain(r.problem()); p.Code != codePartly || !strings.Contains(p.What, "2 items of 5 refused") {
		t.Errorf("two refusals: %s, %s", p.Code, p.What)
	}
}

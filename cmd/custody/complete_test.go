package main

import (
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/ui"
)

func TestComplete(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  []string // exactly these, or with "…" last, at least these
	}{
		{nil, []string{"write", "group", "look", "…"}},
		{[]string{""}, []string{"write", "group", "…"}},
		{[]string{"wr"}, []string{"write"}},
		{[]string{"--json", "wr"}, []string{"write"}},
		{[]string{"--home", "x", "wr"}, []string{"write"}},
		{[]string{"--ho"}, []string{"--home"}},
		{[]string{"group", ""}, []string{"new", "list"}},
		{[]string{"group", "--ref", "R", "l"}, []string{"list"}},
		{[]string{"group", "new", "--"}, []string{"--to", "--dry-run", "--ref", "--home", "--json", "…"}},
		{[]string{"group", "new", ""}, nil},
		{[]string{"write", "a", "--d"}, []string{"--dry-run"}},
		{[]string{"write", "--when", ""}, []string{"now", "later"}},
		{[]string{"write", "--when", "l"}, []string{"later"}},
		{[]string{"write", "--when=l"}, []string{"--when=later"}},
		{[]string{"write", "a", "--color="}, []string{"--color=auto", "--color=always", "--color=never"}},
		{[]string{"write", "--case", ""}, nil},
		{[]string{"write", "--", "--d"}, nil},
		{[]string{"bogus", ""}, nil},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish", "powershell"}},
		{[]string{"completion", "bash", ""}, nil},
		{[]string{"help", "gr"}, []string{"group"}},
		{[]string{"help", "group", ""}, []string{"new", "list"}},
		{[]string{"help", "E-DISK"}, []string{"E-DISK-FULL"}},
		{[]string{"help", "exit"}, []string{"exit-codes"}},
		{[]string{"help", "formats", "le"}, []string{"leaf"}},
		{[]string{"help", "terms", ""}, nil},
	} {
		var got []string
		for _, c := range newTool(ui.Streams{}, fakeVerbs).complete(tt.words) {
			got = append(got, c.word)
		}
		if n := len(tt.want); n > 0 && tt.want[n-1] == "…" {
			for _, w := range tt.want[:n-1] {
				if !slices.Contains(got, w) {
					t.Errorf("%q: %q is missing in %q", tt.words, w, got)
				}
			}
			continue
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.words, got, tt.want)
		}
	}
}

// What completion offers is accepted: every verb and flag it prints exists.
func TestCompleteIsTrue(t *testing.T) {
	tool := tree()
	for _, c := range tool.complete([]string{""}) {
		if c.text == "" || strings.ContainsAny(c.word+c.text, "\t\n") || byName(tool.app.Commands, c.word) == nil {
			t.Errorf("%q is offered with help %q", c.word, c.text)
		}
		if c.word == "__complete" || c.word == "manual" {
			t.Errorf("the hidden verb %s is offered", c.word)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, s := range shells {
		script, errs, code := runTool("completion", s.name)
		if code != 0 || errs != "" || !strings.Contains(script, "__complete") {
			t.Errorf("%s: exit %d, %s", s.name, code, errs)
		}
	}
	if _, errs, code := runTool("completion", "tcsh"); code != ui.ExitUsage || !strings.Contains(errs, "bash, zsh, fish, powershell") {
		t.Errorf("tcsh: exit %d, %s", code, errs)
	}
}

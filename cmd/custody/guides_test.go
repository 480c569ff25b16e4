package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// What the guides say to type are verbs of the tool, with flags that they have.
func TestGuides(t *testing.T) {
	tool := tree()
	for _, file := range append(operatorPages(t), "INVESTIGATOR.md", "PROSECUTOR.md") {
		typed, named := commandsIn(t, file)
		if len(typed)+len(named) == 0 {
			t.Errorf("%s says nothing to type", file)
		}
		for _, command := range typed {
			if _, err := arrange(tool.app, strings.Fields(command)); err != nil {
				t.Errorf("%s: custody %s: %v", file, command, err)
			}
		}
		for _, command := range named {
			if err := known(tool.app, strings.Fields(command)); err != nil {
				t.Errorf("%s: custody %s: %v", file, command, err)
			}
		}
	}
}

// operatorPages are what those read who run nodes and engines.
func operatorPages(t *testing.T) []string {
	t.Helper()
	pages := []string{"../custodyd/README.md", "../../ledger/channel/README.md"}
	for _, pattern := range []string{"../../evidence/store/*/README.md", "../../ledger/*/guide/README.md", "../../ledger/trillianlog/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		pages = append(pages, found...)
	}
	return pages
}

var (
	typedLine   = regexp.MustCompile(`(?m)^ {4,}(?:bin/)?custody (.*)$`)
	namedInline = regexp.MustCompile("`(?:bin/)?custody ([^`]+)`")
	brokenLine  = regexp.MustCompile(`\\\n *`)
)

// commandsIn returns what stands behind the name of the tool: in lines that a page says
// to type, whole, and in its sentences, where arguments may be left out.
func commandsIn(t *testing.T, file string) (typed, named []string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := brokenLine.ReplaceAllString(string(b), "")
	for _, m := range typedLine.FindAllStringSubmatch(text, -1) {
		typed = append(typed, commandOf(m[1]))
	}
	for _, m := range namedInline.FindAllStringSubmatch(text, -1) {
		named = append(named, strings.ReplaceAll(commandOf(m[1]), "…", ""))
	}
	return typed, named
}

// known returns what is wrong with verbs and flags; arguments, values and what is required
// may be missing.
func known(app *cli.App, args []string) error {
	words, flags, _ := split(args, arity(app))
	var l line
	var err error
	l.verbs, words, err = findVerb(app, words)
	if err != nil && len(words) > 0 {
		return err
	}
	for i := range flags {
		flags[i].missing = false
	}
	l.flags = make([][]flagWord, len(l.verbs))
	return l.place(app, flags)
}

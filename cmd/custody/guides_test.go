package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the guides say to type are verbs of the tool, with flags that they have.
func TestGuides(t *testing.T) {
	tool := tree()
	line := regexp.MustCompile(`(?m)^    (custody .*)$`)
	for _, file := range []string{"INVESTIGATOR.md", "PROSECUTOR.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := line.FindAllStringSubmatch(string(b), -1)
		if len(found) == 0 {
			t.Errorf("%s says nothing to type", file)
		}
		for _, m := range found {
			words := strings.Fields(commandOf(m[1]))
			if _, err := arrange(tool.app, words[1:]); err != nil {
				t.Errorf("%s: %s: %v", file, m[1], err)
			}
		}
	}
}

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"example.org/custody/cmd/internal/ui"
)

// facts are names and values for people, in two columns below a title. Values
// may come from anywhere; they are made safe to show.
type facts struct{ rows [][2]string }

// add adds a value, unless it is empty.
func (f *facts) add(name, value string) {
	if value != "" {
		f.rows = append(f.rows, [2]string{ui.Clean(name), strings.ReplaceAll(ui.Clean(value), "\n", " ")})
	}
}

// write writes the facts, indented by two. A value that does not fit beside its
// name in 80 columns has lines of its own.
func (f *facts) write(w io.Writer) error {
	const columns, widest = 80, 26
	left := 0
	for _, r := range f.rows {
		left = max(left, min(widest, utf8.RuneCountInString(r[0])))
	}
	room := columns - left - 4
	for _, r := range f.rows {
		value := wrap(r[1], room, strings.Repeat(" ", left+4))
		if longestWord(r[1]) > room {
			value = "\n    " + wrap(r[1], columns-4, "    ")
		}
		if _, err := fmt.Fprintf(w, "  %-*s  %s\n", left, r[0], value); err != nil {
			return err
		}
	}
	return nil
}

// longestWord returns the characters of the longest word of s.
func longestWord(s string) int {
	longest := 0
	for _, word := range strings.Fields(s) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return longest
}

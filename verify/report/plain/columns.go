package plain

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Width returns how many columns s takes on a terminal: marks that sit on the
// letter before them none, East Asian wide characters two.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Pad returns s with spaces behind it up to columns.
func Pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-Width(s)))
}

// Wrap breaks s into lines of at most columns, at spaces where it can; a word
// that is longer is cut. It returns one line at least.
func Wrap(s string, columns int) []string {
	columns = max(columns, 2) // a wide character must fit
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		if line != "" && used+1+Width(word) <= columns {
			line, used = line+" "+word, used+1+Width(word)
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for Width(word) > columns {
			head := cut(word, columns)
			lines, word = append(lines, head), word[len(head):]
		}
		line, used = word, Width(word)
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// cut returns the start of s that fits into columns, marks with their letter.
func cut(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > columns {
			return s[:i]
		}
	}
	return s
}

// Shorten returns s if it fits into columns, else its start and an ellipsis.
func Shorten(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	return strings.TrimRight(cut(s, max(columns-1, 0)), " ") + "…"
}

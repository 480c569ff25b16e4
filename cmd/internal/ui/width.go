package ui

import (
	"unicode"

	xwidth "golang.org/x/text/width"
)

// displayWidth returns how many columns s takes on a terminal.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is 0 for marks that sit on the letter before them, 2 for East Asian
// wide characters, else 1.
func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch xwidth.LookupRune(r).Kind() {
	case xwidth.EastAsianWide, xwidth.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// cut returns the start of s that fits into cols columns.
func cut(s string, cols int) string {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > cols {
			return s[:i]
		}
	}
	return s
}

// cutFront returns s if it fits into cols columns, else … and its end: the end
// of a path says more than its start.
func cutFront(s string, cols int) string {
	n := displayWidth(s)
	if n <= cols {
		return s
	}
	for i, r := range s {
		w := runeWidth(r)
		if n < cols && w > 0 { // a mark does not stand without its letter
			return "…" + s[i:]
		}
		n -= w
	}
	return "…"
}

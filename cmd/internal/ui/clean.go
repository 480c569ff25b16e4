package ui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes s safe to print on a terminal: control characters, characters
// that turn the direction of writing or have no width and no letter, and bytes
// that are not UTF-8 become visible escapes such as \x1b and \u202e. Tab and
// newline are kept. Anything that came from evidence, a package or another
// party goes through it before it is shown; the methods of [Terminal] and
// [Table] do that themselves.
func Clean(s string) string {
	clean := true
	for _, r := range s {
		if !printable(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x`)
			b.WriteString(strconv.FormatUint(uint64(s[i])|0x100, 16)[1:])
		case printable(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
	}
	return b.String()
}

// printable reports whether r may reach a terminal as it is. Letters of every
// script pass, with their combining marks and the joiners that some scripts
// need; utf8.RuneError stands for a bad byte and does not.
func printable(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return true
	case r == utf8.RuneError:
		return false
	case r == '\u200c', r == '\u200d': // joiners, needed to write Persian and Hindi
		return true
	case r >= 0xfe00 && r <= 0xfe0f: // variation selectors
		return true
	default:
		return unicode.IsGraphic(r) // no control or format characters, no separators of lines
	}
}

// oneLine is Clean for a sentence that must stay on its line: what errors.Join
// put on several lines is parted by semicolons.
func oneLine(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ")
	return strings.ReplaceAll(Clean(s), "\t", " ")
}

// Name is [Clean] for a file name or a cell of a table, where a line break or tab
// is part of what is named and becomes visible.
func Name(s string) string { return name(s) }

func name(s string) string {
	s = strings.ReplaceAll(Clean(s), "\n", `\n`)
	return strings.ReplaceAll(s, "\t", `\t`)
}

// Package plain makes text that came from evidence, a package or another party
// safe to show: what cannot be seen, or would move what stands around it,
// becomes a visible escape. It also measures and wraps text in columns.
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s as prose on one line. Control characters, line breaks,
// characters that turn the direction of writing, that have no width or no
// meaning, and bytes that are not UTF-8 become \x1b, \n, \u202e, \xff. Runs of
// spaces stay; a backslash stays too, so Text is not reversible ([Name] is).
func Text(s string) string { return escape(s, false) }

// Name returns s so that two different names never look the same: as [Text], and
// a backslash is doubled. A name of nothing or of spaces alone is quoted.
func Name(s string) string {
	e := escape(s, true)
	if strings.Trim(e, " ") != e || e == "" {
		return `"` + e + `"`
	}
	if strings.HasPrefix(e, `"`) {
		return `\x22` + e[1:]
	}
	return e
}

func escape(s string, backslash bool) string {
	if plain(s) && !(backslash && strings.Contains(s, `\`)) {
		return s
	}
	var b strings.Builder
	before := rune(0)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
			r = 0
		case r == '\\' && backslash:
			b.WriteString(`\\`)
		case visible(r, before):
			b.WriteRune(r)
		default:
			b.WriteString(escaped(r))
			r = 0 // nothing joins to, or sits on, an escape
		}
		before = r
		i += size
	}
	return b.String()
}

// escaped spells a character that must not be shown as it is.
func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// plain reports whether s needs no escape but for backslashes.
func plain(s string) bool {
	before := rune(0)
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
		if !visible(r, before) {
			return false
		}
		before = r
	}
	return true
}

// joins is where the scripts begin that need joiners and variation selectors:
// past the Latin, Greek, Cyrillic and Hebrew letters, which do not.
const joins = 0x600

// visible reports whether r, after the character before it, may be shown as it
// is: letters with their marks, numbers, punctuation, symbols, the plain space.
func visible(r, before rune) bool {
	switch {
	case r == ' ':
		return true
	case r == 0x200c, r == 0x200d, 0xfe00 <= r && r <= 0xfe0f:
		return before >= joins
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return before > ' ' && !unicode.IsControl(before) // a mark needs a letter to sit on
	case blank(r):
		return false
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r)
}

// blank reports letters and symbols that fonts draw as nothing.
func blank(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, 0x034f:
		return true
	}
	return false
}

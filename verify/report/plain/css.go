package plain

import (
	"fmt"
	"strings"
)

// CSS writes a text as the inside of a CSS string: every character but letters and
// digits of ASCII and the space is escaped, so nothing ends it.
func CSS(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\%x `, r) // the space ends the escape and is no part of the text
		}
	}
	return b.String()
}

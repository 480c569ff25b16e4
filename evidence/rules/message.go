package rules

import "strings"

// plainMessage takes the marks of the hidden members and functions out of what
// CEL says, so that a person reads what was written.
func plainMessage(s string) string {
	s = strings.ReplaceAll(s, "'"+presenceMark, "'")
	s = strings.ReplaceAll(s, "@", "")
	return strings.ReplaceAll(s, "\n", " ")
}

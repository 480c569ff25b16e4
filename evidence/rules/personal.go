package rules

import (
	"regexp"
	"strings"
)

// identifying is a pattern of things that identify a person, and what makes a
// match one.
type identifying struct {
	kind  string
	form  *regexp.Regexp
	check func(match string) bool // nil: every match is one
}

// ipAddress is a kind that version numbers look like too.
const ipAddress = "an IP address"

// patterns are those of spec/standards.md, "Personal data guard". Each is made
// for few false alarms: a text that is refused costs a person's time.
var patterns = []identifying{
	{"an e-mail address", regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`), nil},
	{"a bank account number", regexp.MustCompile(`\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}\b`), iban},
	{"a machine-readable zone", regexp.MustCompile(`[A-Z0-9<]{5,}<<[A-Z0-9<]*`), nil},
	{ipAddress, regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b`), ipv4},
	{ipAddress, regexp.MustCompile(`\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b`), nil},
	{"a telephone number", regexp.MustCompile(`(?:\+|\b00)[1-9]\d{0,2}(?:[ ./()-]{0,2}\d){6,12}\b`), nil},
	{"a payment card, IMEI or number of a person", regexp.MustCompile(`\b\d(?:[ -]?\d){12,18}\b`), func(m string) bool { return luhn(grouped(m)) }},
	{"a date of birth", regexp.MustCompile(`(?i)\b(?:born|dob|d\.o\.b\.|date of birth|geb\.?|geboren|né|née|nacido|nacida|nato|nata|ur\.)[ :]*\d`), nil},
}

func ipv4(m string) bool {
	for _, part := range strings.Split(m, ".") {
		if len(part) > 1 && part[0] == '0' || len(part) == 3 && part > "255" {
			return false
		}
	}
	return true
}

// Identifies says what in a text looks like something that identifies a person,
// or "" when nothing does. It finds forms; whether a name stands there it cannot
// tell.
func Identifies(s string) string {
	for _, p := range patterns {
		for _, m := range p.form.FindAllString(s, -1) {
			if p.check == nil || p.check(m) {
				return p.kind
			}
		}
	}
	return ""
}

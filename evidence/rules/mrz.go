package rules

import "strings"

// span is a stretch of a machine-readable zone: line, and columns from 0, the
// end not included.
type span struct{ line, from, to int }

// check is a check digit and what it is computed over.
type check struct {
	digit span
	over  []span
	blank bool // may be '<' when all it is over is '<'
}

// zone is the layout of one kind of machine-readable zone.
type zone struct {
	lines, width int
	first        string // what the first line begins with, any of these letters
	checks       []check
}

// zones are the layouts of ICAO Doc 9303: TD1 (part 5, 4.2.4), TD2 (part 6,
// 4.2.2.2), TD3 (part 4, 4.2.2.2), MRV-A and MRV-B (part 7, 4.2 and 4.3). Visas
// come first: they look like TD3 and TD2 and have no composite check digit.
var zones = []zone{
	{2, 44, "V", []check{
		{span{1, 9, 10}, []span{{1, 0, 9}}, false},
		{span{1, 19, 20}, []span{{1, 13, 19}}, false},
		{span{1, 27, 28}, []span{{1, 21, 27}}, false},
	}},
	{2, 36, "V", []check{
		{span{1, 9, 10}, []span{{1, 0, 9}}, false},
		{span{1, 19, 20}, []span{{1, 13, 19}}, false},
		{span{1, 27, 28}, []span{{1, 21, 27}}, false},
	}},
	{2, 44, "P", []check{
		{span{1, 9, 10}, []span{{1, 0, 9}}, false},
		{span{1, 19, 20}, []span{{1, 13, 19}}, false},
		{span{1, 27, 28}, []span{{1, 21, 27}}, false},
		{span{1, 42, 43}, []span{{1, 28, 42}}, true},
		{span{1, 43, 44}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}, false},
	}},
	{2, 36, "ACIP", []check{
		{span{1, 9, 10}, []span{{1, 0, 9}}, true},
		{span{1, 19, 20}, []span{{1, 13, 19}}, false},
		{span{1, 27, 28}, []span{{1, 21, 27}}, false},
		{span{1, 35, 36}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}, false},
	}},
	{3, 30, "ACI", []check{
		{span{0, 14, 15}, []span{{0, 5, 14}}, true},
		{span{1, 6, 7}, []span{{1, 0, 6}}, false},
		{span{1, 14, 15}, []span{{1, 8, 14}}, false},
		{span{1, 29, 30}, []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}, false},
	}},
}

// mrz reports whether the lines are a machine-readable zone of a kind that ICAO
// Doc 9303 knows, with every check digit right.
//
// A document number of more than nine characters goes on in the optional data of
// TD1 and TD2 (part 5, note j; part 6, note j): its check digit then stands
// behind the rest of the number.
func mrz(lines []string) bool {
	for _, z := range zones {
		if z.fits(lines) {
			return z.right(lines)
		}
	}
	return false
}

func (z *zone) fits(lines []string) bool {
	if len(lines) != z.lines || len(lines[0]) == 0 || !strings.ContainsRune(z.first, rune(lines[0][0])) {
		return false
	}
	for _, l := range lines {
		if len(l) != z.width {
			return false
		}
		for _, c := range []byte(l) {
			if !upper(c) && !digit(c) && c != '<' {
				return false
			}
		}
	}
	return true
}

func (z *zone) right(lines []string) bool {
	for _, c := range z.checks {
		got, data := c.digit.of(lines), ""
		for _, s := range c.over {
			data += s.of(lines)
		}
		if c.blank && got == "<" {
			if empty := strings.Trim(data, "<") == ""; !empty && !z.longNumber(lines, data) {
				return false
			}
			continue
		}
		if got != string(checkDigit(data)) {
			return false
		}
	}
	return true
}

// longNumber checks a document number that goes on in the optional data: first
// its nine characters, then the rest, then its check digit, up to the first '<'.
func (z *zone) longNumber(lines []string, number string) bool {
	optional := span{0, 15, 30}
	if z.width == 36 {
		optional = span{1, 28, 35}
	}
	rest, _, _ := strings.Cut(optional.of(lines), "<")
	if z.width == 44 || len(rest) < 2 {
		return false
	}
	n := len(rest) - 1
	return rest[n] == checkDigit(number+rest[:n])
}

func (s span) of(lines []string) string { return lines[s.line][s.from:s.to] }

// checkDigit is that of ICAO Doc 9303, part 3, 4.9: weights 7, 3, 1, modulo 10.
func checkDigit(s string) byte {
	sum := 0
	for i, c := range []byte(s) {
		v := 0
		switch {
		case digit(c):
			v = int(c - '0')
		case upper(c):
			v = int(c-'A') + 10
		}
		sum += v * []int{7, 3, 1}[i%3]
	}
	return byte('0' + sum%10)
}

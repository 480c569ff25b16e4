package ui

import "bytes"

// Damage says how the start of an input shows that a program on the way changed
// it, or returns "". It knows what PowerShell's redirection, Windows editors and
// text-mode transfers do: a byte order mark, UTF-16, a header line that ends in
// CRLF. head is the first bytes of the input, at least 64 of them if there are
// so many; formats of this tool end their lines with LF alone.
func Damage(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return "UTF-16 text, as the > of PowerShell writes it"
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return "text with a byte order mark that was not in the original"
	case everySecondZero(head):
		return "UTF-16 text without its byte order mark"
	}
	if line, _, ok := bytes.Cut(head, []byte("\n")); ok && bytes.HasSuffix(line, []byte("\r")) && isText(line) {
		return "text whose line ends were changed to CRLF"
	}
	return ""
}

// DamagedProblem returns the problem of an input that was changed on the way,
// or nil if its start shows nothing of the kind.
func DamagedProblem(path string, head []byte) *Problem {
	reason := Damage(head)
	if reason == "" {
		return nil
	}
	return NewProblem(CodeDamaged, nil, "%s is %s", path, reason)
}

// everySecondZero reports whether head is mostly ASCII with a zero byte after, or
// before, each character, for 8 characters or more.
func everySecondZero(head []byte) bool {
	pairs := min(len(head), 64) / 2
	if pairs < 8 {
		return false
	}
	for _, zero := range []int{0, 1} {
		fit := 0
		for i := 0; i < 2*pairs; i += 2 {
			if letter := head[i+1-zero]; head[i+zero] == 0 && letter != 0 && letter < 0x80 {
				fit++
			}
		}
		if 8*fit >= 7*pairs {
			return true
		}
	}
	return false
}

// isText reports whether line, without its end, is printable ASCII.
func isText(line []byte) bool {
	for _, c := range bytes.TrimSuffix(line, []byte("\r")) {
		if c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

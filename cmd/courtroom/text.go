//go:build !js

package main

// Groups of the text form of the verifier: six bytes are seven digits to the base of
// 116, a number of 48 bits. A sixth is what text takes more than bytes; base64 takes a
// third.
const (
	groupBytes  = 6
	groupDigits = 7
	textBase    = 116
)

// digit is what a digit looks like: an ASCII character which HTML keeps as it is in a
// script element, and which cannot end one. These are all that can be printed, the
// space, and 22 of the control characters; not NUL, carriage return and line feed,
// which a page does not keep, and not <.
func digit(d uint64) byte {
	switch c := byte(d) + 10; {
	case d < 4:
		return byte(d) + 1
	case c < '<':
		return c
	default:
		return c + 1
	}
}

// asText writes bytes as digits, group by group, the first digit counting most; of a
// last group with fewer bytes, n of them are n+1 digits.
func asText(b []byte) string {
	text := make([]byte, 0, len(b)/groupBytes*groupDigits+groupDigits)
	for len(b) > 0 {
		n := min(len(b), groupBytes)
		v := uint64(0)
		for _, c := range b[:n] {
			v = v<<8 | uint64(c)
		}
		var out [groupDigits]byte
		for i := n; i >= 0; i-- {
			out[i] = digit(v % textBase)
			v /= textBase
		}
		text, b = append(text, out[:n+1]...), b[n:]
	}
	return string(text)
}

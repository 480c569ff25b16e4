//go:build !js

package main

// Groups of the text form of the verifier: nine bytes are eleven digits, because
// 94^11 is just more than 256^9. Ascii85 takes five for four, which is a fortieth more.
const (
	groupBytes  = 9
	groupDigits = 11
	half        = 36 // bits of a group that are kept in one number
)

// digits are what a digit looks like: all that ASCII prints, and the space, but for
// the character that could end the element the text stands in.
const digits = " !\"#$%&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// digitsOf is how many digits so many bytes of a last group take.
var digitsOf = [groupBytes + 1]int{0, 2, 3, 4, 5, 7, 8, 9, 10, groupDigits}

// asText writes bytes as digits to the base of 94, group by group, the first digit
// counting most. Nothing in the text ends the element it stands in.
func asText(b []byte) string {
	text := make([]byte, 0, len(b)/groupBytes*groupDigits+groupDigits)
	for len(b) > 0 {
		n := min(len(b), groupBytes)
		text = appendGroup(text, b[:n])
		b = b[n:]
	}
	return string(text)
}

// appendGroup writes one group as a number of 72 bits, held in two halves.
func appendGroup(text, group []byte) []byte {
	var high, low uint64
	for _, c := range group {
		low = low<<8 | uint64(c)
		high = high<<8 | low>>half
		low &= 1<<half - 1
	}
	var out [groupDigits]byte
	n := digitsOf[len(group)]
	for i := n - 1; i >= 0; i-- {
		low |= high % uint64(len(digits)) << half
		high /= uint64(len(digits))
		out[i] = digits[low%uint64(len(digits))]
		low /= uint64(len(digits))
	}
	return append(text, out[:n]...)
}

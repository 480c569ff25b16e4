package rules

import (
	"regexp"
	"slices"
	"strings"
)

var (
	digestForm  = regexp.MustCompile(`^(sha256|sha384|sha512|sha3-256|sha3-384|sha3-512|sha1|md5):[0-9a-f]+$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2,3}$`)
)

// digestLength returns how long a digest of that algorithm is as text.
func digestLength(s string) int {
	name, _, _ := strings.Cut(s, ":")
	bytes := map[string]int{"sha256": 32, "sha384": 48, "sha512": 64, "sha3-256": 32, "sha3-384": 48, "sha3-512": 64, "sha1": 20, "md5": 16}[name]
	return len(name) + 1 + 2*bytes
}

// Nearest returns the one of words that differs from word by the fewest typing
// errors, the first by letters if several do, or "" if all differ by more than a
// third of it, or in every letter.
func Nearest(words []string, word string) string {
	best, at := "", 1+max(1, len(word)/3)
	for _, w := range slices.Sorted(slices.Values(words)) {
		if d := distance(word, w); d < at && d < len(w) {
			best, at = w, d
		}
	}
	return best
}

// meant returns "; did you mean x?" for the nearest of words, or "".
func meant(words []string, word string) string {
	if best := Nearest(words, word); best != "" {
		return "; did you mean " + best + "?"
	}
	return ""
}

// distance is how many letters must be changed, added, left out, or swapped with
// their neighbour, to make b of a (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

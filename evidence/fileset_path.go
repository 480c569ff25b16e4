package evidence

import (
	"encoding/hex"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// PathText returns the two ways a record writes a path: as text, in which each
// byte that is not UTF-8 is U+FFFD, and, only if there is such a byte, all
// bytes in hexadecimal (spec/content.md "File sets").
func PathText(path string) (text, pathHex string) {
	if utf8.ValidString(path) {
		return path, ""
	}
	return string([]rune(path)), hex.EncodeToString([]byte(path))
}

// RawPath returns the bytes of the path that [PathText] wrote as v's path.
func (v FileValue) RawPath() (string, error) {
	if v.PathHex == "" {
		return v.Path, nil
	}
	b, err := hex.DecodeString(v.PathHex)
	return string(b), err
}

// foldPath returns the same text for two paths that a reader on another system
// could not both have: equal after Unicode NFC and simple case folding. Bytes
// that are not UTF-8 stay as they are.
func foldPath(path string) string {
	path = norm.NFC.String(path)
	folded := make([]byte, 0, len(path))
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if r == utf8.RuneError && n == 1 {
			folded = append(folded, path[i])
		} else {
			folded = utf8.AppendRune(folded, foldRune(r))
		}
		i += n
	}
	return string(folded)
}

// foldRune returns the smallest rune of r's case orbit, which stands for all of
// it (CaseFolding.txt, status C and S).
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A' // 'K' and 'S' have a third member, which is larger
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// MarkCollisions sets Collides of every path that another of the set equals
// after NFC and simple case folding.
func MarkCollisions(found []Found) {
	first := make(map[string]int, len(found))
	for i := range found {
		key := foldPath(found[i].Path)
		if j, ok := first[key]; ok {
			found[i].Collides, found[j].Collides = true, true
		} else {
			first[key] = i
		}
	}
}

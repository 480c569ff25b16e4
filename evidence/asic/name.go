package asic

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a name in bytes (spec/container.md, "Names").
const (
	maxName = 512
	maxPart = 255
)

// CheckName reports whether name can be an entry: relative, in Unicode NFC, the
// same file on every system, and never outside the folder it is extracted to
// (spec/container.md, "Names"). The error says which rule is broken.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("name is empty")
	case len(name) > maxName:
		return fmt.Errorf("name has %d bytes, more than %d", len(name), maxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("name is not UTF-8")
	case !norm.NFC.IsNormalString(name):
		return fmt.Errorf("name is not in Unicode NFC")
	}
	for _, c := range name {
		if !nameRune(c) {
			return fmt.Errorf("name holds the character %U", c)
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		if err := checkPart(part); err != nil {
			return err
		}
	}
	return nil
}

func nameRune(c rune) bool {
	switch {
	case c < utf8.RuneSelf:
		return c >= ' ' && c < 0x7f && !strings.ContainsRune(`\:*?"<>|`, c)
	case c == 0x200c || c == 0x200d: // joiners: letters of Persian and Indic words depend on them
		return true
	}
	return unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs)
}

func checkPart(part string) error {
	switch {
	case part == "":
		return fmt.Errorf("name has an empty part: absolute, a folder, or a double slash")
	case part == "." || part == "..":
		return fmt.Errorf("name holds the part %q", part)
	case len(part) > maxPart:
		return fmt.Errorf("name has a part of %d bytes, more than %d", len(part), maxPart)
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return fmt.Errorf("name has a part that ends in a dot or a space")
	case deviceName(part):
		return fmt.Errorf("name holds %q, a device on Windows", part)
	}
	return nil
}

// deviceName reports whether Windows would open a device in place of the file:
// learn.microsoft.com/windows/win32/fileio/naming-a-file. It drops spaces
// before the extension, too.
func deviceName(part string) bool {
	stem, _, _ := strings.Cut(part, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	digit, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(digit) == 1 && strings.Contains("0123456789¹²³", digit)
}

// fold maps names that some file system would take for one to the same string:
// simple case folding, then NFC.
func fold(name string) string {
	return norm.NFC.String(strings.Map(foldRune, name))
}

// foldRune returns the smallest character of c's folding orbit.
func foldRune(c rune) rune {
	least := c
	for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// nameSet finds names that could not stand side by side in one folder tree. Of
// each name and folder it keeps 16 bytes of SHA-256, so that a million names
// stay within tens of megabytes.
type nameSet map[[16]byte]bool // true: a file; false: a folder

// add takes in one more file, or says what it collides with.
func (s nameSet) add(name string) error {
	f := fold(name)
	for i := range len(f) {
		if f[i] != '/' {
			continue
		}
		k := nameKey(f[:i])
		if s[k] {
			return fmt.Errorf("name lies below another entry that is a file")
		}
		s[k] = false
	}
	k := nameKey(f)
	switch file, taken := s[k]; {
	case file:
		return fmt.Errorf("name equals another entry's, or differs only in case or Unicode form")
	case taken:
		return fmt.Errorf("name is the folder of another entry")
	}
	s[k] = true
	return nil
}

func nameKey(s string) [16]byte {
	h := sha256.Sum256([]byte(s))
	return [16]byte(h[:16])
}

// dataName reports whether name, a valid one, can be a file outside META-INF on
// any system: it must not come close to the names that are ours.
func dataName(name string) error {
	f := fold(name)
	first, _, _ := strings.Cut(f, "/")
	if f == fold(mimetypeName) || first == fold("META-INF") {
		return fmt.Errorf("name is reserved for the container's own entries")
	}
	return nil
}

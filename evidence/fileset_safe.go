package evidence

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SafePaths maps the paths of one set, as the record has them, to paths that
// can be created below any folder of any system and do no harm there. It is for
// one extraction; the zero value is ready.
//
// Whatever goes in, what comes out is slash-separated, relative, without "."
// and "..", valid UTF-8 without backslashes, control characters (those that
// turn the writing direction included), characters or names that Windows
// reserves, dots or spaces at the end; at most [maxSafePart] bytes a part; and
// no two results are equal on a system that ignores case.
type SafePaths struct {
	folders map[string]string // path of a folder in the record → safe path
	taken   map[string]bool   // folded safe path → it is a folder
}

// maxSafePart is the length of a part in bytes; with a mark of uniqueness it
// stays below the 255 that file systems allow.
const maxSafePart = 200

// Map returns the safe path for raw, the bytes of a path of the set, and
// whether it differs from them; then the person must be told. Each path of the
// set is mapped once; mapping one again gives another result, as for two files.
func (s *SafePaths) Map(raw string) (safe string, renamed bool) {
	if s.taken == nil {
		s.folders, s.taken = make(map[string]string), make(map[string]bool)
	}
	dir, base := path.Split(raw)
	safe = s.unique(join(s.folder(strings.TrimSuffix(dir, "/")), safePart(base)), false)
	return safe, safe != raw
}

// folder returns the safe path of a folder, the same each time.
func (s *SafePaths) folder(dir string) string {
	if dir == "" {
		return ""
	}
	if safe, ok := s.folders[dir]; ok {
		return safe
	}
	above, base := path.Split(dir)
	safe := s.unique(join(s.folder(strings.TrimSuffix(above, "/")), safePart(base)), true)
	s.folders[dir] = safe
	return safe
}

func join(dir, base string) string {
	if dir == "" {
		return base
	}
	return dir + "/" + base
}

// unique marks a path that is taken already with ~2, ~3 … before its ending.
// Two folders may share one: their files are told apart.
func (s *SafePaths) unique(p string, folder bool) string {
	ending := path.Ext(p)
	stem := strings.TrimSuffix(p, ending)
	for n := 2; ; n++ {
		key := foldPath(p)
		was, ok := s.taken[key]
		if !ok || folder && was {
			s.taken[key] = folder
			return p
		}
		p = fmt.Sprintf("%s~%d%s", stem, n, ending)
	}
}

// safePart makes one part of a path harmless.
func safePart(part string) string {
	part = strings.Map(safeRune, string([]rune(part)))
	part = shorten(part)
	if trimmed := strings.TrimRight(part, ". "); trimmed != part {
		part = trimmed + strings.Repeat("_", len(part)-len(trimmed))
	}
	if part == "" || reservedName(part) {
		return "_" + part
	}
	return part
}

func safeRune(r rune) rune {
	if strings.ContainsRune(`<>:"/\|?*`, r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return '_'
	}
	return r
}

// shorten cuts what is too long before its ending, which says what opens it.
func shorten(part string) string {
	if len(part) <= maxSafePart {
		return part
	}
	ending := path.Ext(part)
	if len(ending) > 20 {
		ending = ""
	}
	cut := maxSafePart - len(ending)
	for !utf8.RuneStart(part[cut]) {
		cut--
	}
	return part[:cut] + ending
}

// reservedName reports whether Windows takes part for a device, whatever its
// ending (Microsoft, "Naming Files, Paths, and Namespaces").
func reservedName(part string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(part), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, device := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(stem, device); ok && len(n) > 0 && strings.Trim(n, "0123456789¹²³") == "" {
			return utf8.RuneCountInString(n) == 1
		}
	}
	return false
}

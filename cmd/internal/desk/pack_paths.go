package desk

import (
	"index/suffixarray"
	"path"
	"slices"
	"sort"
)

// pathsAtOnce is how many bytes of paths are searched together: an index of them takes
// several times as much.
const pathsAtOnce = 1 << 20

// shownPaths are paths of files that are shown, in which names are looked for.
type shownPaths struct {
	names []heldName // which were not found yet
	tell  func(n heldName, in string)

	texts   []byte   // the paths, each between two zero bytes
	starts  []int    // of each file, in texts
	entries []string // of each file
}

func (s *shownPaths) add(entry string, texts ...string) {
	s.starts, s.entries = append(s.starts, len(s.texts)), append(s.entries, entry)
	s.texts = append(s.texts, 0)
	for _, t := range texts {
		s.texts = append(append(s.texts, t...), 0)
	}
	if len(s.texts) > pathsAtOnce {
		s.search()
	}
}

// search looks for the names in the paths that were added since the last time.
func (s *shownPaths) search() {
	if len(s.names) > 0 && len(s.entries) > 0 {
		index := suffixarray.New(s.texts)
		s.names = slices.DeleteFunc(s.names, func(n heldName) bool {
			at := n.inPath(index)
			if at >= 0 {
				s.tell(n, s.entries[sort.SearchInts(s.starts, at+1)-1])
			}
			return at >= 0
		})
	}
	s.texts, s.starts, s.entries = s.texts[:0], s.starts[:0], s.entries[:0]
}

// inPath returns where a name stands in paths, or -1: the path as a whole; its last part
// where a part of a name begins, as of a thumbnail or what lies beside the file.
func (n heldName) inPath(paths *suffixarray.Index) int {
	find := []string{"\x00" + n.path + "\x00"}
	if base := path.Base(n.path); len(base) >= leastName {
		for _, before := range "\x00/_-. ~" {
			find = append(find, string(before)+base)
		}
	}
	for _, f := range find {
		if at := paths.Lookup([]byte(f), 1); len(at) > 0 {
			return at[0]
		}
	}
	return -1
}

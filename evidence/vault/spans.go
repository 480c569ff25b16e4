package vault

import (
	"cmp"
	"slices"
)

// span is a part of a pack's plaintext.
type span struct {
	Length int64 `json:"length"` // bytes, over 0
	Offset int64 `json:"offset"`
}

func (s span) end() int64 { return s.Offset + s.Length }

// spans are ascending and neither overlap nor touch.
type spans []span

// ascending reports whether s is as spans are.
func (s spans) ascending() bool {
	end := int64(-1)
	for _, x := range s {
		if x.Length <= 0 || x.Offset <= end {
			return false
		}
		end = x.end()
	}
	return true
}

// with returns the spans of s and more together.
func (s spans) with(more ...span) spans {
	all := slices.DeleteFunc(append(slices.Clone(s), more...), func(x span) bool { return x.Length == 0 })
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.Offset, b.Offset) })
	merged := spans{}
	for _, x := range all {
		if n := len(merged); n > 0 && merged[n-1].end() >= x.Offset {
			merged[n-1].Length = max(merged[n-1].end(), x.end()) - merged[n-1].Offset
			continue
		}
		merged = append(merged, x)
	}
	return merged
}

// cover reports whether nothing of size bytes is outside s.
func (s spans) cover(size int64) bool {
	return size == 0 || len(s) == 1 && s[0].Offset == 0 && s[0].Length >= size
}

// meets reports whether s has a byte of x.
func (s spans) meets(x span) bool {
	return x.Length > 0 && slices.ContainsFunc(s, func(y span) bool { return y.Offset < x.end() && x.Offset < y.end() })
}

// clear zeroes what s has of b, which begins at offset.
func (s spans) clear(b []byte, offset int64) {
	for _, x := range s {
		from, to := max(x.Offset-offset, 0), min(x.end()-offset, int64(len(b)))
		if from < to {
			clear(b[from:to])
		}
	}
}

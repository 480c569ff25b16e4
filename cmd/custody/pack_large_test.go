package main

import "testing"

// Whoever packs is told from where on a package is one that old programs cannot read.
func TestNeedsZip64(t *testing.T) {
	for _, c := range []struct {
		size   int64
		copies int
		want   bool
	}{{0, 0, false}, {4<<30 - 2, 65530, false}, {4<<30 - 1, 1, true}, {1, 65531, true}} {
		if needsZip64(c.size, c.copies) != c.want {
			t.Errorf("%d bytes, %d copies: %t", c.size, c.copies, !c.want)
		}
	}
}

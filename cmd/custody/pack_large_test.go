package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// Whoever packs is told from where on a package is one that old programs cannot read:
// by its size, or by the copies in one of its bags, and not by those in all of them.
func TestWarnLarge(t *testing.T) {
	for name, c := range map[string]struct {
		size int64
		done desk.Packed
		want bool
	}{
		"small":               {1000, desk.Packed{Files: 2, Most: 2}, false},
		"just below 4 GiB":    {4<<30 - 2, desk.Packed{Files: 1, Most: 1}, false},
		"4 GiB but one byte":  {4<<30 - 1, desk.Packed{Files: 1, Most: 1}, true},
		"a bag just below":    {1000, desk.Packed{Files: 65530, Most: 65530}, false},
		"a bag past it":       {1000, desk.Packed{Files: 65531, Most: 65531}, true},
		"two bags of 40,000":  {1000, desk.Packed{Files: 80000, Most: 40000}, false},
		"two bags, one large": {1000, desk.Packed{Files: 70001, Most: 70000}, true},
	} {
		path := filepath.Join(t.TempDir(), "p.asice")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, c.size); err != nil { // a hole, which takes no room
			t.Fatal(err)
		}
		var said bytes.Buffer
		(&tool{term: ui.NewTerminal(ui.Streams{Err: &said})}).warnLarge(path, &c.done)
		if strings.Contains(said.String(), "in the form zip64") != c.want {
			t.Errorf("%s: %q", name, said.String())
		}
	}
}

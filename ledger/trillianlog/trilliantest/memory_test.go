//go:build engines && linux

package trilliantest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What PostgreSQL shares among its processes lies in the machine's memory, outside of every
// folder, until the server gives it back: also that of one that was killed in between.
func TestEngineSharedMemoryIsGivenBack(t *testing.T) {
	if os.Getenv("CUSTODY_DATABASE") == "mariadb" {
		return // which shares none
	}
	var had []string
	t.Run("servers", func(t *testing.T) {
		s := Start(t)
		first := s.sharedMemory()
		s.Database.Kill()
		s.Database.Start()
		had = append(first, s.sharedMemory()...)
		if len(first) == 0 || len(had) == len(first) {
			t.Fatalf("%q, then %q: nothing is shared, so nothing is tested", first, had)
		}
	})
	for _, m := range had {
		if there(t, m) {
			t.Errorf("%s is left", m)
		}
	}
}

// sharedMemory names what the database's first process has made: files, and segments by
// their maker.
func (s *Servers) sharedMemory() (all []string) {
	s.t.Helper()
	made, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(made), "\n")
	maps, err := os.ReadFile(filepath.Join("/proc", pid, "maps"))
	if err != nil {
		s.t.Fatal(err)
	}
	all = regexp.MustCompile(`/dev/shm/PostgreSQL\.\d+`).FindAllString(string(maps), -1)
	if there(s.t, pid) {
		all = append(all, pid)
	}
	return all
}

// there reports whether a file is there, or a segment that a process has made.
func there(t testing.TB, name string) bool {
	t.Helper()
	if filepath.IsAbs(name) {
		_, err := os.Stat(name)
		return err == nil
	}
	b, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		t.Fatal(err)
	}
	head, rows, _ := strings.Cut(string(b), "\n")
	maker := slices.Index(strings.Fields(head), "cpid")
	if maker < 0 {
		t.Fatalf("no maker in %q", head)
	}
	for row := range strings.Lines(rows) {
		if strings.Fields(row)[maker] == name {
			return true
		}
	}
	return false
}

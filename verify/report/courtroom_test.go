//go:build courtroom

package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// TestCourtroomViews writes the packages of which the judge's page shows every
// view, with their readers' trust lists.
func TestCourtroomViews(t *testing.T) {
	dir := os.Getenv("COURTROOM_CASES")
	if dir == "" {
		t.Fatal("COURTROOM_CASES names no folder")
	}
	for view, world := range map[string]string{
		"verdict": "holds", "fails": "fails", "undecided": "alone", "gaps": "gaps", "several": "several", "withheld": "withheld", "hostile": "hostile",
	} {
		s := worlds[world](t)
		verifytest.Save(t, filepath.Join(dir, view), s.raw, s.t)
	}
	s := worlds["undecided"](t)
	verifytest.Save(t, filepath.Join(dir, "undecided-no-list"), s.raw, verify.Trust{})
}

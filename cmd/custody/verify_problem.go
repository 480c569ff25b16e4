package main

import (
	"fmt"
	"strings"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
)

// Problems of a verdict. The verdict itself is on standard output by then; the
// problem says in three lines what follows.
const (
	codeNotAuthentic ui.Code = "E-NOT-AUTHENTIC"
	codeUndecided    ui.Code = "E-UNDECIDED"
	codeNoRoot       ui.Code = "E-NO-TRUST-LIST"
	codeTrustNote    ui.Code = "E-TRUST-LIST"
	codeNoPackage    ui.Code = "E-NO-PACKAGE"
	codeOwnCopy      ui.Code = "E-OWN-COPY"
	codeOwnCopyOpen  ui.Code = "E-OWN-COPY-OPEN"
)

var _ = ui.Register(
	ui.Entry{Code: codeNotAuthentic, Class: ui.ErrNotAuthentic, Title: "Proven not authentic",
		Means: "a proof contradicts what the package says; do not rely on it",
		Do:    []string{"keep the file as it is", "custody verify --report report.html FILE shows the contradiction", "ask the sender for the package again"},
		About: "The finding that fails carries the values that contradict each other, so that anyone can see the failure without this program. A copy that was damaged on the way fails like one that was changed on purpose: compare it with the sender's."},
	ui.Entry{Code: codeUndecided, Class: ui.ErrUndecided, Title: "Could not be decided",
		Means: "nothing is proven wrong, and a question that the trust list requires is not answered",
		Do:    []string{"read the questions marked UNDECIDED; each says what is missing"}},
	ui.Entry{Code: codeNoRoot, Class: ui.ErrUndecided, Title: "No trust list",
		Means: "nothing beyond the package itself can be decided: a list inside the package proves nothing about itself",
		Do:    []string{"give --trust NOTE, the list that your own state's authority published", "never take it from the sender"},
		For:   []error{trustlist.ErrNone}},
	ui.Entry{Code: codeTrustNote, Class: ui.ErrUndecided, Title: "The trust list cannot be used",
		Means: "without a list that its own states signed nobody is trusted, so nothing can be decided",
		Do:    []string{"get the list again from your own state's authority", "custody inspect NOTE"},
		For:   []error{trustlist.ErrNote}},
	ui.Entry{Code: codeNoPackage, Class: ui.ErrUndecided, Title: "Not a whole package",
		Means: "its content was not looked at, so nothing is proven either way",
		Do:    []string{"get the file again from the sender and compare the sizes", "custody inspect FILE"},
		About: "A package is one container whose every byte outside the files in it is fixed. A file that was cut short, repaired, repacked with a zip program, or is over the limits of spec/package.md is refused before its content is read."},
	ui.Entry{Code: codeOwnCopy, Class: ui.ErrNotAuthentic, Title: "The copy compared is another one",
		Means: "the package is what it says; the copy it was compared with is not the evidence that was sealed",
		Do:    []string{"use the copies in the package", "custody open takes them out"}},
	ui.Entry{Code: codeOwnCopyOpen, Class: ui.ErrUndecided, Title: "The copy compared does not cover the record",
		Means: "no compared file differs, but some are missing, not recorded, or have withheld digests",
		Do:    []string{"read the list of files above"}},
)

// problem returns what sets the exit code, nil when everything required holds.
func (r verifyResult) problem() error {
	sentence := strings.TrimSuffix(r.Sentence, ".")
	what := r.File + ": " + strings.ToLower(sentence[:1]) + sentence[1:]
	switch {
	case r.Exit == verify.ExitFails:
		return &ui.Problem{Code: codeNotAuthentic, What: what}
	case r.Exit == verify.ExitUndecided && r.Package == nil:
		return &ui.Problem{Code: codeNoPackage, What: what}
	case r.Exit == verify.ExitUndecided && r.Trust.Source == verify.SourceNone:
		return &ui.Problem{Code: codeNoRoot, What: r.File + ": could not be decided: no trust list was given, and no desk here has pinned one"}
	case r.Exit == verify.ExitUndecided:
		return &ui.Problem{Code: codeUndecided, What: what}
	case r.Against == nil || r.Against.Same():
		return nil
	}
	counts := r.Against.Counts
	if n := counts[copies.Differs]; n > 0 {
		return &ui.Problem{Code: codeOwnCopy, What: fmt.Sprintf("%s: %s not what was sealed", r.Against.Path, ui.Count(n, "file is", "files are"))}
	}
	return &ui.Problem{Code: codeOwnCopyOpen, What: fmt.Sprintf("%s: %d match, %d missing, %d not recorded, %d withheld, %d not readable",
		r.Against.Path, counts[copies.Matches], counts[copies.Missing], counts[copies.Extra], counts[copies.NotShown], counts[copies.Unread])}
}

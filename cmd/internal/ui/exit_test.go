package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestExitCode(t *testing.T) {
	undecided := &Problem{Code: CodeDamaged, What: "x"}
	usage := Usage("", "x")
	notAuthentic := fmt.Errorf("verdict: %w", ErrNotAuthentic)
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"nil", nil, 0},
		{"any error", errors.New("x"), 1},
		{"problem of no class", &Problem{Code: CodeDiskFull}, 1},
		{"problem of an unknown code", &Problem{Code: "E-NOBODY-KNOWS"}, 1},
		{"usage", usage, 2},
		{"usage, wrapped", fmt.Errorf("line: %w", usage), 2},
		{"not authentic", notAuthentic, 10},
		{"undecided by its code", undecided, 11},
		{"shown", Shown(undecided), 11},
		{"cancelled", fmt.Errorf("sealing: %w", context.Canceled), 130},
		{"cancelled inside a problem", NewProblem(CodeFailed, context.Canceled, "x"), 130},
		{"a deadline is no interruption", context.DeadlineExceeded, 1},
		{"interrupted", ErrInterrupted, 130},
		{"a proof outranks a gap", errors.Join(undecided, notAuthentic), 10},
		{"a gap outranks a failure", errors.Join(fs.ErrNotExist, undecided), 11},
	} {
		if got := ExitCode(tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

// Every class that an entry can name has its own exit code, and every exit code
// is explained once.
func TestExitMeanings(t *testing.T) {
	known := make(map[int]bool)
	for _, m := range ExitMeanings() {
		if known[m.Code] || m.Word == "" || m.Text == "" {
			t.Errorf("exit code %d is explained twice or not at all", m.Code)
		}
		known[m.Code] = true
	}
	for _, class := range []error{nil, ErrUsage, ErrNotAuthentic, ErrUndecided, ErrInterrupted, errors.New("x")} {
		if code := ExitCode(class); !known[code] {
			t.Errorf("exit code %d of %v is not explained", code, class)
		}
	}
	if len(known) != 6 {
		t.Errorf("%d exit codes, want 6", len(known))
	}
}

func TestShownNil(t *testing.T) {
	if Shown(nil) != nil {
		t.Error("Shown(nil) is an error")
	}
}

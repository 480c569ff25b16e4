package ui

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Explain returns the problem in err, or makes one of it, with the text of err:
// an entry of the catalogue may claim it (field For), what the operating system
// says often has a plain meaning, and anything else is [CodeFailed].
func Explain(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	what := strings.ReplaceAll(err.Error(), context.Canceled.Error(), "interrupted")
	return &Problem{Code: codeOf(err), What: withoutCall(what, err), Err: err}
}

// withoutCall takes out of what the name of the system call that looked for a path
// in vain: to a person it says nothing.
func withoutCall(what string, err error) string {
	var path *fs.PathError
	if errors.As(err, &path) && slices.Contains([]string{"lstat", "open", "stat"}, path.Op) {
		return strings.Replace(what, path.Op+" "+path.Path+": ", path.Path+": ", 1)
	}
	return what
}

// codeOf returns the code for an error that carries none.
func codeOf(err error) Code {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrInterrupted) {
		return CodeInterrupted
	}
	if code, ok := explains(err); ok {
		return code
	}
	switch {
	case errors.Is(err, ErrUsage):
		return CodeUsage
	case isDiskFull(err):
		return CodeDiskFull
	case isReadOnly(err):
		return CodeReadOnly
	case errors.Is(err, fs.ErrNotExist):
		return CodeNotFound
	case errors.Is(err, fs.ErrPermission):
		return CodePermission
	case errors.Is(err, fs.ErrExist):
		return CodeExists
	default:
		return CodeFailed
	}
}

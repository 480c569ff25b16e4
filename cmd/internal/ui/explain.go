package ui

import (
	"context"
	"errors"
	"io/fs"
)

// Explain returns the problem in err, or makes one of it: what the operating
// system says often has a plain meaning; anything else becomes [CodeFailed] (or
// the code of its class) with the text of err.
func Explain(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return &Problem{Code: codeOf(err), What: err.Error(), Err: err}
}

// codeOf returns the code for an error that carries none.
func codeOf(err error) Code {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, ErrInterrupted):
		return CodeInterrupted
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

package ui

import (
	"context"
	"errors"
)

// The exit codes of every custody command. They are a contract with scripts:
// no other code is used on purpose, and a script must treat one it does not
// know as failure. Finer reasons are the code of the [Problem], in words in
// `custody help E-…` and in the exit_error line of JSON output.
const (
	// ExitOK: it was done; for verify, nothing fails and every question the
	// trust list requires holds (rule P18).
	ExitOK = 0
	// ExitFailed: it could not be done, or the file could not be read.
	ExitFailed = 1
	// ExitUsage: the command line was wrong; nothing was begun.
	ExitUsage = 2
	// ExitNotAuthentic: a proof contradicts the evidence or its history
	// (rule P18).
	ExitNotAuthentic = 10
	// ExitUndecided: it could not be decided, for want of a trust list, a key, a
	// proof, or a well-formed container (rules P10, P18).
	ExitUndecided = 11
	// ExitInterrupted: the user or the system stopped it.
	ExitInterrupted = 130
)

// The classes of failure that have an exit code of their own. A catalogue
// [Entry] names one, and a [Problem] with that code then matches it with
// errors.Is; any error outside these classes exits with [ExitFailed].
var (
	// ErrUsage: the command line was wrong.
	ErrUsage = errors.New("wrong usage")
	// ErrNotAuthentic: proven not to be what it claims.
	ErrNotAuthentic = errors.New("proven not authentic")
	// ErrUndecided: neither proven right nor proven wrong.
	ErrUndecided = errors.New("could not be decided")
	// ErrInterrupted: stopped from outside.
	ErrInterrupted = errors.New("interrupted")
)

// ExitCode maps err, nil included, to the exit code of the process. A proof of
// falsehood outranks a missing one when errors are joined.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, context.Canceled), errors.Is(err, ErrInterrupted):
		return ExitInterrupted
	case errors.Is(err, ErrUsage):
		return ExitUsage
	case errors.Is(err, ErrNotAuthentic):
		return ExitNotAuthentic
	case errors.Is(err, ErrUndecided):
		return ExitUndecided
	default:
		return ExitFailed
	}
}

// ExitMeaning is one line of the table that `custody help exit-codes` prints.
type ExitMeaning struct {
	Code int    // one of the Exit constants
	Word string // two or three words
	Text string // one sentence
}

// ExitMeanings lists every exit code in ascending order.
func ExitMeanings() []ExitMeaning {
	return []ExitMeaning{
		{ExitOK, "holds", "It was done; for verify, nothing fails and every required question holds."},
		{ExitFailed, "not done", "It could not be done, or a file could not be read. The problem says what is left."},
		{ExitUsage, "wrong usage", "The command line was wrong. Nothing was begun, nothing was written."},
		{ExitNotAuthentic, "proven not authentic", "A proof contradicts the evidence or its history."},
		{ExitUndecided, "could not be decided", "Something needed for a decision is missing, malformed or not trusted."},
		{ExitInterrupted, "interrupted", "Stopped by the user or the system. What was finished before stays."},
	}
}

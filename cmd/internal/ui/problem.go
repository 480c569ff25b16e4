package ui

import (
	"errors"
	"fmt"
	"strings"
)

// Code is the stable name of a kind of problem, "E-" and capitals, as printed in
// JSON and explained by `custody help E-…`. A released code keeps its meaning.
type Code string

// Problem is a failure told to a person: what happened, what it means for the
// evidence, what to do. It is an error; errors.As finds it through any wrapping,
// and errors.Is sees both Err and the class of its code.
type Problem struct {
	Code  Code     // registered in the catalogue
	What  string   // what happened, naming the thing; one line
	Means string   // what follows for the evidence; empty takes the catalogue's
	Do    []string // commands or people, most useful first; empty takes the catalogue's
	Err   error    // the cause, or nil
}

// NewProblem returns a problem with code, the given what, and the catalogue's
// means and do. A non-nil cause is kept and its text follows the what.
func NewProblem(code Code, cause error, what string, args ...any) *Problem {
	p := &Problem{Code: code, What: fmt.Sprintf(what, args...), Err: cause}
	if cause != nil {
		p.What += ": " + cause.Error()
	}
	return p
}

// Usage returns the problem of a wrong command line (exit code 2), for a verb
// that finds its arguments do not go together. do says the way out; it may be
// empty.
func Usage(do, what string, args ...any) *Problem {
	p := &Problem{Code: CodeUsage, What: fmt.Sprintf(what, args...)}
	if do != "" {
		p.Do = []string{do}
	}
	return p
}

// Error returns what happened, without means and do.
func (p *Problem) Error() string { return p.What }

// Unwrap returns the cause and the class of the code, whichever exist.
func (p *Problem) Unwrap() []error {
	var errs []error
	if p.Err != nil {
		errs = append(errs, p.Err)
	}
	if e, ok := Lookup(p.Code); ok && e.Class != nil {
		errs = append(errs, e.Class)
	}
	return errs
}

// filled returns p with what the catalogue knows in place of what p leaves out,
// and every text cleaned to one line.
func (p *Problem) filled() *Problem {
	entry, _ := Lookup(p.Code)
	means, do := p.Means, p.Do
	if means == "" {
		means = entry.Means
	}
	if len(do) == 0 {
		do = entry.Do
	}
	q := &Problem{Code: p.Code, What: oneLine(p.What), Means: oneLine(means), Err: p.Err}
	for _, d := range do {
		q.Do = append(q.Do, oneLine(d))
	}
	return q
}

// text returns the three lines of p, each ending in a newline.
func (p *Problem) text() string {
	q := p.filled()
	do := q.Do
	if entry, _ := Lookup(p.Code); entry.About != "" && entry.Class != ErrUsage {
		do = append(do, "custody help "+string(p.Code)) // there is more to read
	}
	return fmt.Sprintf("custody: error: %s\ncustody: means: %s\ncustody: do:    %s\n",
		q.What, q.Means, strings.Join(do, "; "))
}

// shown is an error the user has been told about.
type shown struct{ err error }

func (s shown) Error() string { return s.err.Error() }
func (s shown) Unwrap() error { return s.err }

// Shown wraps err so that it sets the exit code and prints nothing more in text:
// for a verdict that is on the screen already. JSON output still ends with its
// exit_error line. Shown(nil) is nil.
func Shown(err error) error {
	if err == nil {
		return nil
	}
	return shown{err}
}

// problems turns err into the problems to show: one for each error of an
// errors.Join, in order, else one. An error that is no problem is explained.
func problems(err error) []*Problem {
	if err == nil {
		return nil
	}
	if parts := joined(err); parts != nil {
		var all []*Problem
		for _, e := range parts {
			all = append(all, problems(e)...)
		}
		return all
	}
	var p *Problem
	if !errors.As(err, &p) {
		return []*Problem{Explain(err)}
	}
	q := *p
	q.What = err.Error() // with the context that was wrapped around it
	return []*Problem{&q}
}

// joined returns the parts of an error made by errors.Join, else nil. An error
// of fmt.Errorf with several %w has parts too, but reads as one sentence.
func joined(err error) []error {
	multi, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	if _, ok := err.(*Problem); ok {
		return nil
	}
	parts := multi.Unwrap()
	texts := make([]string, len(parts))
	for i, e := range parts {
		texts[i] = e.Error()
	}
	if err.Error() != strings.Join(texts, "\n") {
		return nil
	}
	return parts
}

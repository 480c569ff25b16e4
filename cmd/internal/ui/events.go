package ui

import (
	"io"
	"time"
)

// Status says how far a long work is. Totals below 0 are not known.
type Status struct {
	Stage      string        // what is being done, one or two words: "hashing"
	File       string        // the file in work, or empty
	BytesDone  int64         // bytes
	BytesTotal int64         // bytes
	FilesDone  int           // files finished
	FilesTotal int           // files
	Elapsed    time.Duration // since the stage began
}

// Rate returns bytes per second since the stage began, 0 if that is not known yet.
func (s Status) Rate() float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(s.BytesDone) / s.Elapsed.Seconds()
}

// Left returns the time left at the rate so far, and whether it can be said.
func (s Status) Left() (time.Duration, bool) {
	rate := s.Rate()
	if rate <= 0 || s.BytesTotal < s.BytesDone {
		return 0, false
	}
	return time.Duration(float64(s.BytesTotal-s.BytesDone) / rate * float64(time.Second)), true
}

// The statuses of a finding, as in a verdict.
const (
	Holds         = "holds"
	Fails         = "fails"
	Undecided     = "undecided"
	NotApplicable = "not applicable"
)

// Finding is the result of one check. The names of its members in JSON are
// their names here, in lower case.
type Finding struct {
	Check   string `json:"check"`             // stable name of the check
	Status  string `json:"status"`            // holds, fails, undecided or not applicable
	Subject string `json:"subject,omitempty"` // what was checked
	Detail  string `json:"detail"`            // one sentence
	Means   string `json:"means,omitempty"`   // what follows for the evidence
	Do      string `json:"do,omitempty"`      // what to do
	Spec    string `json:"spec,omitempty"`    // the section that asks for the check
	Proof   any    `json:"proof,omitempty"`   // what anyone needs to see the failure for themselves
}

// printer turns the events of a command into bytes: textPrinter for people,
// jsonPrinter for programs.
type printer interface {
	status(Status)
	finding(Finding) error
	emit(kind string, data any) error
	summary(verb string, data any, text func(io.Writer) error) error
	note(string)
	warning(string)
	exitError(p *Problem, code int, shown bool)
}

// Finding reports the result of one check as soon as it is known.
func (t *Terminal) Finding(f Finding) error { return t.events.finding(f) }

// Emit writes data, which must encode to a JSON object, as one line of JSON
// output with message_type kind: for lists, one line for each thing. Text output
// prints nothing; a verb prints a [Table] there.
func (t *Terminal) Emit(kind string, data any) error { return t.events.emit(kind, data) }

// Summary ends a verb's output. JSON output is one line: message_type "summary",
// the verb, then the members of data, which must encode to a JSON object. Text
// output is what text writes to standard output; text may be nil.
func (t *Terminal) Summary(verb string, data any, text func(io.Writer) error) error {
	return t.events.summary(verb, data, text)
}

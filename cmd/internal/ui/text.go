package ui

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// textPrinter writes events for people. Lines on standard error begin with the
// name of the tool.
type textPrinter struct{ t *Terminal }

func (p textPrinter) status(s Status) { p.t.writeErr("custody: " + s.line() + "\n") }

// finding prints the status in word and sign, then the sentence, then what to do.
func (p textPrinter) finding(f Finding) error {
	var b strings.Builder
	b.WriteString(p.t.StatusWord(f.Status))
	if f.Subject != "" {
		b.WriteString("  " + name(f.Subject) + ":")
	}
	b.WriteString("  " + oneLine(f.Detail) + "\n")
	if f.Means != "" {
		b.WriteString("    means: " + oneLine(f.Means) + "\n")
	}
	if f.Do != "" {
		b.WriteString("    do:    " + oneLine(f.Do) + "\n")
	}
	_, err := io.WriteString(p.t.out, b.String())
	return err
}

func (p textPrinter) emit(string, any) error { return nil }

func (p textPrinter) summary(_ string, _ any, text func(io.Writer) error) error {
	if text == nil {
		return nil
	}
	return text(p.t.out)
}

func (p textPrinter) note(s string) { p.t.writeErr("custody: " + oneLine(s) + "\n") }

func (p textPrinter) warning(s string) {
	p.t.writeErr("custody: " + paint(p.t.colorErr, yellow, "warning:") + " " + oneLine(s) + "\n")
}

func (p textPrinter) exitError(problem *Problem, _ int, shown bool) {
	if shown {
		return
	}
	text := problem.text()
	if p.t.colorErr {
		text = strings.Replace(text, "error:", paint(true, red, "error:"), 1)
	}
	p.t.writeErr(text)
}

// statusLooks gives each status its sign and style.
var statusLooks = map[string]struct {
	sign  string
	style style
}{
	Holds:         {"✓", green},
	Fails:         {"✗", red},
	Undecided:     {"?", yellow},
	NotApplicable: {"–", dim},
}

// StatusWord returns a status as it stands on standard output: a sign and the
// word in capitals, coloured where colour is on. Colour never stands alone.
func (t *Terminal) StatusWord(status string) string {
	look, ok := statusLooks[status]
	if !ok {
		return strings.ToUpper(name(status))
	}
	return paint(t.colorOut, look.style, look.sign+" "+strings.ToUpper(status))
}

// Heading returns s in bold where standard output is coloured.
func (t *Terminal) Heading(s string) string { return paint(t.colorOut, bold, s) }

// line is the status as one line of text.
func (s Status) line() string {
	var b strings.Builder
	b.WriteString(oneLine(s.Stage) + ": " + Bytes(s.BytesDone))
	if s.BytesTotal >= 0 {
		b.WriteString(" of " + Bytes(s.BytesTotal))
		if s.BytesTotal > 0 {
			fmt.Fprintf(&b, " (%d %%)", s.BytesDone*100/s.BytesTotal)
		}
	}
	if s.FilesTotal > 1 {
		fmt.Fprintf(&b, ", %d of %s", s.FilesDone, Count(s.FilesTotal, "file", "files"))
	}
	if rate := s.Rate(); rate > 0 {
		b.WriteString(", " + Bytes(int64(rate)) + "/s")
	}
	if left, ok := s.Left(); ok {
		b.WriteString(", " + left.Round(1e9).String() + " left")
	}
	if s.File != "" {
		b.WriteString(", " + name(s.File))
	}
	return b.String()
}

// isShown reports whether err was wrapped by [Shown].
func isShown(err error) bool {
	var s shown
	return errors.As(err, &s)
}

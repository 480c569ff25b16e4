package ui

import (
	"context"
	"io"
	"strings"

	"golang.org/x/term"
)

// answerMax is the longest answer to a question in bytes.
const answerMax = 64 << 10

// Confirm asks whether to go on and returns nil if the answer is y or yes, or if
// --yes was given. Any other answer, and nobody to ask, is [CodeNotConfirmed].
// question is a sentence without its question mark.
func (t *Terminal) Confirm(ctx context.Context, question string) error {
	if t.opt.Yes {
		return nil
	}
	if !t.InIsTerminal() {
		return NewProblem(CodeNotConfirmed, nil, "not confirmed: %s? standard input is not a terminal", question)
	}
	answer, err := t.readShown(ctx, question+"? [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	default:
		return NewProblem(CodeNotConfirmed, nil, "not confirmed: %s", question)
	}
}

// Question is something that a person can be asked and a script gives by flag.
type Question struct {
	Text    string // without its colon
	Default string // taken for an empty answer; shown
	Flag    string // the flag that answers it, "--name"
}

// Ask asks a person and returns the answer without the spaces around it, or the
// default. Where nobody can be asked it fails with [CodeNoAnswer] and names the
// flag; a default is not taken unseen. An empty answer without a default is
// asked again.
func (t *Terminal) Ask(ctx context.Context, q Question) (string, error) {
	if !t.InIsTerminal() {
		return "", &Problem{Code: CodeNoAnswer, What: q.Text + " is not given, and standard input is not a terminal",
			Do: []string{"give " + q.Flag, "run the command on a terminal"}}
	}
	prompt := q.Text + ": "
	if q.Default != "" {
		prompt = q.Text + " [" + q.Default + "]: "
	}
	for {
		answer, err := t.readShown(ctx, prompt)
		if err != nil {
			return "", err
		}
		if answer = strings.TrimSpace(answer); answer == "" {
			answer = q.Default
		}
		if answer != "" {
			return answer, nil
		}
	}
}

// readShown prompts and reads a line that the terminal echoes.
func (t *Terminal) readShown(ctx context.Context, prompt string) (string, error) {
	t.prompt(Clean(prompt))
	return wait(ctx, func() (string, error) { return readLine(t.std.In, answerMax) }, func() {})
}

// readHidden prompts and reads a line without echo. When ctx ends while it
// waits, the echo of the terminal is turned on again.
func (t *Terminal) readHidden(ctx context.Context, prompt string) (string, error) {
	fd, _ := descriptor(t.std.In)
	before, err := term.GetState(fd)
	if err != nil {
		return "", NewProblem(CodePassphraseSource, err, "cannot turn off the echo of the terminal")
	}
	t.prompt(Clean(prompt))
	line, err := wait(ctx, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	}, func() { term.Restore(fd, before) })
	t.prompt("\n") // the user's own line end was not echoed
	return line, err
}

// prompt writes to standard error, or to the terminal itself if standard error
// goes elsewhere: a prompt that nobody sees looks like a hang.
func (t *Terminal) prompt(s string) {
	if isTerminal(t.std.Err) {
		t.writeErr(s)
		return
	}
	if tty, err := openTerminal(); err == nil {
		defer tty.Close()
		io.WriteString(tty, s)
		return
	}
	t.writeErr(s)
}

// wait runs read, which cannot be interrupted, and returns early when ctx ends;
// undo then puts the terminal back. The reading goroutine is left behind: it
// ends with the process, which is about to.
func wait(ctx context.Context, read func() (string, error), undo func()) (string, error) {
	type result struct {
		line string
		err  error
	}
	results := make(chan result, 1)
	go func() {
		line, err := read()
		results <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		undo()
		return "", ctx.Err()
	case r := <-results:
		if r.err == io.EOF {
			return "", NewProblem(CodeNoAnswer, nil, "the terminal was closed before an answer came")
		}
		return r.line, r.err
	}
}

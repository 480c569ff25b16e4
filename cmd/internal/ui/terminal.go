package ui

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// Options are what the global flags of the tool choose.
type Options struct {
	JSON         bool  // one JSON object a line instead of text
	Quiet        bool  // no words and no progress; data and problems stay
	Yes          bool  // questions of the form "go on?" are answered yes
	Color        Color // empty means ColorAuto
	PassphraseFD int   // descriptor that secrets are read from; below 0 means none
}

// Terminal is the one way in and out of a command. Its methods may be called
// from several goroutines.
type Terminal struct {
	std Streams
	opt Options
	out *dataWriter

	colorOut, colorErr bool // whether each stream is coloured

	mu     sync.Mutex // held while standard error is written, and by the bar
	bar    *bar       // the bar that is on the screen, or nil
	events printer

	secret   lineSource               // where PassphraseFD is read from, opened at first use
	progress atomic.Pointer[Progress] // the long work under way, for SIGUSR1
}

// NewTerminal returns a terminal over std with no options set but a passphrase
// descriptor of none; [Terminal.Configure] sets them once the flags are known.
func NewTerminal(std Streams) *Terminal {
	t := &Terminal{std: std, out: &dataWriter{w: std.Out}}
	t.Configure(Options{PassphraseFD: -1})
	return t
}

// Configure sets the options. It is called once, before any other goroutine
// uses t.
func (t *Terminal) Configure(o Options) {
	t.opt = o
	t.colorOut = t.std.colored(o.Color, t.std.Out)
	t.colorErr = t.std.colored(o.Color, t.std.Err)
	if o.JSON {
		t.events = jsonPrinter{t}
	} else {
		t.events = textPrinter{t}
	}
}

// JSON reports whether output is JSON lines.
func (t *Terminal) JSON() bool { return t.opt.JSON }

// Yes reports whether --yes was given.
func (t *Terminal) Yes() bool { return t.opt.Yes }

// Getenv returns the value of an environment variable of this command.
func (t *Terminal) Getenv(key string) string { return t.std.getenv(key) }

// Out is standard output, for data that is neither an event nor a summary: a
// package written to "-", a label. It remembers the first error of a write, and
// [Terminal.Exit] reports it.
func (t *Terminal) Out() io.Writer { return t.out }

// OutIsTerminal reports whether standard output is a terminal, where binary data
// must not go.
func (t *Terminal) OutIsTerminal() bool { return isTerminal(t.std.Out) }

// InIsTerminal reports whether someone can be asked.
func (t *Terminal) InIsTerminal() bool { return isTerminal(t.std.In) }

// Say tells the user something worth knowing that is not data. --quiet silences
// it.
func (t *Terminal) Say(format string, args ...any) {
	if !t.opt.Quiet {
		t.events.note(fmt.Sprintf(format, args...))
	}
}

// Warn tells the user something that needs attention. Nothing silences it.
func (t *Terminal) Warn(format string, args ...any) {
	t.events.warning(fmt.Sprintf(format, args...))
}

// Trace prints the stack of a fault of the tool, for whoever repairs it.
func (t *Terminal) Trace(stack []byte) {
	if t.opt.JSON {
		t.events.warning(string(stack))
		return
	}
	t.writeErr(string(stack))
}

// Exit reports err, if any, and returns the exit code of the process. It is the
// last call of a command.
func (t *Terminal) Exit(err error) int {
	if err == nil && t.out.err != nil {
		err = NewProblem(CodeOutput, t.out.err, "cannot write standard output")
	}
	told := problems(err)
	all := []error{err}
	for _, p := range told { // a problem may have a class that the bare error lacks
		all = append(all, p)
	}
	code := ExitCode(errors.Join(all...))
	for _, p := range told {
		t.events.exitError(p, code, isShown(err))
	}
	return code
}

// writeErr writes s to standard error, above the bar if one is on the screen.
// An error is dropped: there is nowhere left to report it.
func (t *Terminal) writeErr(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bar.clear()
	io.WriteString(t.std.Err, s)
}

// dataWriter is standard output with a memory for its first error.
type dataWriter struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (d *dataWriter) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.w.Write(p)
	d.err = err
	return n, err
}

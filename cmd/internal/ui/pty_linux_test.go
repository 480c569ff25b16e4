package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/custody/cmd/internal/ui/ptytest"
	"golang.org/x/sys/unix"
)

// pty is a terminal of a test.
type pty struct{ *ptytest.PTY }

func newPTY(t *testing.T) pty {
	t.Helper()
	return pty{ptytest.New(t)}
}

// terminal returns a Terminal whose three streams are p.
func (p pty) terminal(env map[string]string) *Terminal {
	return NewTerminal(Streams{In: p.Tool, Out: p.Tool, Err: p.Tool, Getenv: func(k string) string { return env[k] }})
}

// echoes reports whether the terminal shows what is typed.
func (p pty) echoes(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(p.Tool.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// answer is what a prompt came back with.
type answer struct {
	text string
	err  error
}

func (p pty) ask(ask func() (string, error)) <-chan answer {
	c := make(chan answer, 1)
	go func() {
		text, err := ask()
		c <- answer{text, err}
	}()
	return c
}

func TestPromptHidden(t *testing.T) {
	p := newPTY(t)
	term := p.terminal(nil)
	got := p.ask(func() (string, error) { return term.Passphrase(t.Context(), Secret{Name: "the desk's key"}) })
	p.WaitFor(t, "Passphrase for the desk's key: ", 1)
	p.waitNoEcho(t)
	io.WriteString(p.Person, "open sesame\n")
	if a := <-got; a.err != nil || a.text != "open sesame" {
		t.Errorf("%q, %v", a.text, a.err)
	}
	p.WaitFor(t, "\r\n", 1)
	if strings.Contains(p.Screen(), "sesame") {
		t.Errorf("the passphrase is on the screen: %q", p.Screen())
	}
	if !p.echoes(t) {
		t.Error("the echo stays off")
	}
}

// waitNoEcho blocks until the terminal has stopped to echo; there is no event
// for it, so it looks again and again.
func (p pty) waitNoEcho(t *testing.T) {
	t.Helper()
	for start := time.Now(); p.echoes(t); {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the echo stays on")
		}
	}
}

func TestPromptNewPassphrase(t *testing.T) {
	for _, tt := range []struct {
		typed []string
		want  string
		code  Code
	}{
		{[]string{"one", "one"}, "one", ""},
		{[]string{"one", "two"}, "", CodePassphraseDiffers},
		{[]string{""}, "", CodePassphraseSource},
	} {
		p := newPTY(t)
		term := p.terminal(nil)
		got := p.ask(func() (string, error) { return term.Passphrase(t.Context(), Secret{Name: "k", New: true}) })
		for i, typed := range tt.typed {
			p.WaitFor(t, "New passphrase for k", i+1)
			p.waitNoEcho(t)
			io.WriteString(p.Person, typed+"\n")
			p.WaitFor(t, "\r\n", i+1)
		}
		if a := <-got; a.text != tt.want || codeIn(a.err) != tt.code {
			t.Errorf("%q: %q, %v", tt.typed, a.text, a.err)
		}
	}
}

// An interrupt at a hidden prompt gives the terminal back as it was.
func TestPromptInterrupted(t *testing.T) {
	p := newPTY(t)
	term := p.terminal(nil)
	ctx, cancel := context.WithCancel(t.Context())
	got := p.ask(func() (string, error) { return term.Passphrase(ctx, Secret{Name: "k"}) })
	p.WaitFor(t, "Passphrase for k: ", 1)
	p.waitNoEcho(t)
	cancel()
	if a := <-got; !errors.Is(a.err, context.Canceled) {
		t.Errorf("%q, %v", a.text, a.err)
	}
	if !p.echoes(t) {
		t.Error("the echo stays off")
	}
	io.WriteString(p.Person, "\n") // lets the reading goroutine end
}

func TestConfirm(t *testing.T) {
	for typed, code := range map[string]Code{
		"y": "", "YES": "", " yes ": "", "": CodeNotConfirmed, "n": CodeNotConfirmed, "yess": CodeNotConfirmed, "\x04": CodeNoAnswer,
	} {
		p := newPTY(t)
		term := p.terminal(nil)
		got := p.ask(func() (string, error) { return "", term.Confirm(t.Context(), "sign 200 events\x1b[2J") })
		p.WaitFor(t, `sign 200 events\x1b[2J? [y/N] `, 1)
		if typed == "\x04" {
			io.WriteString(p.Person, typed)
		} else {
			io.WriteString(p.Person, typed+"\n")
		}
		if a := <-got; codeIn(a.err) != code {
			t.Errorf("%q: %v", typed, a.err)
		}
	}
}

func TestAsk(t *testing.T) {
	p := newPTY(t)
	term := p.terminal(nil)
	got := p.ask(func() (string, error) { return term.Ask(t.Context(), Question{Text: "State", Flag: "--state"}) })
	p.WaitFor(t, "State: ", 1)
	io.WriteString(p.Person, "\n")
	p.WaitFor(t, "State: ", 2)
	io.WriteString(p.Person, " AA \n")
	if a := <-got; a.err != nil || a.text != "AA" {
		t.Errorf("%q, %v", a.text, a.err)
	}
	got = p.ask(func() (string, error) {
		return term.Ask(t.Context(), Question{Text: "Name", Default: "desk", Flag: "--name"})
	})
	p.WaitFor(t, "Name [desk]: ", 1)
	io.WriteString(p.Person, "\n")
	if a := <-got; a.err != nil || a.text != "desk" {
		t.Errorf("%q, %v", a.text, a.err)
	}
}

func TestTerminalManners(t *testing.T) {
	p := newPTY(t)
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, true},
		{map[string]string{"NO_COLOR": "1"}, false},
		{map[string]string{"NO_COLOR": ""}, true},
		{map[string]string{"TERM": "dumb"}, false},
		{map[string]string{"TERM": "xterm"}, true},
	} {
		if got := p.terminal(tt.env).colorOut; got != tt.want {
			t.Errorf("%v: colour %v, want %v", tt.env, got, tt.want)
		}
	}
	term := p.terminal(nil)
	if _, err := term.Output("-", OutputOptions{Binary: true}); codeIn(err) != CodeTerminal {
		t.Errorf("binary to a terminal: %v", err)
	}
	if _, err := term.Output("-", OutputOptions{}); err != nil {
		t.Errorf("text to a terminal: %v", err)
	}
}

// A bar comes after a second, makes room for words, and goes without a trace.
func TestBarOnTerminal(t *testing.T) {
	p := newPTY(t)
	if err := unix.IoctlSetWinsize(int(p.Tool.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	term := p.terminal(nil)
	work := term.Progress()
	work.Stage("sealing", 1<<30, 1)
	work.File("disk.e01")
	work.Add(1 << 29)
	p.WaitFor(t, "sealing disk.e01", 1)
	if lasted := time.Since(work.first); lasted < barDelay {
		t.Errorf("a bar after %v", lasted)
	}
	term.Say("a word between")
	p.WaitFor(t, "a word between\r\n", 1)
	before := strings.Count(p.Screen(), "sealing disk.e01")
	p.WaitFor(t, "sealing disk.e01", before+1)
	work.Close()
	term.Say("the end")
	p.WaitFor(t, "the end\r\n", 1)
	last := new(line)
	for _, l := range strings.Split(p.Screen(), "\r\n") {
		last = new(line)
		io.WriteString(last, l)
		if strings.Contains(last.text(), "sealing") {
			t.Errorf("a line was left with %q", last.text())
		}
	}
}

func TestNoBarOnDumbTerminal(t *testing.T) {
	p := newPTY(t)
	if p.terminal(map[string]string{"TERM": "dumb"}).barWanted() || !p.terminal(nil).barWanted() {
		t.Error("the bar does not depend on TERM")
	}
}

func TestSIGUSR1(t *testing.T) {
	p := newPTY(t)
	term := p.terminal(map[string]string{ProgressVariable: "off"})
	stop := term.WatchState()
	defer stop()
	work := term.Progress()
	work.Stage("sealing", 100, 1)
	work.Add(25)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(t, "sealing: 25 B of 100 B (25 %)", 1)
	work.Close()
}

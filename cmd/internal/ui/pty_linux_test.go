package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a pseudo-terminal: a person on one side, the tool on the other.
type pty struct {
	person, tool *os.File

	mu   sync.Mutex
	seen strings.Builder
	news chan struct{} // a signal that seen grew
}

func newPTY(t *testing.T) *pty {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tool.Close() })
	p := &pty{person: person, tool: tool, news: make(chan struct{}, 1)}
	go p.watch()
	return p
}

// watch keeps what the tool prints.
func (p *pty) watch() {
	r := bufio.NewReader(p.person)
	for {
		c, err := r.ReadByte()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.seen.WriteByte(c)
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
}

// screen returns what has been printed so far.
func (p *pty) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// waitFor blocks until text has been printed n times.
func (p *pty) waitFor(t *testing.T, text string, n int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for strings.Count(p.screen(), text) < n {
		select {
		case <-p.news:
		case <-deadline:
			t.Fatalf("%q was not printed; the screen has %q", text, p.screen())
		}
	}
}

// terminal returns a Terminal whose three streams are p.
func (p *pty) terminal(env map[string]string) *Terminal {
	return NewTerminal(Streams{In: p.tool, Out: p.tool, Err: p.tool, Getenv: func(k string) string { return env[k] }})
}

// echoes reports whether the terminal shows what is typed.
func (p *pty) echoes(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(p.tool.Fd()), unix.TCGETS)
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

func (p *pty) ask(ask func() (string, error)) <-chan answer {
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
	p.waitFor(t, "Passphrase for the desk's key: ", 1)
	p.waitNoEcho(t)
	io.WriteString(p.person, "open sesame\n")
	if a := <-got; a.err != nil || a.text != "open sesame" {
		t.Errorf("%q, %v", a.text, a.err)
	}
	p.waitFor(t, "\r\n", 1)
	if strings.Contains(p.screen(), "sesame") {
		t.Errorf("the passphrase is on the screen: %q", p.screen())
	}
	if !p.echoes(t) {
		t.Error("the echo stays off")
	}
}

// waitNoEcho blocks until the terminal has stopped to echo; there is no event
// for it, so it looks again and again.
func (p *pty) waitNoEcho(t *testing.T) {
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
			p.waitFor(t, "New passphrase for k", i+1)
			p.waitNoEcho(t)
			io.WriteString(p.person, typed+"\n")
			p.waitFor(t, "\r\n", i+1)
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
	p.waitFor(t, "Passphrase for k: ", 1)
	p.waitNoEcho(t)
	cancel()
	if a := <-got; !errors.Is(a.err, context.Canceled) {
		t.Errorf("%q, %v", a.text, a.err)
	}
	if !p.echoes(t) {
		t.Error("the echo stays off")
	}
	io.WriteString(p.person, "\n") // lets the reading goroutine end
}

func TestConfirm(t *testing.T) {
	for typed, code := range map[string]Code{
		"y": "", "YES": "", " yes ": "", "": CodeNotConfirmed, "n": CodeNotConfirmed, "yess": CodeNotConfirmed, "\x04": CodeNoAnswer,
	} {
		p := newPTY(t)
		term := p.terminal(nil)
		got := p.ask(func() (string, error) { return "", term.Confirm(t.Context(), "sign 200 events\x1b[2J") })
		p.waitFor(t, `sign 200 events\x1b[2J? [y/N] `, 1)
		if typed == "\x04" {
			io.WriteString(p.person, typed)
		} else {
			io.WriteString(p.person, typed+"\n")
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
	p.waitFor(t, "State: ", 1)
	io.WriteString(p.person, "\n")
	p.waitFor(t, "State: ", 2)
	io.WriteString(p.person, " AA \n")
	if a := <-got; a.err != nil || a.text != "AA" {
		t.Errorf("%q, %v", a.text, a.err)
	}
	got = p.ask(func() (string, error) {
		return term.Ask(t.Context(), Question{Text: "Name", Default: "desk", Flag: "--name"})
	})
	p.waitFor(t, "Name [desk]: ", 1)
	io.WriteString(p.person, "\n")
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
	if err := unix.IoctlSetWinsize(int(p.tool.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	term := p.terminal(nil)
	work := term.Progress()
	work.Stage("sealing", 1<<30, 1)
	work.File("disk.e01")
	work.Add(1 << 29)
	p.waitFor(t, "sealing disk.e01", 1)
	if lasted := time.Since(work.first); lasted < barDelay {
		t.Errorf("a bar after %v", lasted)
	}
	term.Say("a word between")
	p.waitFor(t, "a word between\r\n", 1)
	before := strings.Count(p.screen(), "sealing disk.e01")
	p.waitFor(t, "sealing disk.e01", before+1)
	work.Close()
	term.Say("the end")
	p.waitFor(t, "the end\r\n", 1)
	last := new(line)
	for _, l := range strings.Split(p.screen(), "\r\n") {
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
	p.waitFor(t, "sealing: 25 B of 100 B (25 %)", 1)
	work.Close()
}

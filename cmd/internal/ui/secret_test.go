package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// The test binary stands in for a passphrase command when this is set.
const helperVariable = "CUSTODY_TEST_HELPER"

func TestMain(m *testing.M) {
	switch mode, text, _ := strings.Cut(os.Getenv(helperVariable), ":"); mode {
	case "print":
		fmt.Print(text)
		os.Exit(0)
	case "name":
		fmt.Println(os.Getenv(passphraseName))
		os.Exit(0)
	case "fail":
		fmt.Println("a passphrase that must not be used")
		os.Exit(3)
	case "hang":
		io.Copy(io.Discard, neverEnds{})
	}
	os.Exit(m.Run())
}

// neverEnds blocks its reader until the process is killed.
type neverEnds struct{}

func (neverEnds) Read([]byte) (int, error) { time.Sleep(time.Hour); return 0, nil }

// secretScreen is a terminal with a passphrase command that is this test binary
// in the given mode.
func secretScreen(t *testing.T, mode string) *Terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(helperVariable, mode)
	return NewTerminal(Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(key string) string {
		if key == PassphraseVariable {
			return "'" + self + "'"
		}
		return ""
	}})
}

func TestPassphraseCommand(t *testing.T) {
	for mode, want := range map[string]string{
		"print:open sesame":                       "open sesame",
		"print:first\r\nsecond\n":                 "first",
		"print:  spaces stay  \n":                 "  spaces stay  ",
		"print:пароль":                            "пароль",
		"print:" + strings.Repeat("x", secretMax): strings.Repeat("x", secretMax),
		"name": "the desk's key",
	} {
		got, err := secretScreen(t, mode).Passphrase(t.Context(), Secret{Name: "the desk's key"})
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", mode, got, err)
		}
	}
	for _, mode := range []string{"print:", "print:\nlate", "fail", "print:" + strings.Repeat("x", secretMax+1),
		"print:\xff\xfepass", "print:\ufeffbom"} {
		got, err := secretScreen(t, mode).Passphrase(t.Context(), Secret{Name: "k"})
		if codeIn(err) != CodePassphraseSource || got != "" {
			t.Errorf("%q: %q, %v", mode, got, err)
		}
	}
}

func TestPassphraseCommandAbsent(t *testing.T) {
	for _, command := range []string{"/no/such/command", "'unclosed"} {
		term := NewTerminal(Streams{Err: io.Discard, Getenv: func(string) string { return command }})
		if _, err := term.Passphrase(t.Context(), Secret{Name: "k"}); codeIn(err) != CodePassphraseSource {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// An interrupt ends the command as well, and counts as an interrupt.
func TestPassphraseCommandInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, context.Canceled)
	defer cancel()
	term := secretScreen(t, "hang")
	_, err := term.Passphrase(ctx, Secret{Name: "k"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestPassphraseFD(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	io.WriteString(w, "old one\nnew one\r\n\nrest")
	w.Close()
	term := NewTerminal(Streams{In: strings.NewReader("not this\n"), Getenv: func(string) string { return "nor /this" }})
	term.Configure(Options{PassphraseFD: int(r.Fd())})
	for _, want := range []string{"old one", "new one"} {
		if got, err := term.Passphrase(t.Context(), Secret{Name: "k", New: true}); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if got, err := term.Passphrase(t.Context(), Secret{Name: "k"}); codeIn(err) != CodePassphraseSource {
		t.Errorf("an empty line is the passphrase %q, %v", got, err)
	}
}

func TestPassphraseFDZero(t *testing.T) {
	in := strings.NewReader("pass\nan answer\n")
	term := NewTerminal(Streams{In: in})
	term.Configure(Options{PassphraseFD: 0})
	got, err := term.Passphrase(t.Context(), Secret{Name: "k"})
	if rest, _ := io.ReadAll(in); err != nil || got != "pass" || string(rest) != "an answer\n" {
		t.Errorf("%q, %v, left %q", got, err, rest)
	}
}

func TestPassphraseFDClosed(t *testing.T) {
	term := NewTerminal(Streams{})
	term.Configure(Options{PassphraseFD: 987})
	if _, err := term.Passphrase(t.Context(), Secret{Name: "k"}); codeIn(err) != CodePassphraseSource {
		t.Errorf("a closed descriptor gives %v", err)
	}
}

func TestNobodyToAsk(t *testing.T) {
	term, _, errs := screen(Options{PassphraseFD: -1})
	if _, err := term.Passphrase(t.Context(), Secret{Name: "the desk's key"}); codeIn(err) != CodeNoPassphrase {
		t.Errorf("passphrase: %v", err)
	}
	if err := term.Confirm(t.Context(), "go on"); codeIn(err) != CodeNotConfirmed {
		t.Errorf("confirm: %v", err)
	}
	_, err := term.Ask(t.Context(), Question{Text: "name of the desk", Default: "desk", Flag: "--name"})
	if codeIn(err) != CodeNoAnswer {
		t.Errorf("ask: %v", err)
	}
	if term.Exit(err); !strings.Contains(errs.String(), "do:    give --name") {
		t.Errorf("the flag is not named: %s", errs)
	}
	term.Configure(Options{Yes: true, PassphraseFD: -1})
	if err := term.Confirm(t.Context(), "go on"); err != nil {
		t.Errorf("--yes: %v", err)
	}
	if _, err := term.Passphrase(t.Context(), Secret{Name: "k"}); codeIn(err) != CodeNoPassphrase {
		t.Errorf("--yes opens a key: %v", err)
	}
}

package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// PassphraseVariable is the environment variable with a command that prints a
// passphrase. The variable holds words, not a secret.
const PassphraseVariable = "CUSTODY_PASSPHRASE_COMMAND"

// secretMax is the longest passphrase in bytes.
const secretMax = 4096

// Secret says what a passphrase is asked for.
type Secret struct {
	Name string // what it unlocks, as the user knows it: "the desk's key"
	New  bool   // it is being chosen: a person types it twice
}

// Passphrase gets a passphrase, in this order: the next line of the descriptor
// of --passphrase-fd; the first line printed by the command in
// [PassphraseVariable]; a prompt without echo, if standard input is a terminal.
// It fails with [CodeNoPassphrase] when there is none of these, and with
// [CodePassphraseSource] when one was named and gives none. The passphrase is
// never empty and never ends in a line break.
func (t *Terminal) Passphrase(ctx context.Context, s Secret) (string, error) {
	command := t.std.getenv(PassphraseVariable)
	switch {
	case t.opt.PassphraseFD >= 0:
		return t.secretFromFD()
	case command != "":
		return t.secretFromCommand(ctx, command, s.Name)
	case t.InIsTerminal():
		return t.secretFromPrompt(ctx, s)
	default:
		return "", NewProblem(CodeNoPassphrase, nil, "no passphrase for %s: standard input is not a terminal", s.Name)
	}
}

// secretFromFD takes the next line of the descriptor, so that a command that
// needs two passphrases gets two.
func (t *Terminal) secretFromFD() (string, error) {
	fd := t.opt.PassphraseFD
	line, err := t.secret.next(fd, t.std.In)
	if err == nil {
		line, err = checkSecret(line)
	}
	if err != nil {
		return "", NewProblem(CodePassphraseSource, err, "no passphrase from file descriptor %d", fd)
	}
	return line, nil
}

// secretFromPrompt asks a person, twice for a new passphrase.
func (t *Terminal) secretFromPrompt(ctx context.Context, s Secret) (string, error) {
	prompt := "Passphrase for " + s.Name
	if s.New {
		prompt = "New passphrase for " + s.Name
	}
	first, err := t.readHidden(ctx, prompt+": ")
	if err != nil {
		return "", err
	}
	if first, err = checkSecret(first); err != nil {
		return "", NewProblem(CodePassphraseSource, err, "no passphrase for %s", s.Name)
	}
	if !s.New {
		return first, nil
	}
	second, err := t.readHidden(ctx, prompt+", again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", NewProblem(CodePassphraseDiffers, nil, "the two entries of the passphrase for %s differ", s.Name)
	}
	return first, nil
}

// checkSecret refuses what cannot have been meant as a passphrase: nothing, too
// much, or text that a tool on the way has re-coded.
func checkSecret(s string) (string, error) {
	s = strings.TrimSuffix(s, "\r")
	switch {
	case s == "":
		return "", fmt.Errorf("the line is empty")
	case len(s) > secretMax:
		return "", fmt.Errorf("it is longer than %d bytes", secretMax)
	}
	if reason := Damage([]byte(s)); reason != "" {
		return "", fmt.Errorf("it is %s", reason)
	}
	if strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("it contains a zero byte")
	}
	return s, nil
}

// lineSource reads lines from a file descriptor without reading ahead, so that
// the rest stays for whoever reads it next.
type lineSource struct {
	mu   sync.Mutex
	file io.Reader
}

// next returns the next line without its end. Descriptor 0 is in, which may be
// something else in a test.
func (l *lineSource) next(fd int, in io.Reader) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		l.file = in
		if fd != 0 {
			f := os.NewFile(uintptr(fd), fmt.Sprintf("descriptor %d", fd))
			if f == nil {
				return "", os.ErrInvalid
			}
			l.file = f
		}
	}
	return readLine(l.file, secretMax+2)
}

// readLine reads one byte at a time up to and without a newline, or the end of
// input if anything came before it. It stops after limit bytes.
func readLine(r io.Reader, limit int) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < limit {
		n, err := r.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, one[0])
		case err == io.EOF && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", err
		}
	}
	return string(line), nil
}

package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// passphraseName tells the passphrase command which passphrase is wanted.
const passphraseName = "CUSTODY_PASSPHRASE_NAME"

// secretFromCommand runs the user's command without a shell, so that nothing in
// the variable means more than it says and it means the same on every system.
// The command may talk to the terminal: it gets standard input if that is one,
// and standard error.
func (t *Terminal) secretFromCommand(ctx context.Context, command, subject string) (string, error) {
	words, err := splitWords(command)
	if err != nil {
		return "", NewProblem(CodePassphraseSource, err, "%s cannot be read", PassphraseVariable)
	}
	var stdout bytes.Buffer
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), passphraseName+"="+subject)
	cmd.Stdout = &limited{buf: &stdout, left: secretMax + 2}
	cmd.Stderr = t.std.Err
	if t.InIsTerminal() {
		cmd.Stdin = t.std.In
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", NewProblem(CodePassphraseSource, err, "%s: %s failed", PassphraseVariable, words[0])
	}
	line, _, _ := strings.Cut(stdout.String(), "\n")
	if line, err = checkSecret(line); err != nil {
		return "", NewProblem(CodePassphraseSource, err, "%s: %s printed no passphrase", PassphraseVariable, words[0])
	}
	return line, nil
}

// limited keeps the first left bytes and drops the rest, so that a command that
// never stops printing costs no memory.
type limited struct {
	buf  *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	keep := min(l.left, len(p))
	l.buf.Write(p[:keep])
	l.left -= keep
	return len(p), nil
}

// splitWords splits s at spaces and tabs. Single or double quotes keep what is
// between them together and have no other meaning inside each other; there are
// no escapes, so that paths of Windows stay as they are.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, byte(0)
	for _, c := range []byte(s) { // bytes: a path need not be UTF-8
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("quote %c is not closed", quote)
	}
	if in {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("it names no command")
	}
	return words, nil
}

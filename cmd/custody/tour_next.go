package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"example.org/custody/cmd/internal/ui"
)

// command is one to try next.
type command struct {
	Shows string `json:"shows"`
	Line  string `json:"line"` // for a POSIX shell, in the folder of the tour's caller
	Exit  int    `json:"exit"` // of its last command
}

// nextCommands are what a reader may try on the folder; each can be pasted as it
// is.
func nextCommands(r toured, sample bool) ([]command, error) {
	dir := shellWord(r.Dir)
	change, err := tamper(r.Package, dir)
	if err != nil {
		return nil, err
	}
	tool := shellWord(program())
	verifies := tool + " verify --trust " + dir + "/trust.note "
	next := []command{
		{"verify it as a court would; add --explain for every hash step", verifies + dir + "/package.asice", ui.ExitOK},
		{"change one byte of it, and see that it no longer holds", change + "\n" + verifies + dir + "/changed.asice", ui.ExitNotAuthentic},
		{"without a trust list nothing is believed", tool + " verify " + dir + "/package.asice", ui.ExitUndecided},
		{"take the evidence out", tool + " open --trust " + dir + "/trust.note --out " + dir + "/evidence " + dir + "/package.asice", ui.ExitOK},
		{"FR's package about what DE holds, verified in AT by the list that AT's desk has pinned", tool + " verify --home " + dir + "/at " + dir + "/package-fr.asice", ui.ExitOK},
		{"replay DE's whole ledger, every leaf of it", tool + " audit --trust " + dir + "/trust.note " + dir + "/de", ui.ExitOK},
		{"who held it when, as the receiving desk knows it", atHome(tool, "history E-1", dir, "de"), ui.ExitOK},
		{"the order, step by step", atHome(tool, "history R-1", dir, "de"), ui.ExitOK},
		{"by when FR had to act, in both readings, and when it did", atHome(tool, "request clocks R-1 --all", dir, "fr"), ui.ExitOK},
		{"the order on paper", atHome(tool, "request print R-1 --force --out "+dir+"/order.html", dir, "de"), ui.ExitOK},
		{"what came under it, with question 8", verifies + dir + "/package-request.asice", ui.ExitOK},
		{"how that may be used, and what its limits say of another case: FR has to be asked", atHome(tool, "request limits M-1 --use-case OTHER-1 --use-purpose prosecution", dir, "de"), ui.ExitOK},
	}
	if sample {
		next = append(next, command{"compare a copy of your own that differs", "cp -r " + dir + "/sample " + dir + "/mine; echo >> " + dir + "/mine/report.pdf\n" +
			verifies + "--against " + dir + "/mine " + dir + "/package.asice", ui.ExitNotAuthentic})
	}
	return next, nil
}

// atHome is a line about what a state's desk has.
func atHome(tool, line, dir, state string) string {
	return tool + " " + line + " --home " + dir + "/" + state + " --passphrase-fd 3 3< " + dir + "/passphrase.txt"
}

// tamper is the command that copies the package and changes one byte of it, in
// the first evidence copy when there is one.
func tamper(file, dir string) (string, error) {
	f, size, err := openRegular(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, min(size, 1<<20))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	at := len(head) / 2
	// The name of the first copy stands 26 bytes into its header (spec/container.md).
	for copies := bytes.Index(head, []byte("payload/1")); copies >= 30; {
		if bytes.Equal(head[copies-30:copies-26], []byte("PK\x03\x04")) {
			at = min(copies+80, len(head)-1)
			break
		}
		next := bytes.Index(head[copies+1:], []byte("payload/1"))
		if next < 0 {
			break
		}
		copies += 1 + next
	}
	other := head[at] ^ 0x20
	return fmt.Sprintf("cp %s/package.asice %s/changed.asice\nprintf '\\%03o' | dd of=%s/changed.asice bs=1 seek=%d conv=notrunc status=none", dir, dir, other, dir, at), nil
}

// program is how this tool was called, so that a command can be pasted.
func program() string {
	if name := os.Args[0]; strings.ContainsAny(name, `/\`) {
		return name
	}
	return "custody"
}

// shellWord quotes a path for a POSIX shell where it must be.
func shellWord(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

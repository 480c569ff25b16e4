package ptytest

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// PTY is a pseudo-terminal. What is written to Person is typed; Tool is what the
// tool has for its streams.
type PTY struct {
	Person, Tool *os.File

	mu   sync.Mutex
	seen strings.Builder
	news chan struct{} // a signal that seen grew
	read int           // how far [PTY.Next] has looked
}

// New opens a pseudo-terminal for the length of a test.
func New(t *testing.T) *PTY {
	t.Helper()
	person := open(t, "/dev/ptmx")
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	p := &PTY{Person: person, Tool: open(t, fmt.Sprintf("/dev/pts/%d", n)), news: make(chan struct{}, 1)}
	go p.watch()
	return p
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// watch keeps what the tool prints.
func (p *PTY) watch() {
	r := bufio.NewReader(p.Person)
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

// Screen returns what has been printed so far, what was typed among it.
func (p *PTY) Screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// patience is how long something may take to be printed on a busy machine.
const patience = time.Minute

// WaitFor blocks until text has been printed n times in all.
func (p *PTY) WaitFor(t *testing.T, text string, n int) {
	t.Helper()
	p.until(t, text, func(screen string) bool { return strings.Count(screen, text) >= n })
}

// Next blocks until text has been printed behind what Next waited for before.
func (p *PTY) Next(t *testing.T, text string) {
	t.Helper()
	p.until(t, text, func(screen string) bool {
		at := strings.Index(screen[p.read:], text)
		if at >= 0 {
			p.read += at + len(text)
		}
		return at >= 0
	})
}

func (p *PTY) until(t *testing.T, text string, printed func(screen string) bool) {
	t.Helper()
	late := time.After(patience)
	for !printed(p.Screen()) {
		select {
		case <-p.news:
		case <-late:
			t.Fatalf("%q was not printed; the screen has\n%s", text, p.Screen())
		}
	}
}

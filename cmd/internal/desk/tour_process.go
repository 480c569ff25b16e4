package desk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// ErrDaemon reports a program of a tour that is gone.
var ErrDaemon = errors.New("a program of the tour ended before its time")

// daemonProcess is a program that serves for as long as a tour takes, as a process of its
// own. It ends when the pipe to it is closed, so it never outlives this process.
type daemonProcess struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	takes  func(line string) bool // says of a line of it that it is at work
	taking chan struct{}          // closed when it is
	ended  chan struct{}          // closed when the process has ended

	mu   sync.Mutex
	said []string // its last lines
}

// start starts the program, with files that it inherits.
func (d *daemonProcess) start(program string, args []string, inherits ...*os.File) error {
	d.cmd = exec.Command(program, args...)
	d.cmd.ExtraFiles = inherits
	stderr, errErr := d.cmd.StderrPipe()
	in, errIn := d.cmd.StdinPipe()
	if err := errors.Join(errErr, errIn, d.cmd.Start()); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	d.in, d.taking, d.ended = in, make(chan struct{}), make(chan struct{})
	go d.listenTo(stderr)
	return nil
}

// works waits until the program has said that it is at work.
func (d *daemonProcess) works(ctx context.Context) error {
	select {
	case <-d.taking:
		return nil
	case <-d.ended:
		return fmt.Errorf("%w: %s", ErrDaemon, d.last())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// listenTo reads what the process says until it ends.
func (d *daemonProcess) listenTo(r io.Reader) {
	defer close(d.ended)
	begun := sync.OnceFunc(func() { close(d.taking) })
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if d.takes(lines.Text()) {
			begun()
		}
		d.mu.Lock()
		d.said = append(d.said, lines.Text())
		d.said = d.said[max(0, len(d.said)-20):]
		d.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, r) // after a line that is too long
	_ = d.cmd.Wait()              // how it ended is in what it said
}

// last are the last lines that the process said.
func (d *daemonProcess) last() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.said, " ")
}

// daemonEndTime is how long a program may take to finish what is under way.
const daemonEndTime = 20 * time.Second

// stop ends the process and waits for it.
func (d *daemonProcess) stop() error {
	if d.ended == nil {
		return nil
	}
	err := d.in.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil // it has ended by itself
	}
	select {
	case <-d.ended:
		return err
	case <-time.After(daemonEndTime):
		err = errors.Join(err, d.cmd.Process.Kill())
		<-d.ended
		return err
	}
}

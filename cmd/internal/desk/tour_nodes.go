package desk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"example.org/custody/evidence"
)

// Errors about the nodes of a tour.
var (
	ErrNoDaemon   = errors.New("custodyd is not beside custody")
	ErrNoLoopback = errors.New("this machine has no loopback interface that programs can meet at")
	ErrDaemon     = errors.New("a node of the tour ended before its time")
)

// nodeProcess is a custodyd that serves one state's home, as a process of its own. It ends
// when the pipe to it is closed, so it never outlives this process.
type nodeProcess struct {
	url    string
	socket *socket // until it is started
	cmd    *exec.Cmd
	in     io.WriteCloser
	taking chan struct{} // closed when it takes events
	ended  chan struct{} // closed when the process has ended

	mu   sync.Mutex
	said []string // its last lines
}

// newNodeProcess takes an address on loopback for a node.
func newNodeProcess() (*nodeProcess, error) {
	s, address, err := takeAddress()
	if err != nil {
		return nil, err
	}
	return &nodeProcess{url: "http://" + address, socket: s}, nil
}

// start starts the program on a home. ledgers are where its auditor reads the other
// states' ledgers.
func (d *nodeProcess) start(program, home string, ledgers map[evidence.Origin]string) error {
	f, err := d.socket.listen()
	if err != nil {
		return err
	}
	defer f.Close() // the process has its own
	args := []string{"serve", "--home", home, "--listen", "fd:3", "--until-eof"}
	for o, url := range ledgers {
		args = append(args, "--ledger", string(o)+"="+url)
	}
	d.cmd = exec.Command(program, args...)
	d.cmd.ExtraFiles = []*os.File{f}
	stderr, errErr := d.cmd.StderrPipe()
	in, errIn := d.cmd.StdinPipe()
	if err := errors.Join(errErr, errIn, d.cmd.Start()); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	d.in, d.taking, d.ended = in, make(chan struct{}), make(chan struct{})
	go d.listenTo(stderr)
	return nil
}

// takes waits until the node takes events: until it has asked the others what they have
// seen of its ledger.
func (d *nodeProcess) takes(ctx context.Context) error {
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
func (d *nodeProcess) listenTo(r io.Reader) {
	defer close(d.ended)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var line struct{ Msg string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "taking events" {
			close(d.taking)
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
func (d *nodeProcess) last() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.said, " ")
}

// nodeEndTime is how long a node may take to finish what is under way.
const nodeEndTime = 20 * time.Second

// stop ends the process and waits for it.
func (d *nodeProcess) stop() error {
	d.socket.close()
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
	case <-time.After(nodeEndTime):
		err = errors.Join(err, d.cmd.Process.Kill())
		<-d.ended
		return err
	}
}

package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Process is one server. It is not for concurrent use.
type Process struct {
	T     testing.TB
	Name  string
	Dir   string               // where it works; what it says goes to Name.log there
	Argv  []string             // program and arguments
	Env   []string             // nil: that of the test
	Attr  *syscall.SysProcAttr // as whom it runs; nil: as the test
	Ready func() error         // nil once it answers
	Ends  syscall.Signal       // how it is asked to end; 0: SIGTERM

	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
}

const (
	// upIn is how long a server may take to answer.
	upIn = time.Minute
	// askEvery is how often it is asked.
	askEvery = 20 * time.Millisecond
	// endsIn is how long it may take to end when it is told to.
	endsIn = 10 * time.Second
)

var errEnded = errors.New("it has ended")

// Start starts the process and waits until it answers. It may have been started before
// and have ended. One that ends at once is started again for a while: what it needs may
// just be getting free.
func (p *Process) Start() {
	p.T.Helper()
	for deadline := time.Now().Add(upIn); ; {
		err := p.Try(time.Until(deadline))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			p.T.Fatal(err)
		}
	}
}

// Try starts the process once, and waits until it answers or has ended.
func (p *Process) Try(within time.Duration) error {
	if err := p.begin(); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	deadline := time.Now().Add(within)
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		err := p.Ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			<-tick.C // it is not asked for in a hurry
			return fmt.Errorf("%s: %w: %w\n%s", p.Name, errEnded, err, p.Said())
		case <-tick.C:
		}
		if time.Now().After(deadline) {
			p.Kill()
			return fmt.Errorf("%s does not answer: %w\n%s", p.Name, err, p.Said())
		}
	}
}

func (p *Process) begin() error {
	out, err := os.OpenFile(p.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	p.cmd = exec.Command(p.Argv[0], p.Argv[1:]...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.Dir, p.Env, out, out
	p.cmd.SysProcAttr = new(syscall.SysProcAttr)
	if p.Attr != nil {
		*p.cmd.SysProcAttr = *p.Attr
	}
	endWithParent(p.cmd.SysProcAttr)
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return err
	}
	ended := make(chan struct{})
	p.ended = ended
	go func(c *exec.Cmd) { _ = c.Wait(); close(ended) }(p.cmd)
	return nil
}

func (p *Process) log() string { return filepath.Join(p.Dir, p.Name+".log") }

// Said returns the end of what the process has said.
func (p *Process) Said() string {
	b, _ := os.ReadFile(p.log())
	return string(b[max(0, len(b)-4000):])
}

// Stop asks the process to end and waits until it has; it is killed when it does not.
func (p *Process) Stop() {
	if p.Ends == 0 {
		p.end(syscall.SIGTERM)
		return
	}
	p.end(p.Ends)
}

// Kill kills the process, as kill -9 does, and waits until it has ended. Killing one
// that has ended, or was never started, does nothing.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

func (p *Process) end(s syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(s)
	select {
	case <-p.ended:
	case <-time.After(endsIn):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// Listens returns what asks whether somebody listens at host:port.
func Listens(address string) func() error {
	return func() error {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// Ports returns ports on loopback at which nobody listens now, no two the same.
func Ports(t testing.TB, n int) []int {
	t.Helper()
	var list []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		list = append(list, l.Addr().(*net.TCPAddr).Port)
	}
	return list
}

// Built returns the folder tmp/servers/name of the repository, in which .ci/servers has
// put a server's programs.
func Built(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		at := filepath.Join(dir, "tmp", "servers", name)
		if _, err := os.Stat(filepath.Join(at, "built")); err == nil {
			return at
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("%s is not built: call .ci/servers %s", name, name)
	return ""
}

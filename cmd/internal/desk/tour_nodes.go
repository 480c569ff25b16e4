package desk

import (
	"encoding/json"
	"errors"

	"example.org/custody/evidence"
)

// Errors about the nodes of a tour.
var (
	ErrNoDaemon   = errors.New("custodyd is not beside custody")
	ErrNoLoopback = errors.New("this machine has no loopback interface that programs can meet at")
)

// nodeProcess is a custodyd that serves one state's home.
type nodeProcess struct {
	daemonProcess
	url    string
	socket *socket // until it is started
}

// newNodeProcess takes an address on loopback for a node.
func newNodeProcess() (*nodeProcess, error) {
	s, address, err := takeAddress()
	if err != nil {
		return nil, err
	}
	return &nodeProcess{daemonProcess{takes: takesEvents}, "http://" + address, s}, nil
}

// takesEvents is a line of a node that takes events: it has asked the others what they
// have seen of its ledger.
func takesEvents(line string) bool {
	var said struct{ Msg string }
	return json.Unmarshal([]byte(line), &said) == nil && said.Msg == "taking events"
}

// serve starts the program on a home. ledgers are where its auditor reads the other
// states' ledgers.
func (d *nodeProcess) serve(program, home string, ledgers map[evidence.Origin]string) error {
	f, err := d.socket.listen()
	if err != nil {
		return err
	}
	defer f.Close() // the process has its own
	args := []string{"serve", "--home", home, "--listen", "fd:3", "--until-eof"}
	for o, url := range ledgers {
		args = append(args, "--ledger", string(o)+"="+url)
	}
	return d.start(program, args, f)
}

// stop ends the process and waits for it.
func (d *nodeProcess) stop() error {
	d.socket.close()
	return d.daemonProcess.stop()
}

//go:build unix

package desk

import (
	"fmt"
	"os"
	"syscall"
)

// socket is an address on loopback that is taken and not served yet: whoever asks
// there is refused at once, and does not wait for a process that is still to come.
type socket struct{ fd int }

// takeAddress takes an address of the kernel's choice.
func takeAddress() (*socket, string, error) {
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, "", err
	}
	s := &socket{fd}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		s.close()
		return nil, "", fmt.Errorf("%w: %w", ErrNoLoopback, os.NewSyscallError("bind", err))
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		s.close()
		return nil, "", os.NewSyscallError("getsockname", err)
	}
	return s, fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port), nil
}

// listen begins to take connections, for a process that inherits the file.
func (s *socket) listen() (*os.File, error) {
	if err := syscall.Listen(s.fd, 128); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	f := os.NewFile(uintptr(s.fd), "listener")
	s.fd = -1
	return f, nil
}

// close gives the address back.
func (s *socket) close() {
	if s.fd >= 0 {
		_ = syscall.Close(s.fd) // nothing was sent
		s.fd = -1
	}
}

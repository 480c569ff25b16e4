//go:build unix

package servertest

import "syscall"

// Freeze stops the process where it is, until [Process.Thaw]: it answers nothing and
// keeps its connections.
func (p *Process) Freeze() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (p *Process) Thaw() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

package servertest

import "syscall"

// endWithParent has a server killed when the test's process ends however that ends.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }

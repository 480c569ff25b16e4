package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// unmap lets go of the pages of the program itself. Starting it has touched nearly all of
// them once, with the initialisation of every package, and Linux maps what lies around each
// page too: some 15 MB that count as this process's memory for as long as it lives. What is
// needed again is mapped again, from the page cache. Where anything fails it stays as it is.
//
// A mapping in which anything was written keeps its pages, read-only or not: they are in no
// file, as the relocated data of a position-independent program.
func unmap() {
	smaps, err := os.Open("/proc/self/smaps") // proc_pid_smaps(5)
	if err != nil {
		return
	}
	defer smaps.Close()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	var from, to uintptr // the mapping that the lines are about; empty unless it is the program's
	for s := bufio.NewScanner(smaps); s.Scan(); {
		var start, end uintptr
		var may string
		if n, _ := fmt.Sscanf(s.Text(), "%x-%x %4s", &start, &end, &may); n == 3 {
			from, to = 0, 0
			if strings.HasSuffix(s.Text(), " "+self) && !strings.Contains(may, "w") {
				from, to = start, end
			}
		}
		if written, ok := strings.CutPrefix(s.Text(), "Anonymous:"); ok && from < to && strings.TrimSpace(written) == "0 kB" {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}

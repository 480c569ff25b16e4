package main

import (
	"os"

	"example.org/custody/cmd/internal/desk"
)

// Where a zip file goes over to zip64 (APPNOTE.TXT 4.3.9.2, 4.4.1.4): from so many bytes
// on, and a bag from so many members on, of which four are no copies.
const (
	zip64Bytes  = 1<<32 - 1
	zip64Copies = 1<<16 - 1 - 4
)

// warnLarge says what cannot read a package that had to be written as zip64.
func (t *tool) warnLarge(out string, done *desk.Packed) {
	info, err := os.Stat(out)
	if err == nil && needsZip64(info.Size(), done.Most) {
		t.term.Warn("the package is in the form zip64: unzip before version 6.0, Windows before Vista and programs that read containers of up to 4 GiB cannot open it. Ask the receiver, or pack fewer items at a time")
	}
}

// needsZip64 reports whether a package of so many bytes, of which the largest bag has so
// many copies, may be one that only programs with zip64 can read.
func needsZip64(size int64, most int) bool { return size >= zip64Bytes || most >= zip64Copies }

package asic

import (
	"fmt"
	"io"
	"strings"
)

// zipWriter writes members and their directory; names and limits are checked
// here, so that nothing can be written that would not be read.
type zipWriter struct {
	layout  layout
	limits  Limits
	w       io.Writer
	at      int64 // position after all that was written
	members []member
	names   nameSet
	scratch []byte
	zip64   bool // known once finished
}

func newZipWriter(w io.Writer, l Limits) *zipWriter {
	return &zipWriter{layout: standard, limits: l, w: w, names: nameSet{}}
}

// Write appends content or headers at the current position.
func (z *zipWriter) Write(p []byte) (int, error) {
	n, err := z.w.Write(p)
	z.at += int64(n)
	return n, err
}

// begin checks a further member and writes its local header, with the size and
// checksum that are known so far.
func (z *zipWriter) begin(name string, size int64, crc uint32) (*member, error) {
	if err := z.admit(name, size); err != nil {
		return nil, err
	}
	z.members = append(z.members, member{name: name, size: size, crc: crc, at: z.at})
	m := &z.members[len(z.members)-1]
	z.scratch = z.layout.appendLocal(z.scratch[:0], m)
	if _, err := z.Write(z.scratch); err != nil {
		return nil, fmt.Errorf("container: entry %q: %w", name, err)
	}
	return m, nil
}

func (z *zipWriter) admit(name string, size int64) error {
	if len(z.members) >= z.limits.Entries {
		return refuse(ErrLimit, name, -1, "would be entry %d, no more than %d are read", len(z.members)+1, z.limits.Entries)
	}
	if err := CheckName(name); err != nil {
		return refuse(ErrMalformed, name, -1, "%v", err)
	}
	if most := z.limits.Size(name); size > most {
		return refuse(ErrLimit, name, -1, "has %d bytes, no more than %d are read", size, most)
	}
	if err := z.names.add(name); err != nil {
		return refuse(ErrMalformed, name, -1, "%v", err)
	}
	return nil
}

// after reports whether name may follow the last member in ascending order.
func (z *zipWriter) after(name string) error {
	if n := len(z.members); n > 0 && strings.Compare(name, z.members[n-1].name) <= 0 {
		return refuse(ErrMalformed, name, -1, "comes after %.200q; entries are written in ascending order", z.members[n-1].name)
	}
	return nil
}

// finish writes the directory of all members.
func (z *zipWriter) finish() error {
	start := z.at
	for i := range z.members {
		z.scratch = z.layout.appendCentral(z.scratch[:0], &z.members[i])
		if _, err := z.Write(z.scratch); err != nil {
			return fmt.Errorf("container: %w", err)
		}
	}
	z.zip64 = z.layout.end64(len(z.members), z.at-start, start)
	if _, err := z.Write(z.layout.appendEnd(nil, len(z.members), z.at-start, start)); err != nil {
		return fmt.Errorf("container: %w", err)
	}
	return nil
}

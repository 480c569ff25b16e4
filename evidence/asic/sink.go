package asic

import (
	"fmt"
	"io"
)

// sinkBuffer holds small files with their headers, so that thousands of them
// cost few system calls; larger writes pass it by.
const sinkBuffer = 1 << 20

// sink writes forward and lets a header that was written be patched, since it
// holds the checksum and length of what follows it.
type sink struct {
	dst  io.WriterAt
	base int64  // position in dst of buf[0]
	buf  []byte // not yet written
}

func newSink(dst io.WriterAt) *sink {
	return &sink{dst: dst, buf: make([]byte, 0, sinkBuffer)}
}

// Write appends p whole: to the buffer or to the file, never split.
func (s *sink) Write(p []byte) (int, error) {
	if len(s.buf)+len(p) > cap(s.buf) {
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) >= cap(s.buf) {
		n, err := s.dst.WriteAt(p, s.base)
		s.base += int64(n)
		return n, err
	}
	s.buf = append(s.buf, p...)
	return len(p), nil
}

func (s *sink) flush() error {
	if len(s.buf) == 0 {
		return nil
	}
	if _, err := s.dst.WriteAt(s.buf, s.base); err != nil {
		return err
	}
	s.base += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// patch replaces what one earlier Write put at position at.
func (s *sink) patch(at int64, p []byte) error {
	if at >= s.base {
		copy(s.buf[at-s.base:], p)
		return nil
	}
	_, err := s.dst.WriteAt(p, at)
	return err
}

// widen makes room for n bytes at position at by moving all that follows. It is
// for the one case in which the length of a header is known late: an entry of
// unstated size that turns out to need zip64.
func (s *sink) widen(at, n int64) error {
	if err := s.flush(); err != nil {
		return err
	}
	src, ok := s.dst.(io.ReaderAt)
	if !ok {
		return fmt.Errorf("an entry of unstated size needs zip64, and the file cannot be read back to make room")
	}
	block := s.buf[:cap(s.buf)]
	for end := s.base; end > at; {
		b := block[:min(int64(len(block)), end-at)]
		end -= int64(len(b))
		if _, err := src.ReadAt(b, end); err != nil {
			return err
		}
		if _, err := s.dst.WriteAt(b, end+n); err != nil {
			return err
		}
	}
	s.base += n
	return nil
}

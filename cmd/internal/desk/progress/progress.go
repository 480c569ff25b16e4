// Package progress tells whoever waits how far long work has come.
package progress

import "io"

// Sink is told how far long work has come. Its methods may be called from
// several goroutines.
type Sink interface {
	// Stage begins a stage of the work: its name in one or two words, and its
	// totals in bytes and files, below 0 when not known.
	Stage(name string, bytes int64, files int)
	// File says that the next file is in work.
	File(name string)
	// Add counts bytes that are done.
	Add(n int64)
}

// None tells nobody.
type None struct{}

// Stage implements [Sink].
func (None) Stage(string, int64, int) {}

// File implements [Sink].
func (None) File(string) {}

// Add implements [Sink].
func (None) Add(int64) {}

// Or returns p, or [None] in the place of nil.
func Or(p Sink) Sink {
	if p == nil {
		return None{}
	}
	return p
}

// Reader counts what is read from r.
func Reader(r io.Reader, p Sink) io.Reader { return reader{r, p} }

// ReadCloser counts what is read from r.
func ReadCloser(r io.ReadCloser, p Sink) io.ReadCloser { return readCloser{reader{r, p}, r} }

// Writer counts what is written to w.
func Writer(w io.Writer, p Sink) io.Writer { return writer{w, p} }

type reader struct {
	r io.Reader
	p Sink
}

// Read implements [io.Reader].
func (c reader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.p.Add(int64(n))
	return n, err
}

type readCloser struct {
	reader
	io.Closer
}

type writer struct {
	w io.Writer
	p Sink
}

// Write implements [io.Writer].
func (c writer) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.p.Add(int64(n))
	return n, err
}

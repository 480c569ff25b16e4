package ui

import (
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ProgressVariable is the environment variable that says how often a status line
// is written where there is no bar: a duration such as 30s or 5m, a number of
// seconds, or off for never. It defaults to [ProgressDefault].
const ProgressVariable = "CUSTODY_PROGRESS"

// ProgressDefault is the time between status lines unless the user says
// otherwise. [progressFloor] is the shortest.
const ProgressDefault = 30 * time.Second

// progressFloor keeps a log readable whatever the user asks.
const progressFloor = 100 * time.Millisecond

// Progress shows how far a long work is: a bar on a terminal once it has lasted
// a second, else a status line at the interval of [ProgressVariable]. Work that
// ends sooner shows nothing. Its methods may be called from several goroutines,
// and on a nil Progress, where they do nothing.
type Progress struct {
	t     *Terminal
	bytes atomic.Int64 // done in this stage

	mu         sync.Mutex
	stage      string
	file       string
	bytesTotal int64
	filesTotal int
	filesBegun int
	began      time.Time // of the stage
	first      time.Time // of the work

	stop chan struct{}
	done chan struct{}
}

// Progress begins to show a long work; the caller calls Close when it is over,
// before it prints results. One Progress is shown at a time.
func (t *Terminal) Progress() *Progress {
	now := time.Now()
	p := &Progress{t: t, bytesTotal: -1, filesTotal: -1, began: now, first: now,
		stop: make(chan struct{}), done: make(chan struct{})}
	t.progress.Store(p)
	every := t.progressEvery()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case every <= 0:
		close(p.done)
	case t.barWanted():
		t.bar = &bar{w: t.std.Err, cols: func() int { return width(t.std.Err) }}
		go p.run(barEvery, p.drawBar)
	default:
		go p.run(every, func() { t.events.status(p.Status()) })
	}
	return p
}

// Stage begins a stage of the work: stage is one or two words; bytes and files
// are its totals, below 0 if not known. Counting starts again from 0.
func (p *Progress) Stage(stage string, bytes int64, files int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.stage, p.file, p.began = stage, "", time.Now()
	p.bytesTotal, p.filesTotal, p.filesBegun = bytes, files, 0
	p.bytes.Store(0)
	p.mu.Unlock()
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	if p.t.bar != nil {
		p.t.bar.start(stage, bytes)
	}
}

// File says that the next file is in work; the one before it is finished.
func (p *Progress) File(path string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.file = path
	p.filesBegun++
	p.mu.Unlock()
}

// Add counts bytes that are done.
func (p *Progress) Add(bytes int64) {
	if p != nil {
		p.bytes.Add(bytes)
	}
}

// Reader returns r with every byte that is read from it counted.
func (p *Progress) Reader(r io.Reader) io.Reader { return countingReader{r, p} }

type countingReader struct {
	r io.Reader
	p *Progress
}

func (c countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.p.Add(int64(n))
	return n, err
}

// Status returns how far the work is.
func (p *Progress) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{Stage: p.stage, File: p.file,
		BytesDone: p.bytes.Load(), BytesTotal: p.bytesTotal,
		FilesDone: max(p.filesBegun-1, 0), FilesTotal: p.filesTotal,
		Elapsed: time.Since(p.began)}
}

// Close ends the showing and takes the bar off the screen. It may be called
// more than once.
func (p *Progress) Close() {
	if p == nil || !p.t.progress.CompareAndSwap(p, nil) {
		return
	}
	close(p.stop)
	<-p.done
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.t.bar.clear()
	p.t.bar = nil
}

// run calls show every interval until p is closed.
func (p *Progress) run(interval time.Duration, show func()) {
	defer close(p.done)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			show()
		}
	}
}

// drawBar draws the bar once the work has lasted long enough for one.
func (p *Progress) drawBar() {
	s := p.Status()
	t := p.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bar.pic == nil {
		t.bar.start(s.Stage, s.BytesTotal)
	}
	if time.Since(p.first) >= barDelay {
		t.bar.draw(s)
	}
}

// barWanted reports whether this terminal can and should show a bar.
func (t *Terminal) barWanted() bool {
	return !t.opt.JSON && t.std.getenv("TERM") != "dumb" && isTerminal(t.std.Err)
}

// progressEvery returns the interval of status lines, 0 for no progress at all.
func (t *Terminal) progressEvery() time.Duration {
	if t.opt.Quiet {
		return 0
	}
	every, ok := parseInterval(t.std.getenv(ProgressVariable))
	if !ok {
		t.Warn("%s is not a duration such as 30s, nor off; using %s", ProgressVariable, ProgressDefault)
		return ProgressDefault
	}
	return every
}

// parseInterval reads the value of [ProgressVariable].
func parseInterval(s string) (time.Duration, bool) {
	if s == "" {
		return ProgressDefault, true
	}
	if s == "off" {
		return 0, true
	}
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, false
	}
	if d == 0 {
		return 0, true
	}
	return max(d, progressFloor), true
}

// SayState prints how far the long work is, or that there is none: the answer to
// SIGUSR1. --quiet does not silence it.
func (t *Terminal) SayState() {
	if p := t.progress.Load(); p != nil {
		t.events.status(p.Status())
		return
	}
	t.events.note("no long work at this moment")
}

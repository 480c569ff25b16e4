package ui

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// progressScreen is a terminal with CUSTODY_PROGRESS set to every.
func progressScreen(every string, o Options) (*Terminal, *bytes.Buffer) {
	errs := new(bytes.Buffer)
	t := NewTerminal(Streams{Out: io.Discard, Err: errs, Getenv: func(key string) string {
		if key == ProgressVariable {
			return every
		}
		return ""
	}})
	t.Configure(o)
	return t, errs
}

func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term, errs := progressScreen("10s", Options{})
		p := term.Progress()
		p.Stage("hashing", 100<<20, 2)
		p.File("a.raw")
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if errs.Len() > 0 {
			t.Fatalf("too early: %s", errs)
		}
		p.Add(50 << 20)
		time.Sleep(time.Second)
		synctest.Wait()
		p.File("b.raw")
		p.Stage("storing", -1, -1)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		p.Close()
		p.Close()
		want := "custody: hashing: 50.0 MiB of 100.0 MiB (50 %), 0 of 2 files, 5.0 MiB/s, 10s left, a.raw\n" +
			"custody: storing: 0 B\n"
		if errs.String() != want {
			t.Errorf("got\n%swant\n%s", errs, want)
		}
	})
}

func TestProgressSilent(t *testing.T) {
	for name, tt := range map[string]struct {
		every string
		opt   Options
	}{
		"off":   {"off", Options{}},
		"zero":  {"0", Options{}},
		"quiet": {"1s", Options{Quiet: true}},
	} {
		synctest.Test(t, func(t *testing.T) {
			term, errs := progressScreen(tt.every, tt.opt)
			p := term.Progress()
			p.Stage("hashing", 10, 1)
			time.Sleep(time.Hour)
			synctest.Wait()
			if errs.Len() > 0 {
				t.Errorf("%s: printed %q", name, errs)
			}
			term.SayState() // answers all the same
			if !strings.Contains(errs.String(), "hashing: 0 B of 10 B") {
				t.Errorf("%s: state is %q", name, errs)
			}
			p.Close()
		})
	}
}

func TestSayStateIdle(t *testing.T) {
	term, errs := progressScreen("", Options{})
	term.SayState()
	term.Progress().Close()
	term.SayState()
	if got := strings.Count(errs.String(), "no long work"); got != 2 {
		t.Errorf("said %q", errs)
	}
}

func TestParseInterval(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"": ProgressDefault, "off": 0, "0": 0, "0s": 0, "5": 5 * time.Second, "2m": 2 * time.Minute, "1ms": progressFloor,
	} {
		if got, ok := parseInterval(in); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"soon", "-1s", "-1", "1x", "99999999999999999999"} {
		if got, ok := parseInterval(in); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
	term, errs := progressScreen("soon", Options{})
	term.Progress().Close()
	if !strings.Contains(errs.String(), "CUSTODY_PROGRESS is not a duration") {
		t.Errorf("a wrong interval is not mentioned: %q", errs)
	}
}

func TestProgressNil(t *testing.T) {
	var p *Progress
	p.Stage("x", 1, 1)
	p.File("f")
	p.Add(1)
	p.Close()
	if b, err := io.ReadAll(p.Reader(strings.NewReader("abc"))); err != nil || string(b) != "abc" {
		t.Errorf("read %q, %v", b, err)
	}
}

// Counting from many goroutines while the state is read loses nothing.
func TestProgressConcurrent(t *testing.T) {
	term, _ := progressScreen("100ms", Options{JSON: true})
	p := term.Progress()
	p.Stage("hashing", 1000, 100)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				p.File("f")
				io.Copy(io.Discard, p.Reader(strings.NewReader("0123456789")))
				p.Status()
				term.Say("x")
			}
		})
	}
	wg.Wait()
	if s := p.Status(); s.BytesDone != 1000 || s.FilesDone != 99 {
		t.Errorf("done %d bytes, %d files", s.BytesDone, s.FilesDone)
	}
	p.Close()
}

// A bar never wraps, whatever the names and sizes, and wiping it leaves nothing.
func TestBarFits(t *testing.T) {
	for _, cols := range []int{20, 40, 80, 200} {
		screen := new(line)
		b := &bar{w: screen, cols: func() int { return cols }}
		for _, total := range []int64{1 << 40, -1, 0} {
			b.start("sealing", total)
			for done := int64(0); done <= 1<<40; done += 1 << 37 {
				b.draw(Status{Stage: "sealing", File: strings.Repeat("東京/ü\x1b[2J", 20), BytesDone: done, BytesTotal: total})
				if n := screen.columns(); n == 0 || n >= cols {
					t.Fatalf("%d columns of %d: %q", n, cols, screen.text())
				}
			}
		}
		b.clear()
		if n := screen.columns(); n != 0 {
			t.Errorf("%d columns are left: %q", n, screen.text())
		}
	}
}

func TestBarSays(t *testing.T) {
	screen := new(line)
	b := &bar{w: screen, cols: func() int { return 120 }}
	b.start("sealing", 100<<20)
	s := Status{Stage: "sealing", File: "dir/disk.e01", BytesDone: 50 << 20, BytesTotal: 100 << 20}
	b.draw(s)
	for _, want := range []string{"sealing dir/disk.e01", "50%", "50/100 MiB", "/s)"} {
		if !strings.Contains(screen.text(), want) {
			t.Errorf("%q is not in %q", want, screen.text())
		}
	}
	s.BytesDone = 100 << 20
	b.draw(s)
	if !strings.Contains(screen.text(), "99%") {
		t.Errorf("the bar is gone or full before the work is over: %q", screen.text())
	}
	var none *bar
	none.clear()
}

// line is one line of a terminal: cells that are written over after a carriage
// return, so that what a wipe leaves behind can be seen.
type line struct {
	cells []string
	at    int
}

func (l *line) Write(p []byte) (int, error) {
	for _, r := range string(p) {
		switch n := runeWidth(r); {
		case r == '\r':
			l.at = 0
		case n == 0 && l.at > 0:
			l.cells[l.at-1] += string(r)
		default:
			for len(l.cells) < l.at+n {
				l.cells = append(l.cells, " ")
			}
			l.cells[l.at] = string(r)
			if n == 2 {
				l.cells[l.at+1] = ""
			}
			l.at += n
		}
	}
	return len(p), nil
}

// text is what is on the line, less blanks at its end.
func (l *line) text() string { return strings.TrimRight(strings.Join(l.cells, ""), " ") }

func (l *line) columns() int { return displayWidth(l.text()) }

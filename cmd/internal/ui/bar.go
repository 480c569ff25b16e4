package ui

import (
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar is a progress bar on the last line of the terminal. The library makes the
// picture; bar cuts it to the width of the terminal, so that it never wraps, and
// wipes it before anything else is printed. Its methods are called with
// Terminal.mu held, and clear may be called on nil.
type bar struct {
	w     io.Writer
	cols  func() int
	stage string
	pic   *progressbar.ProgressBar
	total int64 // of pic, -1 if not known
	drawn int   // columns on the screen now
}

// start makes a new picture for a stage that began ago before now.
func (b *bar) start(stage string, total int64) {
	if total <= 0 {
		total = -1
	}
	b.stage, b.total = stage, total
	b.pic = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(io.Discard),
		progressbar.OptionShowBytes(true),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(total > 0),
		progressbar.OptionSetElapsedTime(total < 0),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
	)
	b.pic.StartWithoutRender() // its clock starts now, though nothing is drawn yet
}

// draw shows s. A total that is reached is held just below, because the library
// takes it for the end, and the work ends when its owner says so.
func (b *bar) draw(s Status) {
	if total := max(s.BytesTotal, -1); b.total != total && total > 0 {
		b.total = total
		b.pic.ChangeMax64(total)
	}
	done := s.BytesDone
	if b.total > 0 {
		done = min(done, b.total-1)
	}
	cols := b.cols()
	b.pic.Describe(describe(s, cols))
	b.pic.Set64(done)
	picture := cut(strings.TrimPrefix(b.pic.String(), "\r"), cols-1)
	b.wipe()
	io.WriteString(b.w, picture)
	b.drawn = displayWidth(picture)
}

// wipe leaves the cursor at the start of an empty line.
func (b *bar) wipe() {
	if b.drawn > 0 {
		io.WriteString(b.w, "\r"+strings.Repeat(" ", b.drawn)+"\r")
	}
	b.drawn = 0
}

// clear wipes b off the screen; the next draw brings it back.
func (b *bar) clear() {
	if b != nil {
		b.wipe()
	}
}

// describe is what stands before the bar: the stage and, where there is room,
// the end of the name of the file.
func describe(s Status, cols int) string {
	const rest = 64 // columns of bar, sizes, rate and times
	text := oneLine(s.Stage)
	room := cols - rest - displayWidth(text) - 1
	if s.File == "" || room < 8 {
		return text
	}
	return text + " " + cutFront(name(s.File), room)
}

// barDelay is how long a work lasts before it gets a bar.
const barDelay = time.Second

// barEvery is the time between two pictures.
const barEvery = 100 * time.Millisecond

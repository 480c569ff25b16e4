package s3

import (
	"context"
	"io"
	"sync"
	"time"
)

// Wait says that a service is waited for, or that the waiting is over.
type Wait struct {
	Location Location
	For      time.Duration // since the service last answered, or bytes last moved
	Left     time.Duration // how long it is asked again: from now, or from its failure while it has only not answered
	Failed   error         // how it failed last; nil while it has only not answered
	Over     bool          // it answers again
}

// silence is how long nothing may come from a service, nor go to it, before whoever
// waits is told.
const silence = 5 * time.Second

// vigil watches over one store's requests and tells whoever waits, once for each time
// that the service falls silent and once when it answers again.
type vigil struct {
	tell     func(Wait) // nil: nobody is told
	location Location
	patience time.Duration

	mu      sync.Mutex
	asking  int       // questions that have no answer yet
	last    time.Time // when the service last answered, or bytes last moved
	failed  error     // how it failed since then, and
	until   time.Time // when the first that failed since then is given up
	told    bool      // of this silence
	timer   *time.Timer
	telling bool   // somebody calls tell
	untold  []Wait // what they are to tell next
}

// isLooking marks the context of questions that only look whether what is waited for has
// come: that they are answered does not end the waiting.
type isLooking struct{}

func looking(ctx context.Context) context.Context { return context.WithValue(ctx, isLooking{}, true) }

// watch returns the vigil that a question is part of.
func (s *Store) watch(ctx context.Context) *vigil {
	if ctx.Value(isLooking{}) != nil {
		return new(vigil)
	}
	return &s.vigil
}

// begin says that the service is asked something; end, that this is over.
func (v *vigil) begin() (end func()) {
	if v.tell == nil {
		return func() {}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asking++; v.asking == 1 {
		v.heard()
	}
	return v.end
}

func (v *vigil) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asking--
}

// heard begins to wait for the next silence. It is called with mu held.
func (v *vigil) heard() {
	v.last, v.failed, v.told = time.Now(), nil, false
	if v.timer == nil {
		v.timer = time.AfterFunc(silence, v.look)
		return
	}
	v.timer.Reset(silence)
}

// answered says that the service has answered what it was asked.
func (v *vigil) answered() {
	if v.tell == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	told, w := v.told, Wait{Location: v.location, For: time.Since(v.last), Over: true}
	v.heard()
	if told {
		v.say(w)
	}
}

// say tells w, after what was to be told before. It is called with mu held and lets go of
// it meanwhile: nobody else waits for whoever is told, who may be a terminal that stands.
func (v *vigil) say(w Wait) {
	if v.untold = append(v.untold, w); v.telling {
		return
	}
	v.telling = true
	for len(v.untold) > 0 {
		w, v.untold = v.untold[0], v.untold[1:]
		v.mu.Unlock()
		v.tell(w)
		v.mu.Lock()
	}
	v.telling = false
}

// moved says that bytes go to the service or come from it. That ends no silence: who
// takes bytes again and again and fails each time has not answered.
func (v *vigil) moved() {
	if v.tell == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed == nil && !v.told {
		v.last = time.Now()
	}
}

// failing says that the service failed with err, and is asked again until then.
func (v *vigil) failing(err error, until time.Time) {
	if v.tell == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed == nil {
		v.until = until
	}
	v.failed = err
}

// look tells of the silence, if it is one by now.
func (v *vigil) look() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asking == 0 {
		return
	}
	quiet := time.Since(v.last)
	if quiet < silence {
		v.timer.Reset(silence - quiet)
		return
	}
	w := Wait{Location: v.location, For: quiet, Left: v.patience, Failed: v.failed}
	if v.failed != nil {
		w.Left = max(time.Until(v.until), 0)
	}
	v.told = true
	v.say(w)
}

// watched is r, whose bytes are seen to move.
type watched struct {
	io.Reader
	v *vigil
}

// Read implements [io.Reader].
func (w watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.v.moved()
	}
	return n, err
}

package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

var errInjected = errors.New("injected fault")

// nthFault fails the nth time that op is met.
type nthFault struct {
	op    string
	n     int
	apply bool
	stays bool // it fails every time from then on
	armed bool // faults happen only while it is set
	fired bool
}

// String names the fault, such as sync1ButPersist.
func (f *nthFault) String() string {
	name := fmt.Sprintf("%s%dNotPersist", f.op, f.n)
	if f.apply {
		name = fmt.Sprintf("%s%dButPersist", f.op, f.n)
	}
	if f.stays {
		name += "Stays"
	}
	return name
}

func (f *nthFault) ask(op string) (bool, error) {
	if op != f.op || f.fired && !f.stays {
		return false, nil
	}
	if f.n--; f.n > 0 {
		return false, nil
	}
	f.fired = true
	return f.apply, errInjected
}

// eachFault calls test once for every change that it makes through the store,
// not persisted and persisted but reported as failed, until it makes no more
// such changes. Each test sets armed while a fault may happen.
func (t *suite) eachFault(test func(t *suite, s store.Store, f *nthFault)) {
	var mu sync.Mutex
	var current *nthFault
	s := t.open(func(op string) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		if current == nil || !current.armed {
			return false, nil
		}
		return current.ask(op)
	})
	total := 0
	for _, kind := range t.faultKinds() {
		for n := 1; ; n++ {
			kind.n = n
			current = &kind
			t.Run(current.String(), func(inner *testing.T) {
				test(&suite{inner, t.engine, t.ctx}, s, current)
			})
			if !kind.fired {
				break
			}
			kind.fired = false
			total++
		}
	}
	if total == 0 {
		t.Error("no fault was ever injected: Ops are wrong")
	}
}

// faultKinds lists every way in which a change can fail.
func (t *suite) faultKinds() (kinds []nthFault) {
	for _, op := range t.engine.Ops {
		for _, apply := range []bool{false, true} {
			kinds = append(kinds, nthFault{op: op, apply: apply})
			if t.engine.Recovers {
				kinds = append(kinds, nthFault{op: op, apply: apply, stays: true})
			}
		}
	}
	return kinds
}

// noticed reports whether a change says of a fault what it must.
func (t *suite) noticed(f *nthFault, err error) bool {
	switch {
	case err == nil:
		return !f.fired || t.engine.Recovers && (f.apply || !f.stays) // what was done may be found
	case t.engine.Recovers:
		return f.fired // with whatever error says best what happened
	}
	return f.fired && errors.Is(err, errInjected)
}

func (t *suite) putFaults() {
	other := evidence.NewObjectName()
	t.eachFault(func(t *suite, s store.Store, f *nthFault) {
		name, size := evidence.NewObjectName(), cmp.Or(t.engine.FaultSize, 1<<20+9)
		if _, err := s.Stat(t.ctx, other); err != nil {
			t.put(s, other, 50)
		}
		f.armed = true
		_, err := s.Put(t.ctx, name, bytes.NewReader(content(name, size)))
		f.armed = false
		if !t.noticed(f, err) {
			t.Errorf("fault injected: %v, put says %v", f.fired, err)
		}
		t.wholeOrAbsent(s, name, size)
		t.check(s, other, 50)
		if err := s.Delete(t.ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("delete after the fault: %v", err)
		}
		t.put(s, name, 77)
		t.check(s, name, 77)
	})
}

func (t *suite) deleteFaults() {
	t.eachFault(func(t *suite, s store.Store, f *nthFault) {
		name, size := evidence.NewObjectName(), 5000
		t.put(s, name, size)
		f.armed = true
		err := s.Delete(t.ctx, name)
		f.armed = false
		if !t.noticed(f, err) {
			t.Errorf("fault injected: %v, delete says %v", f.fired, err)
		}
		if err == nil {
			t.absent(s, name)
		}
		t.wholeOrAbsent(s, name, size)
	})
}

// wholeOrAbsent checks what holds after any failure.
func (t *suite) wholeOrAbsent(s store.Store, name evidence.ObjectName, size int) {
	t.Helper()
	if _, err := s.Stat(t.ctx, name); errors.Is(err, fs.ErrNotExist) {
		t.absent(s, name)
		return
	}
	t.check(s, name, size)
}

package vault_test

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence/store/durable"
)

var errBroken = errors.New("bad sector")

// TestFaults fails every change to the file system once, with the change made
// (a lost answer) and not made. Nothing is lost, nothing is left, and the story
// goes on after the next open.
func TestFaults(t *testing.T) {
	for _, apply := range []bool{false, true} {
		for n := int64(1); ; n++ {
			if !faultAt(t, n, apply) {
				if n < 60 {
					t.Errorf("only %d changes: the hook does not see them all", n)
				}
				break
			}
		}
	}
}

// faultAt tells the story with its change number n failing, and reports whether
// there was one.
func faultAt(t *testing.T, n int64, apply bool) bool {
	var changes atomic.Int64
	var failed atomic.Value
	d := newDeskIn(t, memoryDir(t))
	d.files.Fault = func(op durable.Op, path string) (bool, error) {
		if changes.Add(1) == n {
			failed.Store(string(op) + " " + path)
			return apply, errBroken
		}
		return false, nil
	}
	d.close()
	s := newStory(t, d)
	err := d.tryOpen()
	if err == nil {
		err = s.tell()
	}
	if failed.Load() == nil {
		if err != nil {
			t.Fatal(err)
		}
		return false
	}
	if err != nil && !errors.Is(err, errBroken) {
		t.Errorf("%s (made: %v): %v", failed.Load(), apply, err)
	}
	d.files.Fault = nil
	d.reopen()
	if err := s.resume(); err != nil {
		t.Fatalf("%s (made: %v): resume: %v", failed.Load(), apply, err)
	}
	if err := s.check(false); err != nil {
		t.Errorf("%s (made: %v): %v", failed.Load(), apply, err)
	}
	if err := s.tell(); err != nil {
		t.Fatalf("%s (made: %v): %v", failed.Load(), apply, err)
	}
	if err := s.check(true); err != nil {
		t.Errorf("%s (made: %v), at the end: %v", failed.Load(), apply, err)
	}
	d.close()
	return true
}

// TestFaultsAgainAndAgain lets changes fail at random, those of putting right
// what earlier ones left included.
func TestFaultsAgainAndAgain(t *testing.T) {
	for seed := range uint64(12) {
		d := newDeskIn(t, memoryDir(t))
		r := rand.New(rand.NewPCG(seed, 1))
		var broken atomic.Bool
		var draw = make(chan bool)
		done := make(chan struct{})
		go func() {
			for {
				select {
				case draw <- r.IntN(50) == 0:
				case <-done:
					return
				}
			}
		}()
		d.files.Fault = func(durable.Op, string) (bool, error) {
			if broken.Load() || !<-draw { // after the first, the process is as good as dead
				return false, nil
			}
			broken.Store(true)
			return seed%2 == 0, errBroken
		}
		s := newStory(t, d)
		for tries := 0; ; tries++ {
			d.close()
			broken.Store(false)
			err := d.tryOpen()
			if err == nil {
				err = s.resume()
			}
			if err == nil {
				err = s.tell()
			}
			if err == nil {
				break
			}
			if !errors.Is(err, errBroken) || tries == 200 {
				t.Fatalf("seed %d, try %d: %v", seed, tries, err)
			}
		}
		close(done)
		d.files.Fault = nil
		d.reopen()
		if err := s.check(true); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		d.close()
	}
}

package vault_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"example.org/custody/evidence"
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

// TestErasureBrokenTwice breaks off an erasure at every change, and the next
// open, which carries it out, at every change too. The same content was sealed
// twice: the register keeps the entries of the other sealing.
func TestErasureBrokenTwice(t *testing.T) {
	whole := newDeskIn(t, memoryDir(t))
	s := newStory(t, whole)
	other := whole.seal(s.path)
	for s.told < 2 {
		if err := s.steps()[s.told](); err != nil {
			t.Fatal(err)
		}
		s.told++
	}
	whole.close()
	reached := 0
	for first, more := 1, true; more; first++ {
		for second := 1; ; second++ {
			d := whole.copy(t)
			a, b := s.on(d).eraseBroken(first), false
			if a {
				b = d.openBroken(second)
			}
			more = a
			d.files.Fault = nil
			d.reopen()
			if err := s.on(d).eraseOne(); err != nil {
				t.Fatalf("changes %d and %d: %v", first, second, err)
			}
			s.on(d).checkErased(other, first, second)
			d.close()
			os.RemoveAll(filepath.Dir(d.dir)) // now: there are hundreds
			if !b {
				break
			}
			reached++
		}
	}
	if reached < 100 {
		t.Errorf("only %d pairs of faults were reached", reached)
	}
}

// on is the story in another desk.
func (s *story) on(d *desk) *story {
	c := *s
	c.desk = d
	return &c
}

// failing lets change number n fail, after it was made, and says so.
func (d *desk) failing(n int) (failed *atomic.Bool) {
	var changes atomic.Int64
	failed = new(atomic.Bool)
	d.files.Fault = func(durable.Op, string) (bool, error) {
		if changes.Add(1) == int64(n) {
			failed.Store(true)
			return true, errBroken
		}
		return false, nil
	}
	return failed
}

func (s *story) eraseBroken(n int) bool {
	s.desk.open()
	s.desk.close()
	failed := s.desk.failing(n)
	if err := s.desk.tryOpen(); err != nil {
		return failed.Load()
	}
	_ = s.eraseOne() // looked at when it is done
	return failed.Load()
}

func (d *desk) openBroken(n int) bool {
	d.close()
	failed := d.failing(n)
	_ = d.tryOpen() // looked at when it is done
	return failed.Load()
}

// checkErased compares the vault with one in which the erasure went well.
func (s *story) checkErased(other []evidence.FileValue, first, second int) {
	s.desk.t.Helper()
	s.told = 3
	if err := s.check(false); err != nil {
		s.desk.t.Errorf("changes %d and %d: %v", first, second, err)
	}
	s.desk.checkContent(other, s.files)
	earlier, err := s.desk.Earlier(s.values)
	register, _ := os.ReadFile(filepath.Join(s.desk.dir, "vault", "register"))
	if err != nil || earlier != 3 || len(register) != 5*32 || s.desk.objects() != 4 {
		s.desk.t.Errorf("changes %d and %d: register of %d bytes, %d objects, %v", first, second, len(register), s.desk.objects(), err)
	}
}

// copy is the closed desk in another folder.
func (d *desk) copy(t *testing.T) *desk {
	t.Helper()
	c := &desk{t: t, dir: filepath.Join(memoryDir(t), "copy"), own: d.own, recovery: d.recovery, now: d.now}
	if err := os.CopyFS(c.dir, os.DirFS(d.dir)); err != nil {
		t.Fatal(err)
	}
	return c
}

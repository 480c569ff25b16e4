package trillianlog

import (
	"testing"
	"time"
)

// Leaves that the signer takes long for are asked after later, but never by more than a
// moment, and earlier as soon as it is quick again.
func TestUsual(t *testing.T) {
	var u usual
	if u.early() != 0 {
		t.Errorf("at first %v", u.early())
	}
	for range 50 {
		u.took(16 * time.Millisecond)
	}
	if d := u.early(); d < 11*time.Millisecond || d > 12*time.Millisecond {
		t.Errorf("of 16 ms %v", d)
	}
	u.took(time.Minute)
	if d := u.early(); d != 10*askEvery {
		t.Errorf("after a minute %v", d)
	}
	u.took(4 * time.Millisecond)
	if d := u.early(); d != 3*time.Millisecond {
		t.Errorf("of 4 ms %v", d)
	}
}

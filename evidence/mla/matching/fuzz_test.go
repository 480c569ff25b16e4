package matching

import (
	"crypto/rand"
	"errors"
	"testing"
)

// Whatever another authority sends is read, or refused with a reason.
func FuzzSessionOf(f *testing.F) {
	_, opening, err := Ask(rand.Reader, session(RepeatInterview), people(f, 0, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(opening[:600])
	f.Add([]byte("{}\n"))
	for _, h := range goodHeads(session(ParallelProceedings)) {
		f.Add(headFile(h).Data)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := SessionOf(b)
		if err != nil && !errors.Is(err, ErrMessage) {
			t.Fatal(err)
		}
		if err == nil && s.Check() != nil {
			t.Fatal("a session that is none")
		}
	})
}

package matching

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
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

// refused fails the test unless an error is one that a message from outside may get.
func refused(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrMessage) && !errors.Is(err, ErrProof) {
		t.Fatal(err)
	}
}

// FuzzExchange changes each of the four messages: it is refused with a reason, or read,
// and nobody is found whom both sides did not ask about.
func FuzzExchange(f *testing.F) {
	mine, theirs := people(f, 0, 3), people(f, 2, 5)
	asking, opening, err := Ask(rand.Reader, session(RepeatInterview), mine)
	if err != nil {
		f.Fatal(err)
	}
	answering, answer, err := Reply(rand.Reader, opening, theirs)
	if err != nil {
		f.Fatal(err)
	}
	waiting := *asking // for the answer, as it was before it came
	tokens, err := asking.Tokens(answer)
	if err != nil {
		f.Fatal(err)
	}
	_, last, err := answering.Hits(tokens)
	if err != nil {
		f.Fatal(err)
	}
	read := []func(t *testing.T, b []byte){
		func(t *testing.T, b []byte) { _, _, err := Reply(rand.Reader, b, theirs); refused(t, err) },
		func(t *testing.T, b []byte) { a := waiting; _, err := a.Tokens(b); refused(t, err) },
		func(t *testing.T, b []byte) {
			a := *answering
			found, _, err := a.Hits(b)
			if refused(t, err); len(found) > 1 {
				t.Fatalf("%d of both sides, where one is", len(found))
			}
		},
		func(t *testing.T, b []byte) {
			a := *asking
			found, err := a.Hits(b)
			if refused(t, err); len(found) > 1 {
				t.Fatalf("%d of both sides, where one is", len(found))
			}
		},
	}
	messages := [][]byte{opening, answer, tokens, last}
	for which, m := range messages {
		f.Add(uint8(which), uint16(40), uint8(1), []byte("0"))
		f.Add(uint8(which), uint16(len(m)), uint8(0), []byte{0})
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, insert []byte) {
		m := messages[int(which)%len(messages)]
		from := int(at) % (len(m) + 1)
		read[int(which)%len(messages)](t, slices.Concat(m[:from], insert, m[min(from+int(cut), len(m)):]))
	})
}

// FuzzElements reads a block only of elements that are written the same way again.
func FuzzElements(f *testing.F) {
	block := bytes.Repeat(must(suite.Group().Generator().MarshalBinaryCompress()), BlockSize)
	f.Add(uint16(0), block[:elementSize])
	f.Add(uint16(elementSize), make([]byte, elementSize))
	f.Add(uint16(1), []byte{0xff})
	f.Fuzz(func(t *testing.T, at uint16, over []byte) {
		b := bytes.Clone(block)
		copy(b[int(at)%len(b):], over)
		elements, err := getElements(b)
		if err != nil {
			refused(t, err)
			return
		}
		again := make([]byte, len(b))
		if err := putElements(again, elements); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read, and written differently: %v", err)
		}
	})
}

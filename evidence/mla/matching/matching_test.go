package matching

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"

	"example.org/custody/evidence"
)

func session(p Purpose) Session {
	s := Session{Purpose: p, Asking: evidence.KeyID{1}, Answering: evidence.KeyID{2}}
	_, _ = rand.Read(s.ID[:])
	return s
}

// people returns identifiers of persons from one number to another.
func people(t testing.TB, from, to int) (out []Identifier) {
	t.Helper()
	for n := from; n < to; n++ {
		out = append(out, must(NewPerson(fmt.Sprintf("Ann Mary Family%d", n), "1980-02-29")))
	}
	return out
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// run is a whole session in which each side is saved and loaded between messages.
type run struct{ opening, answer, tokens, last []byte }

func compare(t testing.TB, s Session, mine, theirs []Identifier) (_ run, atA, atB []Identifier) {
	t.Helper()
	var r run
	a, opening, err := Ask(rand.Reader, s, mine)
	if err != nil {
		t.Fatal(err)
	}
	r.opening = opening
	b, answer, err := Reply(rand.Reader, r.opening, theirs)
	if err != nil {
		t.Fatal(err)
	}
	r.answer = answer
	a = must(LoadAsking(must(a.Save())))
	if r.tokens, err = a.Tokens(r.answer); err != nil {
		t.Fatal(err)
	}
	b = must(LoadAnswering(must(b.Save())))
	if atB, r.last, err = b.Hits(r.tokens); err != nil {
		t.Fatal(err)
	}
	a = must(LoadAsking(must(a.Save())))
	if atA, err = a.Hits(r.last); err != nil {
		t.Fatal(err)
	}
	return r, atA, atB
}

func (r run) all() [][]byte { return [][]byte{r.opening, r.answer, r.tokens, r.last} }

// Both sides find what both have, each in its own order, and nothing else.
func TestHits(t *testing.T) {
	mine, theirs := people(t, 0, 30), people(t, 27, 40)
	mine = append(mine, mine[3], must(NewPhone("+32 2 555 12 34")))
	theirs = append(theirs, must(NewDocument("XA", "1234 567")), must(NewPhone("0032-2-5551234")))
	slices.Reverse(theirs)
	for _, p := range []Purpose{ParallelProceedings, RepeatInterview} {
		_, atA, atB := compare(t, session(p), mine, theirs)
		want := append(people(t, 27, 30), must(NewPhone("+3225551234")))
		if !slices.Equal(atA, want) {
			t.Errorf("%s: A found %d of %d", p, len(atA), len(want))
		}
		slices.Reverse(want)
		if !slices.Equal(atB, want) {
			t.Errorf("%s: B found %d of %d", p, len(atB), len(want))
		}
	}
}

// Identifiers beyond one block are compared as those in it; blocks are worked on at once.
func TestBlocks(t *testing.T) {
	mine, theirs := people(t, 0, BlockSize+50), people(t, BlockSize, BlockSize+3)
	_, atA, atB := compare(t, session(RepeatInterview), mine, theirs)
	if !slices.Equal(atA, theirs) || !slices.Equal(atB, theirs) {
		t.Errorf("A found %d, B %d of %d", len(atA), len(atB), len(theirs))
	}
}

// Who has nothing to compare answers like everybody.
func TestNoHit(t *testing.T) {
	if _, atA, atB := compare(t, session(RepeatInterview), people(t, 0, 3), nil); len(atA)+len(atB) > 0 {
		t.Errorf("against none: A found %d, B %d", len(atA), len(atB))
	}
	if _, atA, atB := compare(t, session(RepeatInterview), people(t, 0, 3), people(t, 3, 5)); len(atA)+len(atB) > 0 {
		t.Errorf("A found %d, B %d", len(atA), len(atB))
	}
}

// The purpose is part of what is compared: a message says another one than its session.
func TestOtherSession(t *testing.T) {
	s := session(RepeatInterview)
	a, opening, err := Ask(rand.Reader, s, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	other := s
	other.ID[0] ^= 1
	_, opening2, err := Ask(rand.Reader, other, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	_, answer2, err := Reply(rand.Reader, opening2, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Tokens(answer2); !errors.Is(err, ErrMessage) {
		t.Errorf("an answer of another session: %v", err)
	}
	_, again, err := Ask(rand.Reader, s, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	_, answer3, err := Reply(rand.Reader, again, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Tokens(answer3); !errors.Is(err, ErrMessage) {
		t.Errorf("an answer to another opening: %v", err)
	}
	for m, want := range map[*[]byte]bool{&opening: true, &answer2: false} {
		if _, opens, err := SessionOf(*m); err != nil || opens != want {
			t.Errorf("opens %v, %v", opens, err)
		}
	}
	if got, _, err := SessionOf(opening); err != nil || got != s {
		t.Errorf("%v, %v", got, err)
	}
}

// A message with any part changed is refused, or at least shows no hit that is none.
func TestChanged(t *testing.T) {
	s := session(ParallelProceedings)
	mine, theirs := people(t, 0, 3), people(t, 2, 4)
	a, opening, err := Ask(rand.Reader, s, mine)
	if err != nil {
		t.Fatal(err)
	}
	b, answer, err := Reply(rand.Reader, opening, theirs)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := a.Tokens(answer)
	if err != nil {
		t.Fatal(err)
	}
	_, last, err := b.Hits(tokens)
	if err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]struct {
		message []byte
		take    func([]byte) error
	}{
		"opening": {opening, func(m []byte) error { _, _, err := Reply(rand.Reader, m, theirs); return err }},
		"answer":  {answer, func(m []byte) error { _, err := must(LoadAsking(must(a.Save()))).Tokens(m); return err }},
		"tokens":  {tokens, func(m []byte) error { _, _, err := b.Hits(m); return err }},
		"hits":    {last, func(m []byte) error { _, err := a.Hits(m); return err }},
	} {
		line := bytes.IndexByte(step.message, '\n')
		for _, changed := range [][]byte{nil, step.message[:line], step.message[:len(step.message)-1], append(slices.Clone(step.message), 0), append([]byte(" "), step.message...)} {
			if err := step.take(changed); !errors.Is(err, ErrMessage) {
				t.Errorf("%s of %d bytes: %v", name, len(changed), err)
			}
		}
	}
}

// Values made with another key than the message names are seen by their proof.
func TestOtherKey(t *testing.T) {
	a, opening, err := Ask(rand.Reader, session(ParallelProceedings), people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	b, answer, err := Reply(rand.Reader, opening, people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	m := must(read(answer, formatAnswer))
	other := must(newSide(rand.Reader, b.session, b.ids))
	forged := must(other.evaluate(must(read(opening, formatOpening)).body))
	copy(m.body, forged)
	if _, err := a.Tokens(m.all); !errors.Is(err, ErrProof) {
		t.Errorf("evaluated with another key: %v", err)
	}
}

// A token shown is no claim: who answers must have asked for the identifier.
func TestEchoedToken(t *testing.T) {
	a, opening, err := Ask(rand.Reader, session(ParallelProceedings), people(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	b, answer, err := Reply(rand.Reader, opening, people(t, 5, 6))
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := a.Tokens(answer)
	if err != nil {
		t.Fatal(err)
	}
	one := 1
	echo, err := head{Format: formatHits, Previous: must(read(tokens, formatTokens)).hash(), Hits: &one}.of(b.session).write(tokens[len(tokens)-32:])
	if err != nil {
		t.Fatal(err)
	}
	if hits, err := a.Hits(echo.all); !errors.Is(err, ErrMessage) {
		t.Errorf("%d hits, %v", len(hits), err)
	}
}

func TestRefused(t *testing.T) {
	s := session(ParallelProceedings)
	same := s
	same.Answering = s.Asking
	unknown := s
	unknown.Purpose = "curiosity"
	for name, c := range map[string]struct {
		s    Session
		ids  []Identifier
		want error
	}{
		"with itself":     {same, people(t, 0, 1), ErrSession},
		"unknown purpose": {unknown, people(t, 0, 1), ErrSession},
		"too many":        {s, people(t, 0, MaxIdentifiers+1), ErrCount},
		"without form":    {s, []Identifier{{Person, "ann"}}, ErrIdentifier},
		"no kind":         {s, []Identifier{{"face", "1"}}, ErrIdentifier},
	} {
		if _, _, err := Ask(rand.Reader, c.s, c.ids); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, b := range []string{"", "{}", `{"format":"custody/match/asking/v1"}`} {
		if _, err := LoadAsking([]byte(b)); !errors.Is(err, ErrState) {
			t.Errorf("%q: %v", b, err)
		}
		if _, err := LoadAnswering([]byte(b)); !errors.Is(err, ErrState) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

// The other side's state is not this side's.
func TestStateOfTheOther(t *testing.T) {
	a, _, err := Ask(rand.Reader, session(ParallelProceedings), people(t, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadAnswering(must(a.Save())); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}

// Ten thousand identifiers a side, as many as a large authority may bring.
func TestTenThousand(t *testing.T) {
	const n = 10_000
	_, atA, atB := compare(t, session(RepeatInterview), people(t, 0, n), people(t, n-7, 2*n-7))
	if want := people(t, n-7, n); !slices.Equal(atA, want) || !slices.Equal(atB, want) {
		t.Errorf("A found %d, B %d, want %d", len(atA), len(atB), len(want))
	}
}

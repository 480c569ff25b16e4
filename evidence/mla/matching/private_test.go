package matching

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cloudflare/circl/oprf"
)

// guesses is everything that an outsider can make of an identifier without a key: the
// values, their digests, in several encodings, the group element that the function begins
// with, and the values of the function under keys that anybody may try.
func guesses(t *testing.T, id Identifier, s Session) (out []string) {
	t.Helper()
	input := id.input(s.Purpose)
	element := must(suite.Group().HashToElement(input, []byte("HashToGroup-OPRFV1-\x01-"+suite.Identifier())).MarshalBinaryCompress())
	raw := [][]byte{[]byte(id.Value), []byte(strings.Split(id.Value, "<<")[0]), element}
	for _, seed := range [][]byte{make([]byte, 32), s.ID[:], s.Asking[:], s.Answering[:]} {
		k := must(oprf.DeriveKey(suite, oprf.VerifiableMode, seed, nil))
		value := must(oprf.NewVerifiableServer(suite, k).FullEvaluate(input))
		own := side{session: s}
		token, claim := own.digest("custody/match/token/v1", [2][]byte{value, value}), own.digest("custody/match/claim/v1", [2][]byte{value, value})
		raw = append(raw, value, token[:], claim[:])
	}
	for _, b := range [][]byte{[]byte(id.Value), input} {
		one, two, three := sha256.Sum256(b), sha512.Sum512(b), sha3.Sum256(b)
		salted := sha256.Sum256(append(s.ID[:], b...))
		raw = append(raw, one[:], two[:], three[:], salted[:])
	}
	for _, b := range raw {
		out = append(out, string(b), hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
	}
	return out
}

// found returns the identifiers that a dictionary attack on all messages finds.
func found(t *testing.T, r run, s Session, dictionary []Identifier) (out []Identifier) {
	t.Helper()
	var all strings.Builder
	for _, m := range r.all() {
		all.Write(m)
	}
	for _, id := range dictionary {
		for _, guess := range guesses(t, id, s) {
			if strings.Contains(all.String(), guess) {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// Who has all messages and a list with every identifier in it, hits too, finds none.
func TestDictionaryFindsNothing(t *testing.T) {
	s := session(RepeatInterview)
	mine, theirs := people(t, 0, 20), people(t, 15, 35)
	r, hits, _ := compare(t, s, mine, theirs)
	if len(hits) != 5 {
		t.Fatalf("%d hits", len(hits))
	}
	if got := found(t, r, s, people(t, 0, 40)); len(got) > 0 {
		t.Errorf("%d identifiers found in the messages", len(got))
	}
}

// The attack of TestDictionaryFindsNothing does find what is not blinded.
func TestDictionaryFindsWhatIsNotBlinded(t *testing.T) {
	s := session(RepeatInterview)
	own := must(newSide(rand.Reader, s, people(t, 0, 3)))
	for i := range own.blinds {
		own.blinds[i] = suite.Group().NewScalar().SetUint64(1)
	}
	if got := found(t, run{opening: must(own.blinded())}, s, people(t, 0, 4)); len(got) != 3 {
		t.Errorf("found %d of 3", len(got))
	}
}

// Two sessions about the same identifiers have nothing in common by which they could be
// known to be.
func TestSessionsCannotBeLinked(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		r, _, _ := compare(t, session(RepeatInterview), people(t, 0, 5), people(t, 0, 5))
		this := map[string]bool{}
		for _, m := range r.all() {
			_, body, _ := strings.Cut(string(m), "\n")
			for i := 0; i+elementSize <= len(body); i += elementSize {
				this[body[i:i+elementSize]] = true
			}
		}
		for part := range this {
			if seen[part] {
				t.Fatal("two sessions share an element, a token or a claim")
			}
			seen[part] = true
		}
	}
}

// An identifier prints without its value.
func TestIdentifierHidesItself(t *testing.T) {
	id := must(NewPerson("Ann Novak", "1980-02-29"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := sprint(verb, id); strings.Contains(got, "novak") || strings.Contains(got, "1980") {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

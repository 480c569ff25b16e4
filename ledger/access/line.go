package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"time"

	"example.org/custody/evidence"
)

// MaxLine is the largest line in bytes, without its line feed.
const MaxLine = 4 << 10

// domain begins what is hashed of a line.
const domain = "custody/access/v1"

// What a line is about, and how it was answered.
const (
	Event   = "event"   // one event was asked for
	Item    = "item"    // the events of an item
	Handoff = "handoff" // a handoff file
	Log     = "access"  // this log

	Given   = "given"
	Refused = "refused"
)

// ErrLine reports bytes that are not a line in its one form.
var ErrLine = errors.New("not a line of an access log")

// Line is one line. The texts in it are of a closed form, so that no name fits in.
type Line struct {
	Answer   string         `json:"answer"` // [Given] or [Refused]
	At       time.Time      `json:"at"`     // UTC, at most milliseconds
	Call     string         `json:"call"`   // [Event], [Item], [Handoff] or [Log]
	Key      evidence.KeyID `json:"key"`    // who asked
	Mandate  *evidence.Hash `json:"mandate,omitempty"`
	N        uint64         `json:"n"` // from 1
	Previous evidence.Hash  `json:"previous"`
	Reason   string         `json:"reason,omitempty"`  // see [ValidReason]
	Salt     string         `json:"salt"`              // 32 hexadecimal digits, random
	Subject  string         `json:"subject,omitempty"` // leaf hash, item id or number of a handoff file
}

var (
	reasons  = regexp.MustCompile(`^(custody|disclosure|audit|court|defence|oversight) [A-Za-z0-9 .,_/:#-]{1,128}$`)
	salts    = regexp.MustCompile(`^[0-9a-f]{32}$`)
	subjects = regexp.MustCompile(`^([0-9a-f]{64}|[0-9a-f]{32})?$`)
)

// ValidReason reports whether a reason has the form "<code> <reference>".
func ValidReason(s string) bool { return reasons.MatchString(s) }

// Parse reads a line without its line feed, or returns [ErrLine].
func Parse(b []byte) (*Line, error) {
	l := new(Line)
	if len(b) > MaxLine {
		return nil, fmt.Errorf("%d bytes: %w", len(b), ErrLine)
	}
	if err := evidence.ParseCanonical(b, l); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLine, err)
	}
	return l, l.check()
}

func (l *Line) check() error {
	answered := l.Answer == Given || l.Answer == Refused
	known := l.Call == Event || l.Call == Item || l.Call == Handoff || l.Call == Log
	switch {
	case !answered, !known, l.N == 0, !l.At.Equal(evidence.Instant(l.At)), l.At.Location() != time.UTC,
		l.Reason != "" && !ValidReason(l.Reason), !salts.MatchString(l.Salt), !subjects.MatchString(l.Subject):
		return ErrLine
	}
	return nil
}

// Hash returns the hash of a line's bytes, by which the next one names it.
func Hash(line []byte) evidence.Hash {
	return sha256.Sum256(append([]byte(domain), line...))
}

// Chain is where a log ends. The zero value is that of an empty one.
type Chain struct {
	N    uint64        // of the newest line
	Last evidence.Hash // its hash
}

// Next returns the bytes, without line feed, of the line that follows, and the
// chain after it. It sets N, Previous and Salt. Errors: [ErrLine].
func (c Chain) Next(l Line) ([]byte, Chain, error) {
	var salt [16]byte
	rand.Read(salt[:])
	l.N, l.Previous, l.Salt = c.N+1, c.Last, hex.EncodeToString(salt[:])
	if err := l.check(); err != nil {
		return nil, c, err
	}
	b, err := evidence.Canonical(l)
	if err != nil || len(b) > MaxLine {
		return nil, c, errors.Join(ErrLine, err)
	}
	return b, Chain{l.N, Hash(b)}, nil
}

package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
)

// Ranges that spec/trust.md gives.
const (
	maxAgeHours = 10 * 365 * 24 // a list lives far shorter
	maxName     = 64            // names of cosigners and groups, ids of standards
	maxCode     = 32            // reason codes
)

// state takes a state's code: 2 to 8 letters A–Z.
func (w *words) state() string {
	s := w.next()
	if len(s) < 2 || len(s) > 8 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		w.fail("state %.40q", s)
	}
	return s
}

func (w *words) vkey() VKey {
	k, err := ParseVKey(w.next())
	if err != nil && w.err == nil {
		w.fail("%w", err)
	}
	return k
}

// origin takes a ledger's name. "none" would read as no successor.
func (w *words) origin() string {
	s := w.next()
	if !validKeyName(s) || s == "none" {
		w.fail("origin %.80q", s)
	}
	return s
}

// size takes a decimal number of at most 2^63−1 without sign or leading zero.
func (w *words) size() uint64 {
	s := w.next()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > math.MaxInt64 || strconv.FormatUint(n, 10) != s {
		w.fail("number %.40q", s)
	}
	return n
}

func (w *words) count() int {
	n := w.size()
	if n > math.MaxInt32 {
		w.fail("number %d", n)
	}
	return int(n)
}

func (w *words) digest() Digest {
	s := w.next()
	d, err := ParseDigest(s)
	if err != nil {
		w.fail("digest %.80q", s)
	}
	return d
}

func (w *words) root() [sha256.Size]byte {
	s := w.next()
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != sha256.Size {
		w.fail("root %.80q", s)
		return [sha256.Size]byte{}
	}
	return [sha256.Size]byte(b)
}

func (w *words) point() Point { return Point{Origin: w.origin(), Size: w.size(), Root: w.root()} }

func (w *words) time() time.Time {
	s := w.next()
	t, err := time.Parse(timeForm, s)
	if err != nil || formatTime(t) != s || t.IsZero() {
		w.fail("time %.40q", s)
	}
	return t
}

// until takes a time or "open", which is the zero time.
func (w *words) until() time.Time {
	if len(w.rest) > 0 && w.rest[0] == "open" {
		w.next()
		return time.Time{}
	}
	return w.time()
}

func (w *words) code() string {
	s := w.next()
	if s == "" || len(s) > maxCode || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") != "" {
		w.fail("code %.40q", s)
	}
	return s
}

func (w *words) name() string {
	s := w.next()
	if !validName(s) {
		w.fail("name %.80q", s)
	}
	return s
}

// pinName takes id/version.
func (w *words) pinName() string {
	s := w.name()
	id, version, ok := strings.Cut(s, "/")
	if !ok || id == "" || version == "" || strings.Contains(version, "/") {
		w.fail("%.80q is not id/version", s)
	}
	return s
}

// validName accepts 1 to 64 letters, digits, '.', '_', '-' and '/'.
func validName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '_', c == '-', c == '/':
		default:
			return false
		}
	}
	return true
}

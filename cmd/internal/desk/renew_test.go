package desk

import (
	"bytes"
	"context"
	"crypto/sha512"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/signing/cms"
	"example.org/custody/signing/tsa"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// packageIn opens a package in a file.
func packageIn(t *testing.T, file string) *pack.Package {
	t.Helper()
	b, err := os.ReadFile(file)
	noError(t, err)
	p, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	noError(t, err)
	return p
}

// renewFile writes a package with one more archive timestamp.
func renewFile(t *testing.T, s *Session, by LongStamper, from, to string) {
	t.Helper()
	_, err := Renew(t.Context(), Renewing{Package: packageIn(t, from), Out: to, List: s.trusted.List, Stamp: by})
	noError(t, err)
}

// silentLong is an authority that gives nothing.
type silentLong struct{}

func (silentLong) AskLong(context.Context, [sha512.Size]byte) (*cms.Token, []byte, error) {
	return nil, nil, tsa.ErrUnavailable
}

// A renewed package holds as it did, says since when it is as it is, and begins with
// the bytes that it had; without a token there is no file.
func TestRenew(t *testing.T) {
	w := newForeignWorld(t)
	w.pack(t, "p.asice", Packing{})
	from, to := filepath.Join(w.dir, "p.asice"), filepath.Join(w.dir, "r.asice")
	if _, err := Renew(t.Context(), Renewing{Package: packageIn(t, from), Out: to, List: w.s.trusted.List, Stamp: silentLong{}}); !errors.Is(err, tsa.ErrUnavailable) {
		t.Errorf("without an authority: %v", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
	p := packageIn(t, from)
	p.Timestamp, p.Statement.Packed = nil, w.s.Now().Add(time.Hour) // as a fast clock would have it
	if _, err := Renew(t.Context(), Renewing{Package: p, Out: to, List: w.s.trusted.List, Stamp: w.client}); !errors.Is(err, ErrStampOrder) {
		t.Errorf("with a token older than the package: %v", err)
	}
	renewFile(t, w.s, w.client, from, to)
	v, _ := verified(t, w.s, to, nil)
	if f := found(v, "package.archive"); v.Exit != verify.ExitHolds || f.Status != verify.Holds || len(v.Package.Archived) != 1 {
		t.Errorf("exit %d, %+v", v.Exit, f)
	}
	if _, err := Renew(t.Context(), Renewing{Package: packageIn(t, from), Out: to, List: w.s.trusted.List, Stamp: w.client}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
}

package access

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"example.org/custody/evidence"
)

// ErrChain reports a line that does not follow the one before it: a line was
// changed, put in, taken out or moved.
var ErrChain = errors.New("the access log's chain is broken")

// ErrTrimmed reports that the ledger vouches for a line that the log has not: the end
// was taken off, or it is another log.
var ErrTrimmed = errors.New("the access log lacks a line that the ledger vouches for")

// Verified is what [Verify] found out about a log that holds.
type Verified struct {
	Chain          // its end
	Vouched uint64 // up to this line the ledger vouches for it; the rest is the node's word
}

// Verify reads a whole log, each line ended by a line feed, and holds it against the
// hashes that stand in the ledger's leaves of type 5, in any order. each is called for
// every line, in order, and may be nil.
//
// Errors: [ErrLine] and [ErrChain] with the number of the line, [ErrTrimmed], and
// those of r.
func Verify(r io.Reader, vouched []evidence.Hash, each func(*Line)) (Verified, error) {
	missing := map[evidence.Hash]bool{}
	for _, h := range vouched {
		missing[h] = true
	}
	var v Verified
	if err := scan(r, func(b []byte) error { return v.take(b, missing, each) }); err != nil {
		return v, err
	}
	if len(missing) > 0 {
		return v, fmt.Errorf("%d of %d hashes are of no line: %w", len(missing), len(vouched), ErrTrimmed)
	}
	return v, nil
}

func (v *Verified) take(b []byte, missing map[evidence.Hash]bool, each func(*Line)) error {
	l, err := Parse(b)
	switch {
	case err != nil:
		return fmt.Errorf("line %d: %w", v.N+1, err)
	case l.N != v.N+1 || l.Previous != v.Last:
		return fmt.Errorf("line %d: %w", v.N+1, ErrChain)
	}
	v.Chain = Chain{l.N, Hash(b)}
	if missing[v.Last] {
		delete(missing, v.Last)
		v.Vouched = v.N
	}
	if each != nil {
		each(l)
	}
	return nil
}

// scan yields lines without their line feed; the last one must have one too.
func scan(r io.Reader, line func([]byte) error) error {
	in := bufio.NewReaderSize(r, MaxLine+1)
	for {
		b, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && len(b) == 0:
			return nil
		case errors.Is(err, io.EOF), errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("a line that does not end: %w", ErrLine)
		case err != nil:
			return err
		}
		if err := line(bytes.TrimSuffix(b, []byte("\n"))); err != nil {
			return err
		}
	}
}

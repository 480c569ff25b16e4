package intake

import (
	"errors"
	"fmt"
	"io"
)

// Limits on what a file may make a reader hold, whatever it claims.
const (
	maxDocument = 8 << 20   // bytes of one metadata document
	maxSections = 1 << 20   // sections of one image, all its files together
	maxHeaders  = 3         // headers read of one image
	maxNotes    = 200       // notes
	maxListed   = 16 << 20  // bytes of the directory of one zip
	maxMembers  = 100_000   // members of one zip, lines of one manifest
	maxKept     = 64        // values kept of one file
	maxText     = 500       // characters of one kept value
	maxHeld     = 768 << 10 // bytes of all that is kept, so that it fits into one value of a record
	maxFiles    = 200       // files whose values are kept
	maxSegments = 500       // files of one image
	maxRows     = 400       // rows that become the field manifest
	maxListing  = 16 << 20  // bytes of a delivery list
)

// errLimit reports a file that claims more than is read.
var errLimit = errors.New("more than is read here")

// errForm reports a file that is not of the form that its name says.
var errForm = errors.New("not of its form")

func badForm(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errForm, fmt.Sprintf(format, args...))
}

// readAll reads a document of at most most bytes.
func readAll(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%w: over %d bytes", errLimit, most)
	}
	return b, nil
}

// clip shortens a text to what is kept, and takes control characters out.
func clip(s string) string {
	out := make([]rune, 0, min(len(s), maxText))
	for _, r := range s {
		switch {
		case len(out) == maxText:
			return string(out)
		case r == '\n' || r == '\t' || r == '\r':
			out = append(out, ' ')
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd:
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

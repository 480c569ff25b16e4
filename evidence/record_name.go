package evidence

import (
	"fmt"
	"strconv"
	"strings"
)

const filePrefix = "file/"

// FileName returns the name of the nth file's entry, n counting from 1: "file/n".
func FileName(n int) string { return filePrefix + strconv.Itoa(n) }

// fileNumber returns n for the name "file/n" as [FileName] writes it, else 0.
func fileNumber(name string) int {
	digits, ok := strings.CutPrefix(name, filePrefix)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' { // neither a sign nor a leading zero
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// checkName refuses names that spec/record.md does not allow.
func checkName(name string) error {
	if len(name) == 0 || len(name) > 255 {
		return fmt.Errorf("%w: name of %d bytes, want 1 to 255", ErrRecord, len(name))
	}
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-' || c == '/') {
			return fmt.Errorf("%q: %w: a name has only a–z 0–9 . _ - /", name, ErrRecord)
		}
	}
	if strings.HasPrefix(name, filePrefix) && fileNumber(name) == 0 {
		return fmt.Errorf("%q: %w: a file's name is file/n, n from 1", name, ErrRecord)
	}
	return nil
}

// nameOrder checks names as they come: fields rising bytewise, then files
// counting up. Positions whose name is hidden are passed over; what is shown
// must still leave room for them.
type nameOrder struct {
	field string // last field seen
	seen  bool   // a field was seen
	at    int    // its position
	first int    // position of file/1 + 1, once a file was seen
}

// next checks that name may stand at position i.
func (o *nameOrder) next(i int, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	n := fileNumber(name)
	switch {
	case n == 0 && o.first > 0:
		return fmt.Errorf("%q: %w: a field after a file", name, ErrRecord)
	case n == 0 && o.seen && name <= o.field:
		return fmt.Errorf("%q: %w: a name twice or out of order", name, ErrRecord)
	case n == 0:
		o.field, o.seen, o.at = name, true, i
		return nil
	}
	first := i - n + 2
	if first < 1 || o.seen && first <= o.at+1 || o.first > 0 && first != o.first {
		return fmt.Errorf("%q: %w: files are not numbered from 1 without holes", name, ErrRecord)
	}
	o.first = first
	return nil
}

package evidence

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// FileKind says what the walk of a folder met (spec/content.md "File sets").
type FileKind string

// The kinds of spec/content.md. What each carries beside the path:
const (
	KindFile       FileKind = "file"       // digests, mode, modified, stored
	KindSymlink    FileKind = "symlink"    // target, as text; never followed
	KindDir        FileKind = "dir"        // nothing; a folder with something in it is not recorded itself
	KindSpecial    FileKind = "special"    // special; its content is not read
	KindUnreadable FileKind = "unreadable" // reason
	KindChanged    FileKind = "changed"    // as a file, of the bytes that were read; before, after, replaced
	KindVanished   FileKind = "vanished"   // reason, when something else stood in its place
)

// FileValue is the value of a record's file/n (spec/record.md "File value").
// Which members are there depends on Kind; the others are zero and absent.
type FileValue struct {
	After     *Observation `json:"after,omitempty"`      // changed: when reading had ended
	Before    *Observation `json:"before,omitempty"`     // changed: when it was opened
	Collides  bool         `json:"collides,omitempty"`   // another path of the set differs in case or normal form only
	Digests   *Digests     `json:"digests,omitempty"`    // of the bytes that were read
	Kind      FileKind     `json:"kind"`                 //
	Mode      string       `json:"mode,omitempty"`       // four octal digits, set-user-id, set-group-id and sticky bit included
	Modified  *time.Time   `json:"modified,omitempty"`   // UTC; absent where RFC 3339 has no year for it
	Path      string       `json:"path"`                 // slash-separated, below the folder that was sealed; each bad byte as U+FFFD
	PathHex   string       `json:"path_hex,omitempty"`   // the bytes, when they are not valid UTF-8
	Reason    string       `json:"reason,omitempty"`     // what the system said
	Replaced  bool         `json:"replaced,omitempty"`   // changed: afterwards the path led to another file, or to none
	Special   string       `json:"special,omitempty"`    // block-device, char-device, socket, pipe or other
	Stored    *Stored      `json:"stored,omitempty"`     // where the encrypted bytes are
	Target    string       `json:"target,omitempty"`     // of a symlink; each bad byte as U+FFFD
	TargetHex string       `json:"target_hex,omitempty"` // the bytes, when they are not valid UTF-8
}

// Stored says where the encrypted bytes of a file are. A pack holds several
// files; then Offset and Length give this one's place in the plaintext.
type Stored struct {
	Length *int64     `json:"length,omitempty"` // bytes; only in a pack
	Object ObjectName `json:"object"`           // in the store
	Offset *int64     `json:"offset,omitempty"` // bytes; only in a pack
	SHA256 Hash       `json:"sha256"`           // of the whole object as stored, for holders without the key (rule P6)
}

// Observation is what the system said about a file at one moment.
type Observation struct {
	Modified *time.Time `json:"modified,omitempty"` // UTC; absent where RFC 3339 has no year for it
	Size     int64      `json:"size"`               // bytes
}

// ObjectName names one object of a store: 16 bytes, random, so that it says
// nothing about the evidence; in text 32 lower-case hexadecimal digits.
type ObjectName [16]byte

// ErrNotObjectName reports text that is not 32 lower-case hexadecimal digits.
var ErrNotObjectName = errors.New("not an object name: 32 lower-case hexadecimal digits")

// NewObjectName returns a name from crypto/rand.
func NewObjectName() ObjectName {
	var n ObjectName
	rand.Read(n[:]) // never fails: crypto/rand ends the program instead
	return n
}

// ParseObjectName reads 32 lower-case hexadecimal digits, or returns [ErrNotObjectName].
func ParseObjectName(s string) (ObjectName, error) {
	var n ObjectName
	if len(s) != 2*len(n) || strings.ToLower(s) != s {
		return ObjectName{}, fmt.Errorf("%.80q: %w", s, ErrNotObjectName)
	}
	if _, err := hex.Decode(n[:], []byte(s)); err != nil {
		return ObjectName{}, fmt.Errorf("%.80q: %w", s, ErrNotObjectName)
	}
	return n, nil
}

// String returns 32 lower-case hexadecimal digits.
func (n ObjectName) String() string { return hex.EncodeToString(n[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (n ObjectName) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseObjectName].
func (n *ObjectName) UnmarshalText(b []byte) (err error) {
	*n, err = ParseObjectName(string(b))
	return err
}

// modeText returns the twelve permission bits as four octal digits.
func modeText(m fs.FileMode) string {
	bits := uint32(m.Perm())
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if m&special != 0 {
			bits |= 0o1000 << i
		}
	}
	return fmt.Sprintf("%04o", bits)
}

// specialText names what is neither file, folder nor symbolic link.
func specialText(m fs.FileMode) string {
	switch {
	case m&fs.ModeCharDevice != 0:
		return "char-device"
	case m&fs.ModeDevice != 0:
		return "block-device"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	default:
		return "other"
	}
}

// kindOf classifies what the system reports, nothing being followed.
func kindOf(m fs.FileMode) FileKind {
	switch {
	case m.IsRegular():
		return KindFile
	case m.IsDir():
		return KindDir
	case m&fs.ModeSymlink != 0:
		return KindSymlink
	default:
		return KindSpecial
	}
}

package wire

import (
	"encoding/hex"
	"fmt"
	"strings"

	"example.org/custody/ledger"
)

// HexLeaf is a leaf as text, 194 lower-case hexadecimal digits.
type HexLeaf ledger.Leaf

// MarshalText implements [encoding.TextMarshaler].
func (l HexLeaf) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, l[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. Whether the leaf is canonical
// is [ledger.ParseLeaf]'s to say.
func (l *HexLeaf) UnmarshalText(b []byte) error {
	if len(b) != 2*len(l) || strings.ToLower(string(b)) != string(b) {
		return fmt.Errorf("leaf of %d digits: %w", len(b), ErrForm)
	}
	_, err := hex.Decode(l[:], b)
	return err
}

package keyfile

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
)

// The recovery identity opens everything a desk encrypts, and is kept offline:
// as an age identity file on a medium in a safe, and on paper.

const (
	agePrefix     = "AGE-SECRET-KEY-1"
	bech32        = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" // BIP 173
	recoveryChars = 58                                 // 52 for 32 bytes, 6 of checksum
	rowChars      = 16
)

// RecoveryFile returns id as an age identity file, as age-keygen writes it.
func RecoveryFile(id *age.X25519Identity, created time.Time) []byte {
	return fmt.Appendf(nil, "# created: %s\n# public key: %s\n%s\n", created.UTC().Format(time.RFC3339), id.Recipient(), id)
}

// RecoverySheet returns id for printing and typing in again: the age identity
// itself in four numbered rows of up to 16 characters, in groups of four, each
// row closed by two check characters, so that a slip is found in its row.
// Without numbers, spaces and check characters it is what age reads.
//
//	AGE-SECRET-KEY-1
//	1  QQPZ RY9X 8GF2 TVDW  S3
func RecoverySheet(id *age.X25519Identity) string {
	rest := strings.TrimPrefix(id.String(), agePrefix)
	var b strings.Builder
	fmt.Fprintf(&b, "public key: %s\n\n%s\n", id.Recipient(), agePrefix)
	for i := 0; len(rest) > 0; i++ {
		row := rest[:min(rowChars, len(rest))]
		rest = rest[len(row):]
		fmt.Fprintf(&b, "%d  %s  %s\n", i+1, groups(row), rowCheck(i, row))
	}
	return b.String()
}

func groups(row string) string {
	var g []string
	for len(row) > 0 {
		n := min(4, len(row))
		g, row = append(g, row[:n]), row[n:]
	}
	return strings.Join(g, " ")
}

// rowCheck returns the first 10 bits of SHA-256("custody/recovery/v1" ‖ row
// number ‖ row) as two characters (spec/keys.md, "Recovery"). The number is in
// it, so rows cannot change places.
func rowCheck(i int, row string) string {
	h := sha256.Sum256([]byte("custody/recovery/v1" + strconv.Itoa(i+1) + row))
	return string([]byte{bech32[h[0]>>3], bech32[h[0]&7<<2|h[1]>>6]})
}

// ParseRecovery reads what [RecoveryFile] or [RecoverySheet] wrote, in upper or
// lower case and with any spacing. A mistake is [ErrRecovery], with the number
// of the row where the sheet allows it. Errors never carry the identity.
func ParseRecovery(text []byte) (*age.X25519Identity, error) {
	rows := make(map[int]string)
	for line := range strings.Lines(string(text)) {
		line = strings.ToUpper(strings.TrimSpace(line))
		if strings.HasPrefix(line, agePrefix) && len(line) > len(agePrefix) {
			return parseIdentity(line)
		}
		number, rest, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > rowCount {
			continue
		}
		row := strings.Join(strings.Fields(rest), "")
		want := min(rowChars, recoveryChars-rowChars*(n-1))
		if len(row) != want+2 || rowCheck(n-1, row[:want]) != row[want:] {
			return nil, fmt.Errorf("row %d has a mistake in it: %w", n, ErrRecovery)
		}
		if _, twice := rows[n]; twice {
			return nil, fmt.Errorf("row %d stands twice: %w", n, ErrRecovery)
		}
		rows[n] = row[:want]
	}
	all := agePrefix
	for n := 1; n <= rowCount; n++ {
		if rows[n] == "" {
			return nil, fmt.Errorf("row %d is missing: %w", n, ErrRecovery)
		}
		all += rows[n]
	}
	return parseIdentity(all)
}

const rowCount = (recoveryChars + rowChars - 1) / rowChars

func parseIdentity(s string) (*age.X25519Identity, error) {
	id, err := age.ParseX25519Identity(s)
	if err != nil {
		return nil, fmt.Errorf("mistake in the identity: %w", ErrRecovery)
	}
	return id, nil
}

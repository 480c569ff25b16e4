package keyfile_test

import (
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"example.org/custody/signing/keyfile"
)

func TestRecovery(t *testing.T) {
	for range 200 {
		id := identity(t)
		file := keyfile.RecoveryFile(id, from)
		ids, err := age.ParseIdentities(strings.NewReader(string(file)))
		if err != nil || len(ids) != 1 {
			t.Fatalf("not an age identity file: %v", err)
		}
		sheet := keyfile.RecoverySheet(id)
		for _, text := range []string{
			string(file), sheet, strings.ToLower(sheet), strings.ReplaceAll(sheet, "\n", "\r\n"),
			sheet[strings.Index(sheet, "\n1 "):],             // the rows alone
			strings.NewReplacer("  ", " \t ").Replace(sheet), // other spacing
			swapRows(sheet), id.String(),
		} {
			got, err := keyfile.ParseRecovery([]byte(text))
			if err != nil || got.String() != id.String() {
				t.Fatalf("%v\n%s", err, text)
			}
		}
	}
}

// swapRows puts the last row first: the numbers tell where it belongs.
func swapRows(sheet string) string {
	i, j := strings.Index(sheet, "\n1 ")+1, strings.Index(sheet, "\n4 ")+1
	return sheet[:i] + sheet[j:] + sheet[i:j]
}

// TestByHand: a row without its number, spaces and check characters is part of
// the age identity, as the sheet says.
func TestByHand(t *testing.T) {
	id := identity(t)
	all := ""
	for line := range strings.Lines(keyfile.RecoverySheet(id)) {
		if f := strings.Fields(line); len(f) > 2 && len(f[0]) == 1 {
			all += strings.Join(f[1:len(f)-1], "")
		} else if strings.HasPrefix(line, "AGE") {
			all += strings.TrimSpace(line)
		}
	}
	if all != id.String() {
		t.Errorf("%s", all)
	}
}

// TestRecoverySlips: a wrong character, two swapped characters, a row with
// another's number, a missing row: each is found, and the row named.
func TestRecoverySlips(t *testing.T) {
	const sheet = `AGE-SECRET-KEY-1
`
	// A fixed identity, so that the slips below are the same on every run.
	fixed, err := age.ParseX25519Identity("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")
	if err != nil {
		t.Fatal(err)
	}
	good := keyfile.RecoverySheet(fixed)
	rows := good[strings.Index(good, "\n1 ")+1:]
	found, tried := 0, 0
	for i, c := range []byte(rows) {
		if c == ' ' || c == '\n' || '1' <= c && c <= '4' && (i == 0 || rows[i-1] == '\n') {
			continue
		}
		for _, slip := range []string{"Q", "7", "O"} {
			if slip[0] == c {
				continue
			}
			tried++
			bad := rows[:i] + slip + rows[i+1:]
			row := string('1' + byte(strings.Count(rows[:i], "\n")))
			_, err := keyfile.ParseRecovery([]byte(bad))
			if !errors.Is(err, keyfile.ErrRecovery) {
				t.Fatalf("slip at %d not found: %v\n%s", i, err, bad)
			}
			if strings.Contains(err.Error(), "row "+row) {
				found++
			}
		}
	}
	if found < tried-1 { // ten check bits: one in 1,024 is left to the whole's checksum
		t.Errorf("the row was named for %d of %d slips", found, tried)
	}
	lines := strings.SplitAfter(rows, "\n")
	for name, c := range map[string]struct{ text, says string }{
		"row missing":   {lines[0] + lines[1] + lines[3], "row 3"},
		"row twice":     {rows + lines[1], "row 2"},
		"other number":  {lines[0] + "3" + lines[1][1:] + lines[2] + lines[3], "row 3"},
		"row too short": {strings.Replace(rows, lines[2], lines[2][:len(lines[2])-2]+"\n", 1), "row 3"},
		"nothing":       {sheet, "row 1"},
		"one line":      {fixed.String()[:70] + "QQQQ", "identity"},
	} {
		_, err := keyfile.ParseRecovery([]byte(c.text))
		if !errors.Is(err, keyfile.ErrRecovery) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "GFPY") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

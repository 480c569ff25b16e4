package ui

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

func utf16Bytes(s string, order binary.ByteOrder) []byte {
	var b bytes.Buffer
	binary.Write(&b, order, utf16.Encode([]rune(s)))
	return b.Bytes()
}

func TestDamage(t *testing.T) {
	note := "custody.example/aa\n1204\nq3sF\n\n— aa AAAA\n"
	for _, tt := range []struct {
		name    string
		head    []byte
		damaged bool
	}{
		{"as written", []byte(note), false},
		{"empty", nil, false},
		{"a zip", []byte("PK\x03\x04\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00mimetype"), false},
		{"zeros", make([]byte, 64), false},
		{"binary with CRLF in it", []byte("\x89PNG\r\n\x1a\n"), false},
		{"age", []byte("age-encryption.org/v1\n-> X25519"), false},
		{"PowerShell", append([]byte{0xff, 0xfe}, utf16Bytes(note, binary.LittleEndian)...), true},
		{"big-endian", append([]byte{0xfe, 0xff}, utf16Bytes(note, binary.BigEndian)...), true},
		{"no mark", utf16Bytes(note, binary.LittleEndian), true},
		{"no mark, big-endian", utf16Bytes(note, binary.BigEndian), true},
		{"byte order mark", append([]byte{0xef, 0xbb, 0xbf}, note...), true},
		{"CRLF", bytes.ReplaceAll([]byte(note), []byte("\n"), []byte("\r\n")), true},
	} {
		if got := Damage(tt.head); (got != "") != tt.damaged {
			t.Errorf("%s: %q", tt.name, got)
		}
		p := DamagedProblem("f.note", tt.head)
		if (p != nil) != tt.damaged || p != nil && ExitCode(p) != ExitUndecided {
			t.Errorf("%s: problem %v", tt.name, p)
		}
	}
}

// A string in UTF-16 is found whatever ASCII it says; the same bytes as they
// were written are not.
func FuzzDamage(f *testing.F) {
	f.Add("custody/home/v1 {}")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 8 {
			return
		}
		for _, c := range []byte(s) {
			if c < 0x20 || c >= 0x7f {
				return
			}
		}
		if reason := Damage([]byte(s)); reason != "" {
			t.Fatalf("%q is called %s", s, reason)
		}
		if Damage(utf16Bytes(s, binary.LittleEndian)) == "" {
			t.Fatalf("%q in UTF-16 is not noticed", s)
		}
	})
}

package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes writes a size for people, in powers of 1024 with three digits or so:
// "0 B", "812 B", "1.4 MiB". Exact sizes belong in data, as plain integers.
func Bytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n)/1024, 0
	for f >= 1023.95 && unit < 5 {
		f, unit = f/1024, unit+1
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGTPE"[unit])
}

// Count writes a number with its noun, thousands apart: "1 item",
// "3,418 events".
func Count(n int, one, many string) string {
	noun := many
	if n == 1 {
		noun = one
	}
	return Grouped(int64(n)) + " " + noun
}

// Grouped writes n with commas between thousands.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), ",")
}

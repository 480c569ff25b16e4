package main

import (
	"bytes"
	"hash/crc32"
	"testing"
)

func TestJoinedCRC(t *testing.T) {
	text := bytes.Repeat([]byte("a ledger that each state keeps\x00\xff"), 70_000)
	for _, at := range []int{0, 1, 3, 16, 1 << 16, 1<<20 + 1, len(text) - 1, len(text)} {
		first, second := text[:at], text[at:]
		got := joinedCRC(crc32.ChecksumIEEE(first), crc32.ChecksumIEEE(second), int64(len(second)))
		if want := crc32.ChecksumIEEE(text); got != want {
			t.Errorf("joined at %d: %08x, want %08x", at, got, want)
		}
	}
}

func TestJoinedCRCOfManyGigabytes(t *testing.T) {
	// 2^32-1 is the order of x modulo the generator, so that many bits more change nothing.
	const bytes = (1<<32 - 1) * 5
	if got := joinedCRC(0x12345678, 0, bytes); got != 0x12345678 {
		t.Errorf("after %d zero bytes: %08x", int64(bytes), got)
	}
}

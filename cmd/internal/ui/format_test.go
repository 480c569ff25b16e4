package ui

import (
	"bytes"
	"math"
	"testing"
)

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1<<20 - 1: "1.0 MiB",
		1 << 30: "1.0 GiB", 5 << 40: "5.0 TiB", math.MaxInt64: "8.0 EiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 events", 1: "1 event", 999: "999 events", 1000: "1,000 events",
		3418: "3,418 events", 1234567: "1,234,567 events", -1000: "-1,000 events"} {
		if got := Count(n, "event", "events"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	table := NewTable("item", "holder", "since")
	var b bytes.Buffer
	if table.Write(&b); b.Len() > 0 {
		t.Errorf("an empty table writes %q", &b)
	}
	table.Row("東京", "Ковальчук", "2026")
	table.Row("e\u0301\x1b[1m", "x")
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"item      holder     since\n" +
		"東京      Ковальчук  2026\n" +
		"e\u0301\\x1b[1m  x\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &b, want)
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		s           string
		cols        int
		start, tail string
	}{
		{"abc", 3, "abc", "abc"},
		{"abcdef", 3, "abc", "…ef"},
		{"東京都", 5, "東京", "…京都"},
		{"東京都", 4, "東京", "…都"},
		{"ab\u0301c", 2, "ab\u0301", "…c"},
		{"abc", 1, "a", "…"},
	} {
		if got := cut(tt.s, tt.cols); got != tt.start {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.s, tt.cols, got, tt.start)
		}
		if got := cutFront(tt.s, tt.cols); got != tt.tail {
			t.Errorf("cutFront(%q, %d) = %q, want %q", tt.s, tt.cols, got, tt.tail)
		}
	}
}

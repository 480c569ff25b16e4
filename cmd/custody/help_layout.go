package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// lineWidth is where help is wrapped: it fits beside a window and on paper.
const lineWidth = 96

// columns sets rows in two columns behind an indent, the second wrapped; a head
// that is too long gets a line of its own.
func columns(rows [][2]string) string {
	const widest = 26
	left := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]); n <= widest {
			left = max(left, n)
		}
	}
	indent := strings.Repeat(" ", left+4)
	var b strings.Builder
	for _, r := range rows {
		text := wrap(r[1], lineWidth-len(indent), indent)
		if utf8.RuneCountInString(r[0]) > widest {
			fmt.Fprintf(&b, "  %s\n%s%s\n", r[0], indent, text)
			continue
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", left, r[0], text)
	}
	return b.String()
}

// wrap breaks text at spaces into lines of at most width characters; indent
// stands before every line but the first.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case used+1+n > width:
			b.WriteString("\n" + indent)
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// paragraphs wraps text whose paragraphs are parted by empty lines.
func paragraphs(text string) string {
	parts := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range parts {
		parts[i] = wrap(p, lineWidth, "")
	}
	return strings.Join(parts, "\n\n")
}

// markup is what Markdown puts around words: links, emphasis.
var markup = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)|\*([^*]+)\*`)

// tableRows returns the rows of the first table in a piece of Markdown, without
// its head, the first cell apart from the others.
func tableRows(markdown string) [][2]string {
	var rows [][2]string
	for _, l := range strings.Split(markdown, "\n") {
		if !strings.HasPrefix(l, "| ") {
			continue
		}
		cells := strings.Split(strings.Trim(l, "| "), " | ")
		for i, c := range cells {
			cells[i] = markup.ReplaceAllString(c, "$1$2")
		}
		rows = append(rows, [2]string{cells[0], strings.Join(cells[1:], "; code: ")})
	}
	return rows[1:]
}

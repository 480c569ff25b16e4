package ui

import (
	"io"
	"strings"
)

// Table is rows of text in columns. Cells are cleaned, so they may come from
// anywhere; widths are those of the terminal, so every script lines up.
type Table struct {
	head []string
	rows [][]string
}

// NewTable returns an empty table with the given column heads.
func NewTable(head ...string) *Table { return &Table{head: head} }

// Row adds a row. Missing cells are empty; cells beyond the last head panic.
func (t *Table) Row(cells ...string) {
	if len(cells) > len(t.head) {
		panic("internal error: table row is longer than its head")
	}
	row := make([]string, len(t.head))
	for i, c := range cells {
		row[i] = name(c)
	}
	t.rows = append(t.rows, row)
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Write writes heads and rows to w, columns parted by two spaces, nothing after
// the last one. A table without rows writes nothing.
func (t *Table) Write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	all := append([][]string{t.head}, t.rows...)
	widths := make([]int, len(t.head))
	for _, row := range all {
		for i, c := range row {
			widths[i] = max(widths[i], displayWidth(c))
		}
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for i, c := range row {
			line.WriteString(c)
			line.WriteString(strings.Repeat(" ", widths[i]-displayWidth(c)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

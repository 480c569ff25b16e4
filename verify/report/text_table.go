package report

import (
	"strings"

	"example.org/custody/verify/report/plain"
)

// minCell is the narrowest a column is made when a table does not fit.
const minCell = 3

// table writes a table whose cells wrap when it is wider than the text.
func (t *textLayout) table(indent string, tab *Table) {
	if len(tab.Rows) == 0 {
		return
	}
	t.line("", "")
	t.paragraph(indent, tab.Caption)
	rows := [][]string{tab.Head}
	for _, r := range tab.Rows {
		rows = append(rows, cells(r, " "))
	}
	columns := measure(rows)
	if total(columns) > t.width-len(indent) { // then second lines of cells stand below
		for n, r := range tab.Rows {
			rows[n+1] = cells(r, "\n")
		}
		columns = measure(rows)
	}
	widths := fit(columns, t.width-len(indent))
	for n, row := range rows {
		t.row(indent, widths, row, n == 0, tab.Rows, n-1)
	}
	t.paragraph(indent, tab.More)
	t.line("", "")
}

// row writes one row; a cell that wraps makes more lines of it.
func (t *textLayout) row(indent string, widths []int, row []string, head bool, marks [][]Cell, n int) {
	wrapped := make([][]string, len(row))
	height := 1
	for i, c := range row {
		for _, line := range strings.Split(c, "\n") {
			wrapped[i] = append(wrapped[i], plain.Wrap(line, widths[i])...)
		}
		height = max(height, len(wrapped[i]))
	}
	for l := range height {
		var b strings.Builder
		for i := range row {
			cell := at(wrapped[i], l)
			space := strings.Repeat(" ", max(0, widths[i]-plain.Width(cell))+2)
			switch {
			case head:
				cell = t.style(LookDim, cell)
			case marks[n][i].Mark != nil:
				cell = t.style(lookOf(marks[n][i].Mark.Status), cell)
			}
			b.WriteString(cell + space)
		}
		t.line(indent, b.String())
	}
}

// cells are the texts of a row; second lines follow behind a space or line break.
func cells(row []Cell, second string) []string {
	out := make([]string, len(row))
	for i, c := range row {
		out[i] = c.Text
		if c.Mark != nil {
			out[i] = strings.TrimSpace(c.Mark.Sign + " " + c.Text)
		}
		if c.Below != "" {
			out[i] += second + c.Below
		}
	}
	return out
}

// column is how wide a column would be, and how narrow it can be without
// breaking a word.
type column struct{ width, word int }

func measure(rows [][]string) []column {
	columns := make([]column, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			for _, line := range strings.Split(c, "\n") {
				columns[i].width = max(columns[i].width, plain.Width(line))
			}
			for _, word := range strings.Fields(c) {
				columns[i].word = max(columns[i].word, plain.Width(word))
			}
		}
	}
	return columns
}

// total is the width of a table, two columns between each two.
func total(columns []column) int {
	n := 2 * (len(columns) - 1)
	for _, c := range columns {
		n += c.width
	}
	return n
}

// fit narrows the widest columns until the table has the width given, two
// columns between each two: first as far as no word breaks, then further.
func fit(columns []column, width int) []int {
	widths, over := make([]int, len(columns)), total(columns)-width
	for i, c := range columns {
		widths[i] = c.width
	}
	for _, words := range []bool{true, false} {
		for over > 0 {
			at := -1
			for i, w := range widths {
				least := minCell
				if words {
					least = max(least, columns[i].word)
				}
				if w > least && (at < 0 || w > widths[at]) {
					at = i
				}
			}
			if at < 0 {
				break
			}
			widths[at]--
			over--
		}
	}
	return widths
}

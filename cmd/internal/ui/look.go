package ui

// Painted returns s in the look of a status where standard output is coloured.
// The status itself must stand beside it as a word ([Terminal.StatusWord]).
func (t *Terminal) Painted(status, s string) string {
	look, ok := statusLooks[status]
	if !ok {
		return s
	}
	return paint(t.colorOut, look.style, s)
}

// OutWidth returns the columns of the terminal behind standard output, 80 when it
// is none.
func (t *Terminal) OutWidth() int { return width(t.std.Out) }

package report

import (
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Options are what a caller adds to a verdict, and how it wants the report.
type Options struct {
	// Language is a BCP 47 tag; the nearest language shipped is used, English
	// when there is none.
	Language string
	// Dossier adds what the record shows of the items, their acts, files and what
	// is held back. It must be the one that was verified; nil leaves them out.
	Dossier *pack.Dossier
	File    string // name of the file that was verified; may be empty
	List    string // file that the trust list was read from; may be empty
	Require []int  // questions that the trust list requires; nil: 1 2 3 4 6

	All    bool // text: describe what holds, too
	ByHand bool // text: say how to check each answer by hand
	Width  int  // text: columns; 0 means 80, and fewer than 40 are taken as 40
	// Style puts text in a look, with terminal codes for example; nil leaves it.
	// It must not change the text's width.
	Style func(look Look, text string) string
}

// Look is how a piece of text is meant to look; the list is closed. A result
// never rests on it: the word and its sign stand in the text.
type Look int

// The looks.
const (
	LookHeading Look = iota
	LookDim
	LookHolds
	LookFails
	LookUndecided
	LookNotApplicable
)

// lookOf returns the look of a result.
func lookOf(s verify.Status) Look {
	switch s {
	case verify.Holds:
		return LookHolds
	case verify.Fails:
		return LookFails
	case verify.Undecided:
		return LookUndecided
	}
	return LookNotApplicable
}

// require returns the questions that must hold.
func (o Options) require() []int {
	if o.Require == nil {
		return []int{1, 2, 3, 4, 6}
	}
	return o.Require
}

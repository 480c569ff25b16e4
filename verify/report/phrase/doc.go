// Package phrase finds the sentences of a verdict again in the English catalogue, by
// the words that stand between their gaps, so that a report can say them in another
// language (spec/lang/README.md, "Details").
//
// A verdict is one text, in English, in every language (spec/verdict.md). Its details
// are sentences with gaps, and what stands in a gap is a value, a name, or another
// sentence. A [Book] knows of every gap what may stand in it: a moment, a hash, the
// place of a leaf, one of the words of a list. A text is recognised when some sentence
// has all of its words and every gap holds what it may; all else is somebody's own
// words, which nobody translates. So no text comes out as more than its English says,
// whoever wrote it.
package phrase

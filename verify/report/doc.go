// Package report turns a verdict into what people read: text for a terminal and
// one self-contained HTML page.
//
// Every word and their order are settled once, in a [Document], from the verdict
// and the catalogue of a language (spec/lang); [Text] and [HTML] only lay it
// out, and whatever comes later, a page for a courtroom or a PDF, lays out the
// same:
//
//	verdict + dossier ─ New ─► Document ─┬─ Text ─► terminal
//	                                     └─ HTML ─► page
//
// The order is the court's: the answer in one sentence and why, what it was
// checked against (rule P10), the ten answers at a glance, each question with
// its facts and what does not hold, and what all this does not prove. A result
// is always a sign and a word, never a colour alone.
//
// A package carries such a page from its packer: [Sender] writes it, headed as
// the statement of the sender that it is (rule P16).
//
// Everything that came from evidence or from another party is escaped so that a
// reader sees it. Same verdict, same bytes. There is no clock and no network.
package report

// Package pdf lays a report out for paper: what a judge needs on one A4 page, and
// everything else after it, in the words and the order of [report.Document]. It is
// never linked into the judge's page, which prints itself.
//
// The first page carries a QR code with the SHA-256 of the package's manifest, so
// that paper and file can be held together; the same digest stands beside it in
// letters. Every page is headed with item and package. The words are
// the same each time; the bytes are not, because the library cuts the fonts in
// another order each time.
//
// [WriteForm] lays out a form of a request (evidence/mla/paper) likewise, headed on
// every page with its title, whom the copy is for, and that it is a draft while it
// is one.
//
// A PDF of this package has no tags for screen readers: the page in HTML is the
// accessible report. It shapes no Arabic and refuses languages that are written
// from right to left ([ErrDirection]); those are printed from the page in HTML.
package pdf

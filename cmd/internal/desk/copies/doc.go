// Package copies deals with the copies of evidence that people hold: it takes those in
// a package out of it, and compares a reader's own with what the records say was sealed.
package copies

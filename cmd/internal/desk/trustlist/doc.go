// Package trustlist holds trust lists as desks have them: the list that a desk has
// pinned with the texts it names, the file in which lists travel between desks, what
// one list changes of another, and the walk from one to the next (spec/trust.md).
//
// Nothing here signs or writes: that takes a desk.
package trustlist

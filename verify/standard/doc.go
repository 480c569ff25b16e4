// Package standard answers whether an item was gathered to the standard that it
// names (spec/standards.md): which pack counts, whether it was in force, and what
// became of each of its rules. It compares two packs and what two packs say of
// one item, and judges a draft before anything is written.
//
// A pack counts only when the reader's trust list names it by digest. What it
// decides is then data of the pack; this package adds no rule of its own. It is
// pure: no clock, no I/O.
package standard

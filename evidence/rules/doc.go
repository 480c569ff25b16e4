// Package rules reads standards, the rule packs of spec/standards.md, and
// evaluates their rules, which are CEL expressions, over what is known of an item.
//
// A pack is data that may come from anyone: [Parse] reads it, [Compile] checks
// every expression against the types of the pack's own fields and estimates its
// cost, and refuses a pack with a file, a line and a reason ([LoadError]) before
// anything of it runs. What it then evaluates always ends.
//
// Logic is three-valued (rule P5): a value that is held back, absent, not proven
// or not yet due is unknown, unknown goes through every operator but those whose
// other side decides alone, and unknown never holds. The causes come out with
// the result.
//
// The same pack and input give the same result on every system: there is no
// clock, no randomness, no map to iterate over. It does no I/O but through the
// file systems a [Library] is given.
//
// Whatever pack a released version evaluated, every later one evaluates to the
// same result.
package rules

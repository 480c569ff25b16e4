// Package trust says who counts, from when to when: the trust list that the
// member states sign, and the quorum policies it names (spec/trust.md; rules
// P8, P10, P12, P17, P18).
//
//	custody-trust/v1
//	version 2
//	previous 1 sha256:…
//	…
//	state AA key AA+…          a state and its list-signing key
//	log … witness … auditor … authority … policy …
//
//	— AA …                     signatures of the states
//
// A list is a C2SP signed note with one encoding. [Open] reads one: the first
// from its own states' signatures, a later one only after the list before it.
// A [List] then answers whether a key counted for a checkpoint of some size or
// at some time. A [Policy] (C2SP tlog-policy text, strict) says which
// cosignatures are enough, counted in states and never in keys.
//
// Nothing here reads a clock, a file or a network: every time is an argument.
// Whether a newer list found in a package may be used is proven in a ledger, by
// whoever reads the package (rule P12). Every list and policy that a released
// version accepted is accepted by every later one.
package trust

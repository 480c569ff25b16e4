// Package verify turns a package, or the dossier of a handoff, and a trust list
// into a verdict: the ten questions of a court, each answered holds, fails,
// undecided or not applicable (spec/verdict.md, rules P1–P18).
//
// It is pure: no clock, no network, no randomness, no file. Same input, same
// bytes. It recomputes every leaf it has the event for and never trusts a
// carried one; what depends on a check that does not hold is undecided, never
// holds; and a finding that fails carries the values that contradict, so that
// the failure can be seen without this program.
//
// Lists, policies, keys and certificates inside a package are data. Only the
// trust list given by the caller is a root (rule P10); without one nothing
// beyond the package itself can be decided.
package verify

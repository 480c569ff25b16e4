// Package check holds what a look at a home or a ledger found, one line each.
package check

import (
	"fmt"

	"example.org/custody/verify"
)

// Check is the result of one look.
type Check struct {
	Name    string        // stable: home.format, disk.space, …
	Status  verify.Status // holds; fails: must be put right; undecided: should be looked at
	Subject string        // what was looked at
	Detail  string        // one sentence
	Do      string        // what to do, when it does not hold
}

// List gathers checks in their order.
type List []Check

// Add notes a check; do says what to do when it does not hold.
func (l *List) Add(name string, s verify.Status, do, detail string, args ...any) {
	*l = append(*l, Check{Name: name, Status: s, Detail: fmt.Sprintf(detail, args...), Do: do})
}

// Holds notes what is as it should be.
func (l *List) Holds(name, detail string, args ...any) {
	l.Add(name, verify.Holds, "", detail, args...)
}

// Warns notes what should be looked at.
func (l *List) Warns(name, do, detail string, args ...any) {
	l.Add(name, verify.Undecided, do, detail, args...)
}

// Fails notes what must be put right.
func (l *List) Fails(name, do, detail string, args ...any) {
	l.Add(name, verify.Fails, do, detail, args...)
}

package desk

import (
	"fmt"

	"example.org/custody/evidence"
)

// citation is how a leaf is named everywhere: origin#index.
func citation(o evidence.Origin, index uint64) string { return fmt.Sprintf("%s#%d", o, index) }

// Cite names the leaf of an act, "" while it waits.
func (d Done) Cite() string {
	if d.Waits {
		return ""
	}
	return citation(d.Origin, d.Index)
}

// Cite names the leaf of an entry, "" when it is not logged.
func (e *Entry) Cite() string {
	if e.Body.Index == nil {
		return ""
	}
	return citation(e.Event.Origin, *e.Body.Index)
}

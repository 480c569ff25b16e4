package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Entry is what the tool knows about a code, printed by `custody help E-…` and
// used where a problem leaves Means or Do out.
type Entry struct {
	Code  Code     // "E-" and capitals, digits, hyphens
	Class error    // ErrUsage, ErrNotAuthentic, ErrUndecided, ErrInterrupted, or nil for exit code 1
	Title string   // a few words
	Means string   // what it means for the evidence, one sentence
	Do    []string // what to do, most useful first
	About string   // one paragraph more, for the help page; may be empty
	For   []error  // sentinels that this code explains when an error wraps one and is no problem yet
}

var catalogue struct {
	sync.RWMutex
	entries map[Code]Entry
	order   []Code // as they were registered
}

// Register adds entries to the catalogue. It is meant for package variables
// (`var _ = ui.Register(…)`) beside the verb that reports them, and returns the
// number of entries so that it can be one. It panics if an entry is incomplete
// or its code is taken: a code means one thing.
func Register(entries ...Entry) int {
	catalogue.Lock()
	defer catalogue.Unlock()
	if catalogue.entries == nil {
		catalogue.entries = make(map[Code]Entry)
	}
	for _, e := range entries {
		if err := e.validate(); err != nil {
			panic("internal error: " + err.Error())
		}
		if _, taken := catalogue.entries[e.Code]; taken {
			panic(fmt.Sprintf("internal error: problem code %s registered twice", e.Code))
		}
		catalogue.entries[e.Code] = e
		catalogue.order = append(catalogue.order, e.Code)
	}
	return len(entries)
}

// validate reports what is missing from e.
func (e Entry) validate() error {
	name, ok := strings.CutPrefix(string(e.Code), "E-")
	if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return fmt.Errorf("problem code %q is not E- and capitals", e.Code)
	}
	if e.Title == "" || e.Means == "" || len(e.Do) == 0 {
		return fmt.Errorf("problem code %s lacks title, means or do", e.Code)
	}
	return nil
}

// Exit returns the exit code that goes with e.
func (e Entry) Exit() int {
	if e.Class == nil {
		return ExitFailed
	}
	return ExitCode(e.Class)
}

// Lookup returns the entry of code. The case of letters does not matter.
func Lookup(code Code) (Entry, bool) {
	catalogue.RLock()
	defer catalogue.RUnlock()
	e, ok := catalogue.entries[Code(strings.ToUpper(string(code)))]
	return e, ok
}

// explains returns the first code, in the order of registration, that says it
// explains an error in the tree of err.
func explains(err error) (Code, bool) {
	catalogue.RLock()
	defer catalogue.RUnlock()
	for _, code := range catalogue.order {
		for _, sentinel := range catalogue.entries[code].For {
			if errors.Is(err, sentinel) {
				return code, true
			}
		}
	}
	return "", false
}

// Entries returns the whole catalogue, sorted by code.
func Entries() []Entry {
	catalogue.RLock()
	defer catalogue.RUnlock()
	all := make([]Entry, 0, len(catalogue.entries))
	for _, e := range catalogue.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return all
}

package verify

import (
	"fmt"
	"slices"
	"strings"
)

// conclude sets exit code, status and sentence of a verdict (rule P18).
func (v *Verdict) conclude(require []int) {
	failed, open := v.reasons(require)
	switch {
	case failed.any():
		v.Exit, v.Status = ExitFails, Fails
		v.Sentence = "Proven not authentic as shown: " + failed.first() + "."
	case open.any():
		v.Exit, v.Status = ExitUndecided, Undecided
		v.Sentence = "Could not be decided: " + open.first() + "."
	default:
		v.Exit, v.Status = ExitHolds, Holds
		v.Sentence = "Every required question holds for " + count(len(v.Items), "item", "items") + "."
	}
}

// reasons keeps the causes apart from what only rests on them, so that a verdict
// names a cause.
type reasons struct{ causes, resting []string }

func (r *reasons) add(about, detail string) {
	if strings.HasPrefix(detail, restsOn) {
		r.resting = append(r.resting, about+detail)
	} else {
		r.causes = append(r.causes, about+detail)
	}
}

func (r *reasons) any() bool     { return len(r.causes)+len(r.resting) > 0 }
func (r *reasons) first() string { return slices.Concat(r.causes, r.resting)[0] }

// reasons lists what contradicts, and what keeps the verdict from holding.
func (v *Verdict) reasons(require []int) (failed, open reasons) {
	if v.Trust.Source == SourceNone {
		open.add("", "there is no trust list")
	}
	for _, f := range v.Container {
		about := fmt.Sprintf("%s of %s: ", f.Check, f.Subject)
		switch f.Status {
		case Fails:
			failed.add(about, f.Detail)
		case Undecided:
			open.add(about, f.Detail)
		}
	}
	for _, item := range v.Items {
		for _, q := range item.Questions {
			about := fmt.Sprintf("question %d about item %s: ", q.N, item.Item.Short())
			if q.N <= 6 && q.Status == Fails {
				failed.add(about, firstDetail(q, Fails))
			}
			if q.Status != Holds && slices.Contains(require, q.N) || hasGap(q) {
				open.add(about, firstDetail(q, Undecided))
			}
		}
	}
	if len(v.Items) == 0 {
		open.add("", "there is no item to answer for")
	}
	return failed, open
}

// hasGap reports whether a question shows a gap of custody.
func hasGap(q Question) bool {
	for _, f := range q.Findings {
		if f.Check == checkGap && f.Status == Undecided {
			return true
		}
	}
	return false
}

// firstDetail returns the first cause with that status, else the first detail
// that rests on another finding.
func firstDetail(q Question, s Status) string {
	resting := q.Sentence
	for _, f := range slices.Backward(q.Findings) {
		if f.Status == s && strings.HasPrefix(f.Detail, restsOn) {
			resting = f.Detail
		}
	}
	for _, f := range q.Findings {
		if f.Status == s && !strings.HasPrefix(f.Detail, restsOn) {
			return f.Detail
		}
	}
	return resting
}

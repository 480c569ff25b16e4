package verify

import (
	"fmt"
	"slices"
)

// conclude sets exit code, status and sentence of a verdict (rule P18).
func (v *Verdict) conclude(require []int) {
	failed, open := v.reasons(require)
	switch {
	case len(failed) > 0:
		v.Exit, v.Status = ExitFails, Fails
		v.Sentence = "Proven not authentic as shown: " + failed[0] + "."
	case len(open) > 0:
		v.Exit, v.Status = ExitUndecided, Undecided
		v.Sentence = "Could not be decided: " + open[0] + "."
	default:
		v.Exit, v.Status = ExitHolds, Holds
		v.Sentence = "Every required question holds for " + count(len(v.Items), "item", "items") + "."
	}
}

// reasons lists what contradicts, and what keeps the verdict from holding.
func (v *Verdict) reasons(require []int) (failed, open []string) {
	for _, f := range v.Container {
		why := fmt.Sprintf("%s of %s: %s", f.Check, f.Subject, f.Detail)
		switch f.Status {
		case Fails:
			failed = append(failed, why)
		case Undecided:
			open = append(open, why)
		}
	}
	for _, item := range v.Items {
		for _, q := range item.Questions {
			why := fmt.Sprintf("question %d about item %s: ", q.N, item.Item.Short())
			if q.N <= 6 && q.Status == Fails {
				failed = append(failed, why+firstDetail(q, Fails))
			}
			if q.Status != Holds && slices.Contains(require, q.N) || hasGap(q) {
				open = append(open, why+firstDetail(q, Undecided))
			}
		}
	}
	if len(v.Items) == 0 {
		open = append(open, "there is no item to answer for")
	}
	if v.Trust.Source == SourceNone {
		open = append(open, "there is no trust list")
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

func firstDetail(q Question, s Status) string {
	for _, f := range q.Findings {
		if f.Status == s {
			return f.Detail
		}
	}
	return q.Sentence
}

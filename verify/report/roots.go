package report

import (
	"regexp"
	"strconv"
	"strings"

	"example.org/custody/verify"
)

// Names of checks that a report treats in a way of their own
// (spec/verdict.md).
const (
	gapCheck    = "custody.gap"
	recordCheck = "record.root"
	formCheck   = "envelope.form"
	treeCheck   = "content.tree"
	listCheck   = "trust.list"
	courtCheck  = "checkpoint.court"

	receiptCheck = "checkpoint.receipt"

	filePrefix = "file/" // of the subject of a finding about a file
)

// restsOn reads the sentence of a finding that is undecided because of another:
// it names that one's check and subject.
var restsOn = regexp.MustCompile(`^rests on (\S+) of (.*), which (?:fails|is undecided)$`)

// rests reports whether a finding is undecided because of another.
func rests(f verify.Finding) bool {
	return f.Status == verify.Undecided && restsOn.MatchString(f.Detail)
}

// isAlone reports whether a ledger's checkpoint is undecided because the trust
// list asks nobody else to vouch for it (rule P17).
func isAlone(f verify.Finding) bool {
	return (f.Check == courtCheck || f.Check == receiptCheck) && f.Status == verify.Undecided && strings.HasSuffix(f.Detail, aloneWords)
}

// aloneWords end the sentence of such a finding.
const aloneWords = "on the word of one state alone"

// isPlainDigest reports whether an undecided finding is a digest that the reader
// chose not to compute: undecided for itself, not for the question.
func isPlainDigest(f verify.Finding) bool {
	return f.Check == "content.sha256" || f.Check == "content.sha512"
}

// findingKey tells findings apart within a verdict. The same one may stand under
// several questions and items.
type findingKey struct{ check, subject, detail string }

func keyOf(f verify.Finding) findingKey { return findingKey{f.Check, f.Subject, f.Detail} }

// roots finds, for a finding that rests on another, the one at the bottom.
type roots struct {
	named map[[2]string]verify.Finding // by check and subject: the first that does not hold
}

func newRoots(v *verify.Verdict) *roots {
	r := &roots{named: map[[2]string]verify.Finding{}}
	r.learn(v.Container)
	for _, i := range v.Items {
		for _, q := range i.Questions {
			r.learn(q.Findings)
		}
	}
	return r
}

func (r *roots) learn(findings []verify.Finding) {
	for _, f := range findings {
		if f.Status != verify.Fails && f.Status != verify.Undecided {
			continue
		}
		key := [2]string{f.Check, f.Subject}
		if old, ok := r.named[key]; !ok || rests(old) && !rests(f) {
			r.named[key] = f
		}
	}
}

// of follows what f rests on as far as the verdict shows it. A finding that
// names one which is not shown is its own root.
func (r *roots) of(f verify.Finding) verify.Finding {
	for range len(r.named) {
		m := restsOn.FindStringSubmatch(f.Detail)
		if m == nil {
			return f
		}
		next, ok := r.named[[2]string{m[1], m[2]}]
		if !ok || keyOf(next) == keyOf(f) {
			return f
		}
		f = next
	}
	return f
}

// eventsOf returns how many events of an item were looked at.
func eventsOf(i verify.ItemVerdict) int {
	for _, q := range i.Questions {
		for _, f := range q.Facts {
			if q.N == 4 && f.Name == "events" {
				n, _ := strconv.Atoi(f.Value)
				return n
			}
		}
	}
	return 0
}

func number(n int) string { return strconv.Itoa(n) }

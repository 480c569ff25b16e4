package verify

import (
	"strings"

	"example.org/custody/evidence"
)

// ofRequests are the checks of question 8 that an older program does not have.
var ofRequests = map[string]bool{checkLimits: true, checkSteps: true, checkClock: true, checkDelivery: true}

// otherLaw tells which differences in question 8 say nothing about a sender: an older
// program has none of its checks; another version has instruments and calendars that
// this one does not have, or the other way round.
type otherLaw struct {
	older bool                     // no item of theirs has such a check
	mine  map[evidence.ItemID]bool // a request of the item that this program cannot read
	less  map[evidence.ItemID]bool // theirs leaves open what this program does not
}

// lawsOf compares what both programs could read.
func lawsOf(mine, theirs []ItemVerdict) *otherLaw {
	o := &otherLaw{older: true, mine: map[evidence.ItemID]bool{}, less: map[evidence.ItemID]bool{}}
	own := statuses(mine)
	for f, item := range requestFindings(mine) {
		if f.Status == Undecided && strings.HasPrefix(f.Detail, requestUnread) {
			o.mine[item] = true
		}
	}
	for f, item := range requestFindings(theirs) {
		o.older = false
		if f.Status == Undecided && f.Check != checkLimits && own[findingKey{item, 8, f.Check, f.Subject, 0}] != Undecided {
			o.less[item] = true
		}
	}
	return o
}

// requestUnread is how the detail of a request that could not be read begins.
const requestUnread = "the request cannot be read: "

// requestFindings lists the findings of question 8 beside the authority.
func requestFindings(items []ItemVerdict) map[*Finding]evidence.ItemID {
	all := map[*Finding]evidence.ItemID{}
	for _, i := range items {
		for _, q := range i.Questions {
			for n := range q.Findings {
				if ofRequests[q.Findings[n].Check] {
					all[&q.Findings[n]] = i.Item
				}
			}
		}
	}
	return all
}

// excuses reports whether a difference is one of programs. Limits need no instrument:
// only an older program leaves them out, or says that it holds what this one leaves open.
// Whoever says less than was found deceives nobody, nor does who says more where the
// reader's own verdict leaves it open.
func (o *otherLaw) excuses(k findingKey, mine, theirs Status) bool {
	switch {
	case !ofRequests[k.check]:
		return false
	case mine == Undecided:
		return true
	case theirs == missing && (o.older || k.check != checkLimits && o.less[k.item]):
		return true
	case k.check == checkLimits:
		return false
	}
	return theirs == Undecided || theirs != missing && o.mine[k.item]
}

// asFound reports whether a question has the status that its own findings give it, each
// of which was compared: where another instrument made them others, so is the status.
func asFound(q Question) bool { return q.N == 8 && q.Status == statusOf(q.Findings) }

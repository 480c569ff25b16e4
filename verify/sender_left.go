package verify

// leftOut is what of a sender's verdict was not compared with the one computed again.
type leftOut struct {
	digests bool // plain digests that sender and reader did not both recompute
	others  bool // what one of the two did not have before it, or another now, or did not name
}

// What is said of a sender's verdict that nothing contradicts: no more than was compared.
const (
	sameAsSender   = "computed again under the list it names, every finding has the same status"
	sameButDigests = "computed again under the list it names, every finding has the same status, except those about plain digests: sender and reader did not both recompute these, so they were not compared"
	sameButOthers  = "computed again under the list it names, every finding has the same status, except some that were not compared: sender and reader did not have the same copies, digests, standards, law or anchors before them, or the sender's verdict does not name them"
)

// asSenderSays is [asSenderSays], and remembers of a finding that it puts in other words
// that it was not compared.
func (l *leftOut) asSenderSays(f Finding) Finding {
	as := asSenderSays(f)
	l.digests = l.digests || as.Status != f.Status
	return as
}

// note remembers a finding whose two statuses are no difference though they differ.
func (l *leftOut) note(k findingKey, mine, theirs Status) {
	plain := k.check == checkSHA256 || k.check == checkSHA512
	switch {
	case mine == theirs:
	case plain && (mine == Undecided || theirs == Undecided):
		l.digests = true
	default:
		l.others = true
	}
}

func (l *leftOut) same() result {
	switch {
	case l.others:
		return holds(sameButOthers)
	case l.digests:
		return holds(sameButDigests)
	}
	return holds(sameAsSender)
}

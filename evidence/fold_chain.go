package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// foldState is the state of a fold between two events.
type foldState struct {
	t        *Timeline
	erasures map[Hash]Erasure // by leaf, from the history's dispose events
	opened   map[Seal]bool    // every seal opened so far
	previous Hash             // leaf hash of the event before
	next     *OpenSeal        // what the next event closes; nil when the item ended
	choice   []OpenSeal       // after an erased event instead: one of these
	first    Action           // the first event's; "" when it is erased
	holds    bool             // the number of holds is known
	clock    clockState
	seals    sealState
}

func newFoldState(links []Link) *foldState {
	f := &foldState{
		t:        &Timeline{State: StateUnknown, Spans: []Span{}, Open: []OpenSeal{}, Gaps: []Gap{}, Undecided: []Gap{}},
		erasures: map[Hash]Erasure{},
		opened:   map[Seal]bool{},
		holds:    true,
	}
	for _, l := range links {
		if l.Event == nil {
			continue
		}
		for _, x := range l.Event.Erases {
			f.erasures[x.Leaf] = x
		}
	}
	return f
}

// add takes in the event at position i. It changes nothing when it fails.
func (f *foldState) add(i int64, l Link) error {
	if l.Event == nil {
		return f.addErased(i, l)
	}
	if err := f.chain(i, l); err != nil {
		return err
	}
	if err := f.allowed(l); err != nil {
		return err
	}
	f.close(l.Event.Closes)
	if i == 0 {
		f.t.Item, f.first = l.Event.Item, l.Event.Action
		f.opened[l.Event.Closes] = true
	}
	f.open(l.Event)
	f.previous = l.Leaf
	f.custody(l, f.clocks(l))
	f.doubts(l)
	return nil
}

// chain checks that the event follows on the one before.
func (f *foldState) chain(i int64, l Link) error {
	e := l.Event
	fail := func(c ChainCheck, format string, args ...any) error {
		return &ChainError{i, c, fmt.Sprintf(format, args...)}
	}
	if err := e.Validate(); err != nil {
		return fail(CheckForm, "%v", err)
	}
	switch {
	case i > 0 && e.Item != f.t.Item:
		return fail(CheckItem, "is of item %s", e.Item)
	case e.Seq != i:
		return fail(CheckSeq, "has number %d", e.Seq)
	case i > 0 && e.Previous != f.previous:
		return fail(CheckPrevious, "names %s as the event before, which is %s", e.Previous, f.previous)
	case i > 0 && f.next == nil && f.choice == nil:
		return fail(CheckEnded, "%s after the item has ended", e.Action)
	}
	if i > 0 {
		if err := f.follows(l, fail); err != nil {
			return err
		}
	}
	if x, ok := f.erasures[l.Leaf]; ok && !sameSeals(x.Opened, e) {
		return fail(CheckErased, "opened other seals than an erasure says of it")
	}
	for _, o := range opens(e) {
		if f.opened[o.Seal] {
			return fail(CheckReused, "opens seal %s, which was opened before", o.Seal)
		}
	}
	return nil
}

// follows checks the seal that the event closes, and its ledger.
func (f *foldState) follows(l Link, fail func(ChainCheck, string, ...any) error) error {
	e := l.Event
	if f.next == nil {
		if !slices.ContainsFunc(f.choice, func(o OpenSeal) bool { return o.Seal == e.Closes }) {
			return fail(CheckSeal, "closes seal %s, which the erased event before did not open", e.Closes)
		}
		return nil
	}
	if e.Closes != f.next.Seal {
		return fail(CheckSeal, "closes seal %s; the event before opened %s", e.Closes, f.next.Seal)
	}
	if e.Origin != f.next.Origin && !l.Moved {
		return fail(CheckOrigin, "is in %s; its seal was opened in %s", e.Origin, f.next.Origin)
	}
	return nil
}

// addErased takes in the place of an erased event.
func (f *foldState) addErased(i int64, l Link) error {
	x, ok := f.erasures[l.Leaf]
	if l.Erasure != nil {
		x, ok = *l.Erasure, true
	}
	switch {
	case !ok || x.Leaf != l.Leaf:
		return &ChainError{i, CheckErased, fmt.Sprintf("the event is not shown, and no erasure names its leaf %s", l.Leaf)}
	case i > 0 && f.next == nil && f.choice == nil:
		return &ChainError{i, CheckEnded, "an erased event after the item has ended"}
	case f.next != nil && l.Closes != f.next.Seal,
		f.choice != nil && !slices.ContainsFunc(f.choice, func(o OpenSeal) bool { return o.Seal == l.Closes }):
		return &ChainError{i, CheckSeal, fmt.Sprintf("the erased event closes seal %s, which the event before did not open", l.Closes)}
	}
	for _, s := range x.Opened {
		if f.opened[s] {
			return &ChainError{i, CheckReused, fmt.Sprintf("the erased event opened seal %s, which was opened before", s)}
		}
	}
	f.close(l.Closes)
	if i == 0 {
		f.t.Item = ItemID(l.Closes) // a first event closes its birth seal
		f.opened[l.Closes] = true
	}
	f.next, f.choice = nil, nil
	for _, s := range x.Opened {
		f.opened[s] = true
		f.choice = append(f.choice, OpenSeal{Seal: s, Purpose: PurposeErased, Seq: i})
	}
	f.t.Open = append(f.t.Open, f.choice...)
	f.previous = l.Leaf
	f.erase(i, x)
	return nil
}

// close takes the seal off the open ones. Of those that an erased event opened
// it was the next one, so that the others are of children (rule P2).
func (f *foldState) close(s Seal) {
	f.t.Open = slices.DeleteFunc(f.t.Open, func(o OpenSeal) bool { return o.Seal == s })
	for i := range f.t.Open {
		if f.t.Open[i].Purpose == PurposeErased {
			f.t.Open[i].Purpose = PurposeChild
		}
	}
}

// open notes the seals that the event opens.
func (f *foldState) open(e *Event) {
	f.next, f.choice = nil, nil
	for _, o := range opens(e) {
		f.opened[o.Seal] = true
		f.t.Open = append(f.t.Open, o)
		if o.Purpose == PurposeNext {
			f.next = &o
		}
	}
}

// opens lists the seals an event opens, the next one first.
func opens(e *Event) []OpenSeal {
	var list []OpenSeal
	if n := e.Opens.Next; n != nil {
		list = append(list, OpenSeal{n.Seal, n.Origin, PurposeNext, e.Seq})
	}
	for _, c := range e.Opens.Children {
		list = append(list, OpenSeal{Seal(c.Item), c.Origin, PurposeChild, e.Seq})
	}
	return list
}

// sameSeals reports whether e opens exactly the seals listed, each listed once.
func sameSeals(seals []Seal, e *Event) bool {
	own := opens(e)
	for _, o := range own {
		if !slices.Contains(seals, o.Seal) {
			return false
		}
	}
	return len(seals) == len(own)
}

// finish closes the timeline as of a moment.
func (f *foldState) finish(asOf time.Time) {
	f.expire(asOf)
	if n := len(f.t.Spans); n > 0 && f.t.Spans[n-1].Kind == SpanUnknown {
		f.hidden(f.t.Spans[n-1], time.Time{})
	}
	slices.SortStableFunc(f.t.Gaps, func(a, b Gap) int { return cmp.Compare(a.Seq, b.Seq) })
}

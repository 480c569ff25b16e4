package verify

import (
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/inventory"
)

// delivery compares what was delivered with what was received, and with the files of
// the items shown that name the request.
func (r *requestCase) delivery(a *answer) {
	count, root, sent := r.read.History.Sent()
	if !sent {
		a.add(conclude(checkDelivery, r.id.String(), undecided("no delivery under the request is shown"), r.rests...))
		return
	}
	a.fact("delivery", fmt.Sprintf("%d, %s", count, root))
	a.add(conclude(checkDelivery, r.id.String(), r.received(count, root), r.rests...))
	shown := r.shown()
	a.add(conclude(checkDelivery, r.id.String()+" files", shown.compare(count, root), slices.Concat(shown.rests, r.rests)...))
}

// brought reports whether the files shown are what the other side committed to.
func (r *requestCase) brought() bool {
	count, root, sent := r.read.History.Sent()
	return sent && r.shown().compare(count, root).status == Holds
}

// received compares what whoever received it counted, in the last step that says so.
func (r *requestCase) received(count int, root string) result {
	s, e := r.step("received-verified", "received-mismatch")
	if e == nil {
		return undecided("nothing shown compares what came with what was delivered")
	}
	n, ok := s.Facts["received-count"].(float64)
	came, _ := s.Facts["received-root"].(string)
	if !ok || came == "" {
		return undecided("nothing shown compares what came with what was delivered")
	}
	if int(n) != count || came != root {
		return fails(Proof{"delivered": root, "received": came}, "what was received is not what was delivered")
	}
	same := holds("what was received is what was delivered, %d in number", count)
	if r.apart(e) {
		return same
	}
	return onWord(same, s, e)
}

// apart reports whether nobody who signed the receipt signed the delivery: then each side
// has said what it saw.
func (r *requestCase) apart(receipt *eventCase) bool {
	_, sent := r.step("partial-delivery", "sealed-abroad", "produced")
	return sent != nil && !slices.ContainsFunc(receipt.event.Signers, func(x evidence.Signer) bool {
		return slices.ContainsFunc(sent.event.Signers, func(y evidence.Signer) bool { return x.Enrolled == y.Enrolled })
	})
}

// filesCase has the files recorded for every item that names a request.
type filesCase struct {
	count int
	root  string     // of their inventory
	rests []*Finding // the records they are in
	err   error      // why there is no inventory
}

// shown returns the files recorded for every item here that names the request. They are
// gathered once, however many items ask.
func (r *requestCase) shown() *filesCase {
	if r.files[r.id] == nil {
		r.files[r.id] = r.gather()
	}
	return r.files[r.id]
}

func (r *requestCase) gather() *filesCase {
	x := &filesCase{}
	var entries []inventory.Entry
	for _, line := range r.d.Items {
		history := r.items[line.Item]
		if !r.names(history) || history[0].seq != 0 {
			continue
		}
		x.rests = append(x.rests, history[0].record)
		files, err := filesOf(history[0].view())
		if err != nil {
			x.err = err
			return x
		}
		entries = append(entries, files...)
	}
	all, err := inventory.New(entries)
	if err != nil {
		x.err = err
		return x
	}
	x.count, x.root = len(all.Entries()), "sha256:"+all.Root().String()
	return x
}

// names reports whether a history has an event that names the request.
func (r *requestCase) names(history []*eventCase) bool {
	for _, e := range history {
		if id, found, err := evidence.Value[evidence.ItemID](e.view(), mla.FieldRequest); err == nil && found == evidence.Present && id == r.id {
			return true
		}
	}
	return false
}

// errNoFiles reports files whose names or digests are held back.
var errNoFiles = errors.New("names or digests of files are held back")

// filesOf lists the files of a record, or returns [errNoFiles].
func filesOf(v *evidence.View) (entries []inventory.Entry, err error) {
	if v == nil || hasHiddenNames(v) {
		return nil, errNoFiles
	}
	for _, e := range v.Files() {
		if e.Form != evidence.Shown {
			return nil, errNoFiles
		}
		f, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return nil, err
		}
		if f.Kind == evidence.KindFile && f.Digests != nil {
			entries = append(entries, inventory.Entry{Name: f.Path, SHA256: f.Digests.SHA256})
		}
	}
	return entries, nil
}

// compare compares the files with the inventory that was committed to.
func (x *filesCase) compare(count int, root string) result {
	switch {
	case x.err != nil:
		return undecided("names or digests of files are held back, so they cannot be compared with what was delivered")
	case x.count != count:
		return undecided("%d files were delivered, and %d are shown", count, x.count)
	case x.root != root:
		return fails(Proof{"delivered": root, "shown": x.root}, "the files shown are as many as were delivered, %d, and are others", count)
	}
	return holds("the files shown are all that was delivered, %d in number", count)
}

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
	shown, rests, err := r.shown()
	a.add(conclude(checkDelivery, r.id.String()+" files", compareShown(shown, err, count, root), append(rests, r.rests...)...))
}

// brought reports whether the files shown are what the other side committed to.
func (r *requestCase) brought() bool {
	count, root, sent := r.read.History.Sent()
	shown, _, err := r.shown()
	return sent && compareShown(shown, err, count, root).status == Holds
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

// shown makes the inventory of the files recorded for every item here that names the
// request, and returns the records that it rests on.
func (r *requestCase) shown() (*inventory.Inventory, []*Finding, error) {
	var entries []inventory.Entry
	var rests []*Finding
	for _, line := range r.d.Items {
		history := r.items[line.Item]
		if !r.names(history) || history[0].seq != 0 {
			continue
		}
		rests = append(rests, history[0].record)
		files, err := filesOf(history[0].view())
		if err != nil {
			return nil, rests, err
		}
		entries = append(entries, files...)
	}
	inv, err := inventory.New(entries)
	return inv, rests, err
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

// compareShown compares the files shown with the inventory that was committed to.
func compareShown(shown *inventory.Inventory, err error, count int, root string) result {
	switch {
	case err != nil:
		return undecided("names or digests of files are held back, so they cannot be compared with what was delivered")
	case len(shown.Entries()) != count:
		return undecided("%d files were delivered, and %d are shown", count, len(shown.Entries()))
	case "sha256:"+shown.Root().String() != root:
		return fails(Proof{"delivered": root, "shown": "sha256:" + shown.Root().String()}, "the files shown are as many as were delivered, %d, and are others", count)
	}
	return holds("the files shown are all that was delivered, %d in number", count)
}

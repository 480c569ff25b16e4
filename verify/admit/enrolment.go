package admit

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// Place is where and when an event's leaf came into a ledger.
type Place struct {
	Origin evidence.Origin
	Index  uint64
	// Received is the time T of the checkpoint of the event's receipt; zero when
	// there is no receipt. Needed only across ledgers (rule P8).
	Received time.Time
}

// Checkpoint is one moment at which a ledger is known to have had a size.
type Checkpoint struct {
	Size uint64    // leaves below it
	Time time.Time // T, the lower bound; zero when not known
}

// Enrolment is what is proven about an enrolled key.
type Enrolment struct {
	Item      evidence.ItemID // of the enrolment: signers name it
	Key       evidence.KeyID
	Role      evidence.Role
	Authority evidence.StateCode
	Place     Place
	// Closed is where the revocation is, nil when none is known.
	Closed *Place
	// Unbroken says up to where the enrolment's seal is proven not closed: no
	// leaf below Size closes it. Only looked at when Closed is nil.
	Unbroken []Checkpoint
	// Seen are checkpoints of the ledger that Closed is in: a revocation at or
	// past the size of one came after its time.
	Seen []Checkpoint
}

// Signer reports whether s signs as the key that n enrolled. A nil n means that
// no enrolment is known.
func (n *Enrolment) Signer(s evidence.Signer) *Refusal {
	what := fmt.Sprintf("signature of %s", short(s.Key))
	switch {
	case n == nil:
		return undecided(CodeEnrolment, what, "its enrolment %s is not known", s.Enrolled.Short())
	case s.Enrolled != n.Item:
		return refuse(CodeEnrolment, what, "it names the enrolment %s, known is %s", s.Enrolled.Short(), n.Item.Short())
	case s.Key != n.Key:
		return refuse(CodeEnrolment, what, "the enrolment is for the key %s", short(n.Key))
	case s.Role != n.Role:
		return refuse(CodeEnrolment, what, "it signs as %q and is enrolled as %q", s.Role, n.Role)
	case s.Authority != n.Authority:
		return refuse(CodeEnrolment, what, "it signs for %s and is enrolled by %s", s.Authority, n.Authority)
	}
	return nil
}

// Covers reports whether the enrolment was good for an event at that place
// (rule P8): by index in the same ledger, by receipt times across ledgers.
func (n *Enrolment) Covers(at Place) *Refusal {
	what := fmt.Sprintf("key %s", short(n.Key))
	if x := n.begun(what, at); x != nil {
		return x
	}
	if n.Closed != nil {
		return n.revoked(what, at)
	}
	for _, c := range n.Unbroken {
		if n.Place.Origin == at.Origin && c.Size > at.Index || n.Place.Origin != at.Origin && !c.Time.IsZero() && !c.Time.Before(at.Received) {
			return nil
		}
	}
	if n.Place.Origin == at.Origin {
		return undecided(CodePeriod, what, "nothing proves that it was not revoked before index %d", at.Index)
	}
	return undecided(CodePeriod, what, "nothing proves that it was not revoked before %s", stamp(at.Received))
}

// begun checks that the enrolment came before.
func (n *Enrolment) begun(what string, at Place) *Refusal {
	switch {
	case n.Place.Origin == at.Origin && at.Index <= n.Place.Index:
		return refuse(CodePeriod, what, "enrolled at index %d, which is not before the event at %d", n.Place.Index, at.Index)
	case n.Place.Origin == at.Origin:
		return nil
	case at.Received.IsZero():
		return undecided(CodePeriod, what, "the event is in another ledger and has no receipt time")
	case n.Place.Received.IsZero():
		return undecided(CodePeriod, what, "the event is in another ledger and the enrolment has no receipt time")
	case n.Place.Received.After(at.Received):
		return undecided(CodePeriod, what, "its enrolment's receipt is of %s, later than the event's of %s",
			stamp(n.Place.Received), stamp(at.Received))
	}
	return nil
}

// revoked checks that the revocation came after. One in another ledger than the
// enrolment is in the successor of a retired one, which has no more leaves.
func (n *Enrolment) revoked(what string, at Place) *Refusal {
	switch {
	case n.Closed.Origin == at.Origin && at.Index >= n.Closed.Index:
		return refuse(CodePeriod, what, "revoked at index %d, before the event at %d", n.Closed.Index, at.Index)
	case n.Closed.Origin == at.Origin || n.Place.Origin == at.Origin:
		return nil
	}
	for _, c := range n.Seen {
		if !c.Time.IsZero() && !c.Time.Before(at.Received) && n.Closed.Index >= c.Size {
			return nil
		}
	}
	return undecided(CodePeriod, what, "revoked at index %d, and no checkpoint shows that this was after %s", n.Closed.Index, stamp(at.Received))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

package verify

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// logCase is one ledger's line: its shared checkpoint, its epoch, its proofs.
type logCase struct {
	line     *pack.LogLine
	shared   *checkpoint
	epoch    *Finding     // epoch.form
	commits  ledger.Epoch // valid when epoch is not undecided for its form
	readable bool         // commits was read
	time     time.Time    // T at C (rule P1); zero when not known
	timeWhy  string       // why T is not known
	timeFrom *Finding     // the policy that the checkpoint which should give T does not meet; may be nil
	included map[uint64][]evidence.Hash
	proofs   map[evidence.Seal]closed.Proof
}

func (s *session) openLogs() {
	for i := range s.d.Logs {
		l := &logCase{line: &s.d.Logs[i], included: map[uint64][]evidence.Hash{}, proofs: map[evidence.Seal]closed.Proof{}}
		for _, x := range l.line.Inclusion {
			l.included[x.Index] = x.Proof
		}
		for _, x := range l.line.Closed {
			l.proofs[x.Seal] = x.Proof
		}
		l.shared = s.checkpoint(l.line.Note)
		s.logs[l.line.Origin] = l
		l.judgeEpoch()
		l.judgeTime(s)
	}
}

// court returns the finding that the shared checkpoint meets the court policy.
func (l *logCase) court() *Finding { return l.shared.policy[trust.Court] }

// judgeEpoch checks that the epoch is a leaf of the shared checkpoint and covers
// no more than what is before it (rule P1). That its root is right is what
// auditors vouch for; so it rests on the court policy.
func (l *logCase) judgeEpoch() {
	subject := cite(l.line.Origin, l.line.Epoch.Index)
	l.epoch = conclude(checkEpoch, subject, l.epochForm(), l.shared.signed, l.court())
}

func (l *logCase) epochForm() result {
	raw := ledger.Leaf(l.line.Epoch.Leaf)
	index := l.line.Epoch.Index
	leaf, err := ledger.ParseLeaf(raw[:])
	e, ok := leaf.Epoch()
	if err != nil || !ok {
		return fails(Proof{"leaf": hexOf(raw[:])}, "the leaf given as epoch is none")
	}
	if l.shared.cp.Origin != l.line.Origin {
		return wrongOrigin(l)
	}
	if err := l.shared.cp.VerifyInclusion(l.line.Epoch.Proof, index, leaf.Hash()); err != nil {
		return fails(l.inclusionProof(index, leaf.Hash(), l.line.Epoch.Proof), "the epoch is not in the ledger at index %d", index)
	}
	if e.Covered > index {
		return fails(Proof{"leaf": hexOf(raw[:])}, "the epoch at index %d claims to cover %d leaves", index, e.Covered)
	}
	l.commits, l.readable = e, true
	return holds("covers every event below index %d", e.Covered)
}

// wrongOrigin says that a line's shared checkpoint is not the ledger's.
func wrongOrigin(l *logCase) result {
	if l.shared.cp.Origin == "" {
		return undecided("the ledger has no shared checkpoint")
	}
	return fails(Proof{"ledger": string(l.line.Origin), "checkpoint": string(l.shared.cp.Origin)},
		"the checkpoint given for the ledger %s is of %s", l.line.Origin, l.shared.cp.Origin)
}

// limit is the largest size of a checkpoint all of whose events the epoch covers
// (rule P1).
func (l *logCase) limit() uint64 {
	if l.line.Epoch.Index == l.commits.Covered {
		return l.commits.Covered + 1
	}
	return l.commits.Covered
}

// judgeTime finds T: the time of a checkpoint of size ≤ C, or C+1 when the epoch
// stands at C (rule P1).
func (l *logCase) judgeTime(s *session) {
	if !l.readable {
		l.timeWhy = "the epoch cannot be read"
		return
	}
	from := l.shared
	if l.line.TimeNote != nil {
		from = s.checkpoint(*l.line.TimeNote)
	}
	switch met := from.policy[trust.Receipt]; {
	case from.cp.Origin != l.line.Origin:
		l.timeWhy = "the checkpoint that should give the time is not of this ledger"
	case from.cp.Size > l.limit():
		l.timeWhy = "the checkpoint that should give the time has leaves past what the epoch covers"
	case met.Status != Holds:
		l.timeWhy, l.timeFrom = fmt.Sprintf("the checkpoint that should give the time does not count: %s", met.Detail), met
	case !from.timed:
		l.timeWhy = "too few states cosigned the checkpoint that should give the time"
	default:
		l.time = from.lower
	}
}

// inclusionProof shows an inclusion that does not hold.
func (l *logCase) inclusionProof(index uint64, leaf evidence.Hash, path []evidence.Hash) Proof {
	return inclusionProof(l.shared.cp, index, leaf, path)
}

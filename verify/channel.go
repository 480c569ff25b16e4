package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// openChannel judges what the states recorded on their shared channel, by the ledger
// that it is about (spec/anchor.md, "In a package"). It adds to what is known and is
// never asked for: what does not count is shown as not applicable.
func (s *session) openChannel() {
	s.anchored, s.voiced = map[evidence.Origin][]*Finding{}, map[evidence.Origin]bool{}
	for i := range s.d.Anchors {
		a := &anchorProof{session: s, line: &s.d.Anchors[i]}
		f := a.judge(fmt.Sprintf("%s line %d", pack.AnchorsName, i+1))
		if a.log == nil {
			s.strays = append(s.strays, f)
			continue
		}
		s.anchored[a.log.line.Origin] = append(s.anchored[a.log.line.Origin], f)
	}
}

// anchorProof is one line of anchors.jsonl.
type anchorProof struct {
	*session
	line  *pack.AnchorLine
	found *anchor.Result // what it proves; nil when that is nothing
	log   *logCase       // the ledger that it is about; nil when that is none of those here
}

func (a *anchorProof) judge(name string) *Finding {
	if err := a.open(); err != nil {
		return conclude(checkAnchor, name, notApplicable("the anchor proof is not counted: %v", err))
	}
	a.log = a.logs[a.found.Origin]
	switch {
	case a.log == nil:
		return conclude(checkAnchor, name, notApplicable("the anchor proof is not counted: it is about no ledger that is here"))
	case a.found.Kind == anchor.Alarm:
		return conclude(checkAlarm, string(a.found.Origin), a.caught())
	}
	return conclude(checkAnchor, fmt.Sprintf("%s size %d", a.found.Origin, a.found.Tree.Size), a.tree())
}

// unvoiced returns the findings about ledgers of which no item's question 6 speaks, such
// as the one in which the packer's key alone was enrolled. What they prove counts there
// as it does anywhere: they stand among those about the container.
func (s *session) unvoiced() (list []*Finding) {
	for _, o := range slices.Sorted(maps.Keys(s.anchored)) {
		if !s.voiced[o] {
			list = append(list, s.anchored[o]...)
		}
	}
	return list
}

// open checks the proof under the agreement that the trust list names (rule P10).
func (a *anchorProof) open() error {
	if a.list == nil {
		return fmt.Errorf("there is no trust list that names an agreement about the channel")
	}
	agreement, err := anchor.Pinned(a.list, a.line.Agreement, a.d.Agreements)
	if err != nil {
		return err
	}
	p, err := anchor.ParseProof(a.line.Proof)
	if err != nil {
		return err
	}
	a.found, err = p.Verify(agreement)
	return err
}

// tree says how the anchored checkpoint stands to the shared one.
func (a *anchorProof) tree() result {
	shared, tree := a.log.shared.cp, a.found.Tree
	if a.log.shared.signed.Status != Holds {
		return notApplicable("the anchored checkpoint is not counted: the one here is not shown to be the ledger's")
	}
	if r := a.logKey(&checkpoint{cp: tree}, []byte(a.found.Anchor.Note)); r.status != Holds {
		return notApplicable("the anchored checkpoint is not counted: %s", r.detail)
	}
	if shared.Size == tree.Size && shared.Root != tree.Root {
		proof := Proof{"anchored": a.found.Anchor.Note, "note": string(a.blobs[a.log.shared.digest])}
		return fails(proof, "the ledger has signed another tree of %d leaves, which was %s", tree.Size, endorsed(a.found))
	}
	older, newer := tree, shared
	if older.Size > newer.Size {
		older, newer = newer, older
	}
	if err := newer.VerifyConsistency(a.line.Consistency, older); err != nil {
		return notApplicable("the anchored checkpoint is not counted: nothing shows that it and the one here are of one history: %v", err)
	}
	return holds("a checkpoint of the same history, of %d leaves, was %s", tree.Size, endorsed(a.found))
}

// endorsed says what the states said of a transaction, and no more (spec/anchor.md,
// "What an anchor proof proves, and what it does not").
func endorsed(r *anchor.Result) string {
	if r.Committed() {
		return fmt.Sprintf("endorsed on the channel %s by peers of %s, %d needed; committed, on the word of the peers of %s", r.Channel, states(r.Endorsers), r.Quorum, states(r.Answered))
	}
	return fmt.Sprintf("endorsed on the channel %s by peers of %s, %d needed; not shown to be committed", r.Channel, states(r.Endorsers), r.Quorum)
}

// caught holds an alarm that the channel has against the keys which the list has for the
// ledger: an alarm proves itself, whoever endorsed it.
func (a *anchorProof) caught() result {
	var keys []note.Verifier
	for _, l := range a.list.Logs {
		revoked := slices.ContainsFunc(a.list.Revoked, func(r trust.Revocation) bool { return r.Key == l.Key })
		if v, err := l.Key.Verifier(); err == nil && !revoked && l.Origin == string(a.found.Origin) {
			keys = append(keys, v)
		}
	}
	what, err := a.found.Alarm.Verify(keys...)
	if err != nil {
		return notApplicable("the alarm on the channel is not counted: %v", err)
	}
	var notes []string
	for _, n := range a.found.Alarm.Notes {
		notes = append(notes, string(n))
	}
	return fails(Proof{"notes": strings.Join(notes, "\n")}, "the ledger was caught, by its own signatures: %s; the alarm was %s", what, endorsed(a.found))
}

package standard

import (
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// FieldAttestation is the entry of an examine's record in which a reviewer states
// what became of rules whose fields are held back from others
// (spec/standards.md, "Attestation").
const FieldAttestation = "attestation"

// Attestation is the value of [FieldAttestation].
type Attestation struct {
	Record   evidence.Hash           `json:"record"` // root of the record that the reviewer saw whole
	Rules    map[string]rules.Status `json:"rules"`  // holds, fails or not applicable, by id
	SHA256   evidence.Hash           `json:"sha256"` // of the pack
	Standard rules.Name              `json:"standard"`
}

// reviewers are the roles in which somebody may attest.
var reviewers = []evidence.Role{evidence.RoleApprover, evidence.RoleAuditor, evidence.RoleProsecutor, evidence.RoleCourt}

// Attest returns what the reviewer of a judgement that saw the whole record can
// state: of every rule that is decided, how.
func (j *Judgement) Attest(record evidence.Hash) *Attestation {
	a := &Attestation{Record: record, Rules: map[string]rules.Status{}, SHA256: j.Result.SHA256, Standard: j.Name}
	for _, l := range j.Lines {
		if l.Status != rules.Undecided {
			a.Rules[l.Rule.ID] = l.Status
		}
	}
	return a
}

// Word is what a reviewer states of one rule.
type Word struct {
	Link   int // of the event in which it stands
	Signer evidence.Signer
	Status rules.Status
}

// Attested returns what reviewers state of the rules that are undecided only
// because something is held back. It checks that the statement is about this
// pack and record, and by somebody else than who collected; whether the event
// counts is the caller's to check. Of several the last one stands.
func (j *Judgement) Attested(links []evidence.Link) map[string]Word {
	out := map[string]Word{}
	if len(links) == 0 || links[0].Event == nil || j.Result == nil {
		return out
	}
	for i, l := range links {
		by, a := reviewed(links[0].Event, &l)
		if a == nil || a.SHA256 != j.Result.SHA256 || a.Standard != j.Name || a.Record != links[0].Event.Record.Root {
			continue
		}
		for k := range j.Lines {
			line := &j.Lines[k]
			if status, ok := a.Rules[line.Rule.ID]; ok && line.heldBack() && known(status) {
				out[line.Rule.ID] = Word{i, by, status}
			}
		}
	}
	return out
}

func known(s rules.Status) bool {
	return s == rules.Holds || s == rules.Fails || s == rules.NotApplicable
}

// heldBack reports whether nothing but what is held back leaves the rule open.
func (l *Line) heldBack() bool {
	return l.Status == rules.Undecided && !slices.ContainsFunc(l.RuleResult.Why, func(w rules.Why) bool { return w.Cause != rules.Withheld })
}

// reviewed returns the statement in an event, and who makes it: a signer in the
// role of a reviewer whose key did not sign the collection.
func reviewed(first *evidence.Event, l *evidence.Link) (by evidence.Signer, a *Attestation) {
	if l.Event == nil || l.Event.Action != evidence.Examine {
		return by, nil
	}
	v, presence, err := evidence.Value[Attestation](l.View, FieldAttestation)
	if err != nil || presence != evidence.Present {
		return by, nil
	}
	for _, s := range l.Event.Signers {
		if MayReview(first, s) {
			return s, &v
		}
	}
	return by, nil
}

// MayReview reports whether a signer's word counts about an item that began with
// this event: in the role of a reviewer, with a key that did not sign it.
func MayReview(first *evidence.Event, s evidence.Signer) bool {
	return slices.Contains(reviewers, s.Role) && !first.SignedBy(s.Key)
}

package desk

import (
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// judged is a dossier that another desk handed over, and what the verifier found
// out about each event in it. Nothing of it is taken in that was not looked at:
// what the verdict does not judge could be anything.
type judged struct {
	*pack.Dossier
	undecided string // why the proofs decide nothing under the pinned list; "" when they hold

	// The checks of each event that hold, by subject and check: under the list
	// that is pinned here, and under the giver's own, which only counts for
	// ledgers that the pinned list does not know.
	ours, theirs map[string]bool
	knows        map[evidence.Origin]bool // ledgers of the pinned list
}

// eventChecks must hold of an event before a desk keeps it: it is one envelope,
// signed by whom it names, its record is the signed one, and its leaf stands in
// the ledger and closes the seal it says (spec/verdict.md).
var eventChecks = []string{"envelope.form", "signature", "record.root", "leaf.included", "seal.closes"}

// judge verifies a dossier. Anything that fails refuses it; what is only
// undecided does not, because a handoff of a state without cosigners, or between
// states that have no list in common, must be possible: it is said in one
// sentence, and the verdict will say so too.
func (s *Session) judge(files map[string][]byte) (*judged, error) {
	d, err := pack.Decode(files)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHandoffFile, err)
	}
	j := &judged{Dossier: d, knows: map[evidence.Origin]bool{}}
	if s.trusted != nil {
		for _, l := range s.trusted.List.Logs {
			j.knows[evidence.Origin(l.Origin)] = true
		}
	}
	v := verify.Dossier(d, s.trusted.Root(), verify.Options{AsOf: s.Now()})
	if v.Exit == verify.ExitFails {
		return nil, failed(v)
	}
	j.ours = holding(v)
	if v.Exit == verify.ExitHolds {
		return j, nil
	}
	j.undecided = v.Sentence
	v = verify.Dossier(d, givers(d), verify.Options{AsOf: s.Now()})
	if v.Exit == verify.ExitFails {
		return nil, failed(v)
	}
	j.theirs = holding(v)
	return j, nil
}

// failed is the error of a verdict that fails, with its first finding that does.
func failed(v *verify.Verdict) error {
	if f, ok := failure(v); ok {
		return fmt.Errorf("%w: %s: %s", ErrUntrusted, f.Check, f.Detail)
	}
	return ErrUntrusted
}

// failure returns the first finding that fails.
func failure(v *verify.Verdict) (verify.Finding, bool) {
	for _, it := range v.Items {
		for _, q := range it.Questions {
			for _, f := range q.Findings {
				if f.Status == verify.Fails {
					return f, true
				}
			}
		}
	}
	return verify.Finding{}, false
}

// holding lists the findings that hold, and none that holds in one place and not
// in another.
func holding(v *verify.Verdict) map[string]bool {
	holds := map[string]bool{}
	for _, it := range v.Items {
		for _, q := range it.Questions {
			for _, f := range q.Findings {
				key := f.Subject + " " + f.Check
				before, seen := holds[key]
				holds[key] = f.Status == verify.Holds && (!seen || before)
			}
		}
	}
	return holds
}

// givers is the newest trust list that a dossier carries: good for nothing but
// whether the dossier agrees with itself (rule P10).
func givers(d *pack.Dossier) verify.Trust {
	if len(d.Lists) == 0 {
		return verify.Trust{Source: verify.SourceNone}
	}
	l, err := trust.Open(d.Lists[slices.Max(slices.Collect(maps.Keys(d.Lists)))], nil)
	if err != nil {
		return verify.Trust{Source: verify.SourceNone}
	}
	return verify.Trust{
		List: l, Source: verify.SourceGiven,
		Policies: slices.Collect(maps.Values(d.Policies)), Certs: slices.Collect(maps.Values(d.Certs)),
	}
}

// shows reports whether the event's checks hold; a ledger that the pinned list
// knows is judged by that list alone.
func (j *judged) shows(e *evidence.Event) error {
	subject := fmt.Sprintf("%s/%d", e.Item, e.Seq)
	for _, check := range eventChecks {
		key := subject + " " + check
		if !j.ours[key] && (j.knows[e.Origin] || !j.theirs[key]) {
			return fmt.Errorf("item %s, event %d: %s is not shown to hold: %w", e.Item.Short(), e.Seq, check, ErrUntrusted)
		}
	}
	return nil
}

// bodies returns the events about the items wanted and about the keys that signed
// them, each shown to hold. A dossier that has any other event is refused: nobody
// asked for it, and no question of the verdict was about it.
func (j *judged) bodies(wanted map[evidence.ItemID]bool) ([]*Entry, error) {
	var all []*Entry
	asked := maps.Clone(wanted)
	for _, line := range j.Events {
		if line.Erased != nil {
			return nil, fmt.Errorf("item %s, event %d: %w", line.Erased.Item.Short(), line.Erased.Seq, ErrErasedEvents)
		}
		b, err := bodyOf(j.Dossier, line)
		if err != nil {
			return nil, err
		}
		e, err := newEntry(b)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if wanted[e.Event.Item] {
			for _, signer := range e.Event.Signers {
				asked[signer.Enrolled] = true
			}
		}
	}
	for _, e := range all {
		key := e.Event.Action == evidence.Enrol || e.Event.Action == evidence.Revoke
		if !asked[e.Event.Item] || !wanted[e.Event.Item] && !key {
			return nil, fmt.Errorf("item %s, event %d was not asked for: %w", e.Event.Item.Short(), e.Event.Seq, ErrHandoffFile)
		}
		if err := j.shows(e.Event); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// proofs returns what of the dossier proves ledgers in which it shows an event:
// lines of other ledgers were judged by nobody.
func (j *judged) proofs() *pack.Dossier {
	shown := map[evidence.Origin]bool{}
	for _, line := range j.Events {
		if line.Erased != nil {
			continue
		}
		b, err := bodyOf(j.Dossier, line)
		if err != nil {
			continue
		}
		if e, err := newEntry(b); err == nil && j.shows(e.Event) == nil {
			shown[e.Event.Origin] = true
		}
	}
	out := &pack.Dossier{}
	for _, l := range j.Logs {
		if shown[l.Origin] {
			out.Logs = append(out.Logs, l)
		}
	}
	for _, n := range j.Notes {
		if cp, err := ledger.ReadCheckpoint(n); err == nil && shown[cp.Origin] {
			out.Notes = append(out.Notes, n)
		}
	}
	return out
}

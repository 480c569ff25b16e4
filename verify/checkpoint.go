package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// checkpoint is one note of the dossier as the trust list sees it.
type checkpoint struct {
	digest evidence.Hash
	cp     ledger.Checkpoint
	signed *Finding // checkpoint.log: of this ledger, by the key that counts at this size
	policy map[trust.PolicyKind]*Finding

	witnesses, auditors []string // states whose cosignatures count, sorted
	lower, upper        time.Time
	timed               bool // lower and upper are known
	alone               bool // the court policy asks for nobody
}

// checkOf names the check that a checkpoint meets each policy of its ledger.
var checkOf = map[trust.PolicyKind]string{trust.Receipt: checkPlain, trust.Court: checkCourt}

// open returns what keeps the checkpoint from counting for a receipt.
func (c *checkpoint) open() []*Finding {
	var list []*Finding
	for _, f := range []*Finding{c.signed, c.policy[trust.Receipt]} {
		if f.Status != Holds {
			list = append(list, f)
		}
	}
	return list
}

// checkpoint returns the note with that digest, judged once.
func (s *session) checkpoint(digest evidence.Hash) *checkpoint {
	if c, ok := s.notes[digest]; ok {
		return c
	}
	c := &checkpoint{digest: digest, policy: map[trust.PolicyKind]*Finding{}}
	s.notes[digest] = c
	signed, ok := s.blobs[digest]
	if !ok {
		c.reject("note "+digest.String(), undecided("the checkpoint's note is not in the package"))
		return c
	}
	cp, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		c.reject("note "+digest.String(), undecided("the note is no checkpoint: %v", err))
		return c
	}
	c.cp = cp
	if s.list == nil {
		c.reject(c.subject(), undecided("there is no trust list that names the ledger"))
		return c
	}
	c.signed = conclude(checkLog, c.subject(), s.logKey(c, signed))
	c.cosigned(s, signed)
	return c
}

// reject notes that nothing about the checkpoint can be relied on.
func (c *checkpoint) reject(subject string, r result) {
	c.signed = conclude(checkLog, subject, r)
	for _, kind := range []trust.PolicyKind{trust.Receipt, trust.Court} {
		c.policy[kind] = conclude(checkOf[kind], subject, undecided("%s", r.detail))
	}
}

// subject cites the checkpoint: origin and size.
func (c *checkpoint) subject() string { return fmt.Sprintf("%s size %d", c.cp.Origin, c.cp.Size) }

// logKey checks the log's own signature under the key that the list gives it for
// this size (rule P12).
func (s *session) logKey(c *checkpoint, signed []byte) result {
	log, point, err := s.list.LogKey(string(c.cp.Origin), c.cp.Size)
	if err != nil {
		return undecided("the ledger's key does not count: %v", err)
	}
	if r, ok := c.pinned(point); !ok {
		return r
	}
	v, err := log.Key.Verifier()
	if err != nil {
		return undecided("the ledger's key cannot be used: %v", err)
	}
	if _, err := ledger.OpenCheckpoint(signed, v); err != nil {
		var invalid *note.InvalidSignatureError
		if errors.As(err, &invalid) {
			return fails(Proof{"note": string(signed), "key": log.Key.String()}, "the ledger's signature on its checkpoint does not verify")
		}
		return undecided("the checkpoint is not signed by the ledger's key %s", log.Key.Name())
	}
	return holds("signed by the ledger of %s", log.State)
}

// pinned checks the checkpoint against a point up to which the list still counts
// a key. A package carries no consistency proofs, so it must be that very one.
func (c *checkpoint) pinned(p *trust.Point) (result, bool) {
	switch {
	case p == nil:
		return result{}, true
	case p.Size != c.cp.Size:
		return undecided("the key counts up to size %d only, and nothing proves that this checkpoint belongs before it", p.Size), false
	case evidence.Hash(p.Root) != c.cp.Root:
		return fails(Proof{"root": c.cp.Root.String(), "pinned": evidence.Hash(p.Root).String()},
			"the trust list pins another root for size %d of this ledger", p.Size), false
	}
	return result{}, true
}

// cosigned counts the cosignatures and holds them against both policies.
func (c *checkpoint) cosigned(s *session, signed []byte) {
	lines, err := ledger.Cosignatures(signed, s.cosigners)
	if err != nil {
		c.policies(fails(Proof{"note": string(signed)}, "a cosignature by a listed key does not verify"))
		return
	}
	count := s.count(c, lines)
	f, err := s.list.F(string(c.cp.Origin))
	if err == nil {
		c.lower, c.upper, c.timed = trust.Bounds(count.times, f)
	}
	c.witnesses, c.auditors = count.states(count.witness), count.states(count.auditor)
	for _, kind := range []trust.PolicyKind{trust.Receipt, trust.Court} {
		c.policy[kind] = conclude(checkOf[kind], c.subject(), c.satisfies(s, kind, count), c.signed)
	}
}

func (c *checkpoint) policies(r result) {
	for _, kind := range []trust.PolicyKind{trust.Receipt, trust.Court} {
		c.policy[kind] = conclude(checkOf[kind], c.subject(), r, c.signed)
	}
}

// tally is what the cosignatures on one checkpoint come to.
type tally struct {
	keys             map[trust.VKey]bool
	witness, auditor map[string]bool // states
	times            []trust.Signed
	ignored          []string // why others do not count
}

// count looks up who made each cosignature and whether it counted at its time.
// Only keys that a policy of this ledger names are counted: they are the states
// of which at most f lie.
func (s *session) count(c *checkpoint, lines []ledger.Cosignature) *tally {
	t := &tally{keys: map[trust.VKey]bool{}, witness: map[string]bool{}, auditor: map[string]bool{}}
	named := s.policyKeys(c.cp.Origin)
	for _, l := range lines {
		sig := trust.Cosignature{Origin: string(c.cp.Origin), Size: c.cp.Size, Name: l.Name, Hash: l.Hash, Time: l.Time}
		for _, role := range []struct {
			find   func(trust.Cosignature) (trust.Cosigner, *trust.Point, error)
			states map[string]bool
		}{{s.list.Witness, t.witness}, {s.list.Auditor, t.auditor}} {
			who, point, err := role.find(sig)
			if errors.Is(err, trust.ErrUnlisted) {
				continue
			}
			if err != nil {
				t.ignored = append(t.ignored, err.Error())
				continue
			}
			if r, ok := c.pinned(point); !ok {
				t.ignored = append(t.ignored, who.Name+": "+r.detail)
				continue
			}
			if named[who.Key] {
				t.keys[who.Key], role.states[who.State] = true, true
				t.times = append(t.times, trust.Signed{State: who.State, Time: l.Time})
			}
		}
	}
	return t
}

func (t *tally) states(of map[string]bool) []string {
	var list []string
	for s := range of {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// policyKeys returns the keys that the policies of a ledger name.
func (s *session) policyKeys(o evidence.Origin) map[trust.VKey]bool {
	keys := make(map[trust.VKey]bool)
	for _, kind := range []trust.PolicyKind{trust.Receipt, trust.Court} {
		if p, _ := s.policyOf(o, kind); p != nil {
			for _, k := range p.Keys() {
				keys[k] = true
			}
		}
	}
	return keys
}

// policyOf returns the policy that the list pins for a ledger, when its text is
// at hand, or why there is none.
func (s *session) policyOf(o evidence.Origin, kind trust.PolicyKind) (*trust.Policy, error) {
	key := policyKey{o, kind}
	if k, ok := s.known[key]; ok {
		return k.policy, k.err
	}
	p, err := s.readPolicy(o, kind)
	s.known[key] = policyCase{p, err}
	return p, err
}

type policyKey struct {
	origin evidence.Origin
	kind   trust.PolicyKind
}

type policyCase struct {
	policy *trust.Policy
	err    error
}

func (s *session) readPolicy(o evidence.Origin, kind trust.PolicyKind) (*trust.Policy, error) {
	pin, err := s.list.Pinned(string(o), kind)
	if err != nil {
		return nil, err
	}
	text, ok := s.policies[evidence.Hash(pin.Digest)]
	if !ok {
		return nil, fmt.Errorf("the text of the %s policy %s is not at hand", kind, pin.Digest.Hex())
	}
	return s.list.Policy(string(o), kind, text)
}

// satisfies holds the cosignatures against one policy (rules P11, P17).
func (c *checkpoint) satisfies(s *session, kind trust.PolicyKind, t *tally) result {
	p, err := s.policyOf(c.cp.Origin, kind)
	if err != nil {
		return undecided("there is no %s policy to hold it against: %v", kind, err)
	}
	if p.Quorum == trust.None {
		c.alone = true
		return undecided("the %s policy asks for no other state: it stands on the word of one state alone", kind)
	}
	if !p.Satisfied(func(k trust.VKey) bool { return t.keys[k] }) {
		return t.tooFew(kind)
	}
	return holds("the %s policy is met: witnesses of %s, auditors of %s", kind, states(t.states(t.witness)), states(t.states(t.auditor)))
}

// tooFew says who cosigned where that is not enough, and why others do not count.
func (t *tally) tooFew(kind trust.PolicyKind) result {
	witnesses, auditors := states(t.states(t.witness)), states(t.states(t.auditor))
	if t.ignored == nil {
		return undecided("the %s policy is not met: witnesses of %s, auditors of %s", kind, witnesses, auditors)
	}
	return undecided("the %s policy is not met: witnesses of %s, auditors of %s; not counted: %s", kind, witnesses, auditors, strings.Join(t.ignored, "; "))
}

func states(list []string) string {
	if len(list) == 0 {
		return "no state"
	}
	return strings.Join(list, ", ")
}

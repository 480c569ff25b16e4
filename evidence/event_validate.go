package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrEvent reports an event whose members do not fit each other or the format;
// the error is a [*MemberError].
var ErrEvent = errors.New("not a valid event")

// MemberError says which member of an event is wrong and how. It is [ErrEvent].
type MemberError struct {
	Member  string // path, e.g. "opens.next" or "signers[1].role"
	Problem string
}

// Error implements error.
func (e *MemberError) Error() string { return "event: " + e.Member + ": " + e.Problem }

// Unwrap makes the error an [ErrEvent].
func (e *MemberError) Unwrap() error { return ErrEvent }

// presence of a member under an action.
type presence int

const (
	never presence = iota
	may
	must
)

// shape is which members an action has (spec/event.md, "Payload").
type shape struct {
	first        bool     // starts the item: no previous, closes its own birth seal
	counterparty presence //
	due          presence
	next         presence // the seal that the item's next event closes
	children     presence
	signers      int  // at least
	authority    bool // signed by an authority's own key
}

var shapes = map[Action]shape{
	Collect:  {first: true, counterparty: may, next: must, signers: 1},
	Offer:    {counterparty: must, due: must, next: must, signers: 1},
	Accept:   {counterparty: may, next: must, signers: 1},
	Decline:  {counterparty: may, next: must, signers: 1},
	Withdraw: {counterparty: may, next: must, signers: 1},
	Examine:  {counterparty: may, next: must, signers: 1},
	Derive:   {counterparty: may, next: must, children: must, signers: 1},
	Disclose: {counterparty: must, next: must, signers: 1},
	Correct:  {counterparty: may, next: must, signers: 1},
	Hold:     {counterparty: may, next: must, signers: 1},
	Release:  {counterparty: may, next: must, signers: 1},
	Return:   {counterparty: must, signers: 1},
	Dispose:  {counterparty: may, next: may, signers: 2},
	Enrol:    {first: true, counterparty: may, next: must, signers: 1, authority: true},
	Revoke:   {counterparty: may, signers: 1, authority: true},
	Step:     {counterparty: may, next: must, signers: 1},
}

// Validate checks the event alone: each member, and which members its action
// has. What depends on the events before it is [Fold]'s to check, and whether
// the signers may do it is not checked here. It returns a [*MemberError].
func (e *Event) Validate() error {
	s, ok := shapes[e.Action]
	if !ok {
		return &MemberError{"action", fmt.Sprintf("%.40q is not in the list", e.Action)}
	}
	v := eventCheck{e: e, shape: s}
	v.chain()
	v.opens()
	v.times()
	v.signers()
	v.parties()
	v.collect()
	v.others()
	if v.err != nil { // a typed nil must not become a non-nil error
		return v.err
	}
	return nil
}

// eventCheck gathers the first thing that is wrong.
type eventCheck struct {
	e     *Event
	shape shape
	err   *MemberError
}

// that notes the member as wrong unless ok.
func (v *eventCheck) that(ok bool, member, problem string) {
	if !ok && v.err == nil {
		v.err = &MemberError{member, problem}
	}
}

// no notes the member as wrong if err is not nil.
func (v *eventCheck) no(err error, member string) {
	if err != nil {
		v.that(false, member, err.Error())
	}
}

// present checks whether a member is there as the action wants it.
func (v *eventCheck) present(is bool, p presence, member string) {
	v.that(is || p != must, member, fmt.Sprintf("missing in %s", v.e.Action))
	v.that(!is || p != never, member, fmt.Sprintf("not allowed in %s", v.e.Action))
}

func ifElse(cond bool, yes, no presence) presence {
	if cond {
		return yes
	}
	return no
}

// chain checks the place in the item's history.
func (v *eventCheck) chain() {
	e := v.e
	v.no(checkOrigin(e.Origin), "origin")
	v.that(e.Item != ItemID{}, "item", "is zero")
	v.that(0 <= e.Seq && e.Seq <= MaxInteger, "seq", "out of range")
	v.that(v.shape.first == (e.Seq == 0), "seq", fmt.Sprintf("%d in %s", e.Seq, e.Action))
	v.present(e.Previous != Hash{}, ifElse(v.shape.first, never, must), "previous")
	v.that(v.shape.first == (Hash(e.Closes) == Hash(e.Item)), "closes", "an item's first event, and no other, closes its birth seal")
	if v.shape.first {
		birth := BirthKey(e.Origin, e.Record.Root).Seal()
		v.that(Hash(e.Item) == Hash(birth), "item", "is not the birth seal of origin and record root")
	}
	v.that(0 <= e.Record.Count && e.Record.Count <= MaxEntries, "record.count", "out of range")
	v.that(!v.shape.first || e.Record.Count > 0, "record.count", "a first event has a record, else its birth seal could be guessed")
	v.that(unique(e.Anchors, func(a Hash) Hash { return a }), "anchors", "the same twice")
}

// opens checks the seals opened (rule P2) and where (rule P13).
func (v *eventCheck) opens() {
	e := v.e
	next := e.Opens.Next
	v.present(next != nil, v.shape.next, "opens.next")
	v.present(len(e.Opens.Children) > 0, v.shape.children, "opens.children")
	seen := map[Hash]bool{Hash(e.Closes): true, Hash(e.Item): true}
	if next != nil {
		v.no(checkOrigin(next.Origin), "opens.next.origin")
		v.that(e.Action == Accept || next.Origin == e.Origin, "opens.next.origin", "only accept opens the next seal in another ledger")
		v.that(!seen[Hash(next.Seal)], "opens.next.seal", "is the seal closed here")
		seen[Hash(next.Seal)] = true
	}
	for i, c := range e.Opens.Children {
		v.no(checkOrigin(c.Origin), fmt.Sprintf("opens.children[%d].origin", i))
		v.that(!seen[Hash(c.Item)], fmt.Sprintf("opens.children[%d].item", i), "the same seal twice")
		seen[Hash(c.Item)] = true
	}
}

func (v *eventCheck) times() {
	o := v.e.Occurred
	v.no(checkInstant(o.From), "occurred.from")
	v.no(checkInstant(o.To), "occurred.to")
	v.that(!o.To.Before(o.From), "occurred.to", "before occurred.from")
	v.no(oneOf(o.Clock, ClockSystem, ClockGNSS, ClockNTP, ClockOperator, ClockUnknown), "occurred.clock")
	v.that(-maxOffset <= o.OffsetMS && o.OffsetMS <= maxOffset, "occurred.offset_ms", "out of range")
	v.no(checkInstant(v.e.Recorded), "recorded")
	from, to := o.Reference()
	for _, t := range []time.Time{from, to, v.e.Made()} {
		v.no(checkInstant(t), "occurred.offset_ms")
	}
	v.present(!v.e.Due.IsZero(), v.shape.due, "due")
	if !v.e.Due.IsZero() {
		v.no(checkInstant(v.e.Due), "due")
		v.that(v.e.Due.After(from), "due", "not after the offer")
	}
}

// maxOffset keeps clock arithmetic within what [time.Duration] can hold: a
// clock that shows 1900 is off by less.
const maxOffset = int64(200 * 366 * 24 * time.Hour / time.Millisecond)

func (v *eventCheck) signers() {
	e := v.e
	v.that(len(e.Signers) <= MaxSigners, "signers", fmt.Sprintf("more than %d", MaxSigners))
	want := v.shape.signers
	if e.Continues != (ItemID{}) {
		want = 2
	}
	v.that(len(e.Signers) >= want, "signers", fmt.Sprintf("%s needs %d", e.Action, want))
	for i, s := range e.Signers {
		at := fmt.Sprintf("signers[%d]", i)
		v.no(s.Validate(), at)
		v.that((s.Role == RoleAuthority) == v.shape.authority, at+".role", fmt.Sprintf("%q in %s", s.Role, e.Action))
	}
	v.that(unique(e.Signers, func(s Signer) KeyID { return s.Key }), "signers", "the same key twice")
}

// Validate checks a signer alone; a package's signature lists signers in the
// same form as an event does.
func (s Signer) Validate() error {
	if s.Appointment != "" {
		if err := checkText(s.Appointment); err != nil {
			return fmt.Errorf("appointment: %w", err)
		}
	}
	if err := checkState(s.Authority); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	if (s.Enrolled == ItemID{}) != (s.Role == RoleAuthority) {
		return errors.New("enrolled is absent for an authority's own key only")
	}
	if s.Role == RoleAuthority {
		return nil
	}
	return oneOf(s.Role, Roles()...)
}

func (v *eventCheck) parties() {
	c := v.e.Counterparty
	v.present(c != nil, v.shape.counterparty, "counterparty")
	if c == nil {
		return
	}
	v.no(oneOf(c.Kind, PartyKey, PartyAuthority, PartyCourt, PartyLab, PartyCarrier, PartyOwner, PartyPerson, PartyUnknown), "counterparty.kind")
	v.that((c.Kind == PartyKey) == (c.Key != KeyID{}), "counterparty.key", "is there when, and only when, kind is key")
	v.that(v.e.Action != Offer || c.Key != v.e.Signer().Key, "counterparty.key", "is the giver's own")
	if c.Ref != "" {
		v.no(checkText(c.Ref), "counterparty.ref")
	}
	if c.State != "" {
		v.no(checkState(c.State), "counterparty.state")
	}
}

// collect checks what only a collect may say of where the item comes from.
func (v *eventCheck) collect() {
	e := v.e
	only := ifElse(e.Action == Collect, may, never)
	v.present(e.Continues != ItemID{}, only, "continues")
	v.present(e.Offer != Hash{}, only, "offer")
	v.present(e.Parent != nil, only, "parent")
	v.that(e.Continues == ItemID{} || e.Continues != e.Item, "continues", "is the item itself")
	if e.Parent != nil {
		v.no(oneOf(e.Parent.Kind, AcquiredFrom, Extracted, Converted, Redacted, Translated, Sampled, Copied), "parent.kind")
		v.that(e.Parent.Item != e.Item, "parent.item", "is the item itself")
	}
}

func (v *eventCheck) others() {
	e := v.e
	v.present(len(e.Erases) > 0, ifElse(e.Action == Dispose, may, never), "erases")
	for i, x := range e.Erases {
		at := fmt.Sprintf("erases[%d]", i)
		v.no(checkText(x.Order), at+".order")
		v.that(unique(x.Opened, func(s Seal) Seal { return s }), at+".opened", "the same twice")
	}
	v.that(unique(e.Erases, func(x Erasure) Hash { return x.Leaf }), "erases", "the same leaf twice")
	v.present(e.Enrols != nil, ifElse(e.Action == Enrol, must, never), "enrols")
	if n := e.Enrols; n != nil {
		v.no(checkState(n.Authority), "enrols.authority")
		v.no(oneOf(n.Role, Roles()...), "enrols.role")
		v.that(0 < len(n.SPKI) && len(n.SPKI) <= maxSPKI, "enrols.spki", "empty or too long")
		v.that(n.Key == sha256.Sum256(n.SPKI), "enrols.key", "is not the SHA-256 of spki")
		v.no(checkToken(n.Suite), "enrols.suite")
	}
	if e.Standard != "" {
		id, version, ok := strings.Cut(e.Standard, "/")
		v.that(ok && checkToken(id) == nil && checkToken(version) == nil, "standard", "is not <id>/<version>")
	}
}

// maxSPKI is the longest public key in bytes; those of hybrid suites with
// ML-DSA are under 3 kB.
const maxSPKI = 16 << 10

// checkToken refuses what is not a short identifier of lower-case letters,
// digits, '.', '_' and '-'.
func checkToken(s string) error {
	if len(s) == 0 || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		return fmt.Errorf("%.40q is not 1 to 64 of a–z 0–9 . _ -", s)
	}
	return nil
}

// unique reports whether no two elements have the same key.
func unique[T any, K comparable](list []T, key func(T) K) bool {
	seen := make(map[K]bool, len(list))
	for _, x := range list {
		if seen[key(x)] {
			return false
		}
		seen[key(x)] = true
	}
	return true
}

func checkOrigin(o Origin) error {
	_, err := ParseOrigin(string(o))
	return err
}

func oneOf[T ~string](v T, list ...T) error {
	if !slices.Contains(list, v) {
		return fmt.Errorf("%.40q is not in the list", v)
	}
	return nil
}

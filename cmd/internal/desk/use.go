package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/signing/keyfile"
)

// Errors about use limits. The first two are what every [UseRefused] is.
var (
	ErrUseAsk    = errors.New("the state that gave it has to be asked")
	ErrUseDenied = errors.New("its use limits deny it")
	// ErrNoGiver reports a consent of a state that has laid down no limit of the item.
	ErrNoGiver = errors.New("no limit of the item is that state's")
	// ErrKeepsLimits reports an event that cannot be erased alone, because its
	// record says how the item may be used.
	ErrKeepsLimits = errors.New("its record has use limits, which would be lost")
)

// UseRefused says why a use is not allowed now.
type UseRefused struct{ mla.Decided }

// Error implements error.
func (e *UseRefused) Error() string {
	var why []string
	for _, r := range e.Reasons {
		if r.Decision == e.Decision {
			why = append(why, fmt.Sprintf("%s (limit %s of %s, %s)", r.Text, r.Limit, r.Giver, r.Source))
		}
	}
	what := fmt.Sprintf("%s for %s, proceeding %q, purpose %q", e.Act, e.State, e.Proceeding, e.Purpose)
	if e.Decision == mla.Ask {
		return fmt.Sprintf("%s: ask %s: %s", what, strings.Join(e.Ask, ", "), strings.Join(why, "; "))
	}
	return fmt.Sprintf("%s: denied: %s", what, strings.Join(why, "; "))
}

// Is reports whether target is [ErrUseAsk] or [ErrUseDenied], as the decision is.
func (e *UseRefused) Is(target error) bool {
	return target == ErrUseAsk && e.Decision == mla.Ask || target == ErrUseDenied && e.Decision == mla.Deny
}

// Told returns what an item's records say of its use. Its errors are
// [mla.ErrLimits] and [mla.ErrLimitsHidden].
func (it *Item) Told() (*mla.Told, error) {
	told := &mla.Told{}
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			return nil, err
		}
		if err := told.Add(v); err != nil {
			return nil, fmt.Errorf("item %s, event %d: %w", it.ID.Short(), e.Event.Seq, err)
		}
	}
	return told, nil
}

// useFields decides a use of an item with limits, and returns the entries that the
// act's record says of it; none when the item has no limits. A use that is not
// allowed is recorded as a step of the item, and comes back as a [*UseRefused].
func (s *Session) useFields(ctx context.Context, it *Item, act evidence.Action, use *mla.Use) (map[string]any, error) {
	told, err := it.Told()
	if err != nil || told.None() {
		return nil, err
	}
	decided := told.Decide(act, s.used(use))
	if decided.Decision == mla.Allow {
		return map[string]any{mla.FieldUse: decided}, nil
	}
	refused := &UseRefused{decided}
	if s.DryRun {
		return nil, refused
	}
	_, err = s.Do(ctx, Act{Item: it, Action: evidence.Step, Fields: map[string]any{mla.FieldUse: decided}})
	return nil, errors.Join(refused, err)
}

// used is a use as it is decided now; one that names no state is this one's.
func (s *Session) used(use *mla.Use) mla.Use {
	u := mla.Use{}
	if use != nil {
		u = *use
	}
	if u.State == "" {
		u.State = s.Config.State
	}
	u.At = evidence.Instant(s.Now())
	return u
}

// use is what a disclosure is for, to the state that it names.
func (a *Act) use() *mla.Use {
	var u mla.Use
	if a.Use != nil {
		u = *a.Use
	}
	if a.Counterparty != nil && a.Counterparty.State != "" {
		u.State = string(a.Counterparty.State) // whoever says otherwise
	}
	return &u
}

// unknownState stands for the state of a receiver that nothing proves: ISO 3166-1 leaves
// ZZ to its users. No limit names it, so it is asked or denied what is allowed to few.
const unknownState = "ZZ"

// receiverState is the state of an offer's receiver: of this desk, its own; of another,
// the one in whose ledger the key is enrolled, as the pinned trust list proves. What else
// a card says is the word of whoever wrote the file.
func (s *Session) receiverState(to *keyfile.Card) string {
	if own, err := s.ownKeys(); err == nil && slices.Contains(own, evidence.KeyID(to.Key.ID())) {
		return s.Config.State
	}
	enrolment, _, err := s.enrolledIn(to)
	if err != nil || s.trusted == nil {
		return unknownState
	}
	for _, l := range s.trusted.List.Logs {
		if evidence.Origin(l.Origin) == enrolment.Origin && string(l.State) == string(enrolment.Enrols.Authority) {
			return string(l.State)
		}
	}
	return unknownState
}

// returned is what a return is for; nil for one to an owner of this state, who gets back
// what is theirs.
func (a *Act) returned(own string) *mla.Use {
	to := a.Counterparty
	if to != nil && to.Kind == evidence.PartyOwner && (to.State == "" || string(to.State) == own) {
		return nil
	}
	return a.use()
}

// decides returns the entries that an act's record says of the use of the item.
func (s *Session) decides(ctx context.Context, a *Act) (map[string]any, error) {
	use := a.use()
	if a.Action == evidence.Return {
		use = a.returned(s.Config.State)
	}
	if a.Action != evidence.Disclose && a.Action != evidence.Return || a.decided || use == nil {
		return nil, nil
	}
	return s.useFields(ctx, a.Item, a.Action, use)
}

// Consent records what the giver of a limit has agreed to, as a step of the item.
// Its errors are [ErrNoGiver], and those of [mla.Agreed.Validate].
func (s *Session) Consent(ctx context.Context, it *Item, a mla.Agreed, second string, at *evidence.Occurred) (Done, error) {
	if err := a.Validate(); err != nil {
		return Done{}, err
	}
	told, err := it.Told()
	if err != nil {
		return Done{}, err
	}
	if !told.Limits.Gives(a.Giver) {
		return Done{}, &ItemError{it.ID, fmt.Errorf("%s: %w", a.Giver, ErrNoGiver)}
	}
	return s.Do(ctx, Act{
		Item: it, Action: evidence.Step, Fields: map[string]any{mla.FieldConsent: a}, Second: second, At: at,
		Counterparty: &evidence.Counterparty{Kind: evidence.PartyAuthority, State: evidence.StateCode(a.Giver)},
	})
}

// LimitedUnder lays down how what is handed over, or copied, under a request may be
// used.
type LimitedUnder struct {
	Request    *Request
	Proceeding string   // of the state that asks
	Purposes   []string // those of the request
	More       []mla.Limit
}

// fields returns the entries that tie an act to a request and lay down its limits;
// those of nil are none.
func (l *LimitedUnder) fields() (map[string]any, error) {
	if l == nil {
		return nil, nil
	}
	limits, fields := l.More, map[string]any{}
	if l.Request != nil {
		limits = append([]mla.Limit{l.Request.Law.Limit(l.Proceeding, l.Purposes...)}, limits...)
		fields[mla.FieldRequest] = l.Request.ID
	}
	all, err := mla.NewLimits(limits...)
	if err != nil {
		return nil, err
	}
	fields[mla.FieldLimits] = all.List()
	return fields, nil
}

// use is the use that the request was for, when none is stated.
func (l *LimitedUnder) use(stated *mla.Use) *mla.Use {
	if stated != nil || l == nil || l.Request == nil {
		return stated
	}
	u := &mla.Use{State: l.Request.Law.From, Proceeding: l.Proceeding}
	if len(l.Purposes) > 0 {
		u.Purpose = l.Purposes[0]
	}
	return u
}

// inherit puts the limits of the parent into the fields of what is derived from it,
// beside those that are given.
func inherit(parent *Item, fields map[string]any) (map[string]any, error) {
	told, err := parent.Told()
	if err != nil || told.None() {
		return fields, err
	}
	out := maps.Clone(fields)
	if out == nil {
		out = map[string]any{}
	}
	given, err := limitsIn(fields)
	if err != nil {
		return nil, err
	}
	all, err := mla.Derived(told.Limits, given)
	if err != nil {
		return nil, err
	}
	out[mla.FieldLimits] = all.List()
	return out, nil
}

// limitsIn reads the limits among the fields of a record to be; none is the zero
// value. It returns [mla.ErrLimits] for what no reader could take: such an entry
// would keep the item from every use.
func limitsIn(fields map[string]any) (mla.Limits, error) {
	v, ok := fields[mla.FieldLimits]
	if !ok {
		return mla.Limits{}, nil
	}
	b, err := evidence.Canonical(v)
	if err != nil {
		return mla.Limits{}, fmt.Errorf("%w: %v", mla.ErrLimits, err)
	}
	return mla.ParseLimits(b)
}

// limits reports whether the event's record has use limits.
func (e *Entry) limits() bool {
	var told mla.Told
	v, err := e.View()
	return err != nil || told.Add(v) != nil || !told.None()
}

// inheritDead gives an item that goes on from a dead one, as far as that is known
// here, its limits (rule P4).
func (s *Session) inheritDead(ctx context.Context, in *Sealing) error {
	if in.Continues == (evidence.ItemID{}) {
		return nil
	}
	dead, err := s.Load(ctx, in.Continues)
	if errors.Is(err, ErrNoItem) {
		return nil
	}
	if err == nil {
		in.Fields, err = inherit(dead, in.Fields)
	}
	return err
}

// keepsLimits returns [ErrAgain] where content that was sealed here before is sealed once
// more without words, at a desk that has items with use limits: the new item would have
// none. What is made of limited evidence is derived from it.
func (s *Session) keepsLimits(ctx context.Context, in *Sealing, out *Sealed) error {
	if _, own := in.Fields[mla.FieldLimits]; own || out.Earlier == 0 || in.Again != "" || in.Parent != nil {
		return nil
	}
	all, err := s.All(ctx)
	if err != nil {
		return err
	}
	for _, it := range all {
		if told, err := it.Told(); err != nil || !told.None() {
			return fmt.Errorf("%d of %d files; items here have use limits, and this one would not: %w", out.Earlier, out.Files, ErrAgain)
		}
	}
	return nil
}

// limitsFit refuses limits that an item cannot carry beside those it has: nothing could
// be done with it any more.
func (d *draft) limitsFit() error {
	at := slices.IndexFunc(d.values, func(v Value) bool { return v.Name == mla.FieldLimits })
	if at < 0 {
		return nil
	}
	more, err := mla.ParseLimits(d.values[at].Value)
	if err != nil {
		return err
	}
	told, err := d.item.Told()
	if err == nil {
		_, err = mla.Derived(told.Limits, more)
	}
	return err
}

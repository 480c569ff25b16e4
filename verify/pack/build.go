package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
)

// Held is an event as a desk keeps it.
type Held struct {
	Envelope []byte
	Salt     evidence.Hash
	SealKey  evidence.SealKey // of the seal it closed
	Index    uint64           // of its leaf
	Record   *evidence.View   // what the reader may see
	Receipt  *ledger.Receipt  // nil when there is none
}

// Builder puts a dossier together: events are added, and [Builder.Build] takes
// from the ledgers whatever proves them, and from the notes those that are
// needed. The zero value is ready to use.
type Builder struct {
	Lists    [][]byte // trust lists, verbatim, one for each version
	Policies [][]byte // policy texts
	Certs    [][]byte // authority certificates, DER
	Tokens   [][]byte // timestamp tokens over notes
	Anchors  []Anchor // what the states recorded of the ledgers on their channel
	// Logged says at which index of which ledger the hash of a list is, by version.
	Logged map[uint64]LeafPlace

	// Partial leaves out what no prover has about a seal, as between two desks of
	// a handoff: the giver cannot prove the seal that it opened in the receiver's
	// ledger. The verdict on the dossier is then undecided about completeness.
	Partial bool

	held   []heldEvent
	seen   map[LeafPlace]bool
	keys   map[evidence.ItemID]evidence.Origin // where each enrolment is
	erased []erasedEvent
	notes  map[evidence.Hash][]byte
	listed map[uint64][]byte

	successors map[evidence.Origin]evidence.Origin // of retired ledgers, by the newest list
}

// LeafPlace is where a leaf stands.
type LeafPlace struct {
	Origin evidence.Origin
	Index  uint64
}

type heldEvent struct {
	Held
	event *evidence.Event
}

type erasedEvent struct {
	Erased
	index  uint64
	origin evidence.Origin
}

// Add adds an event. Adding the same leaf again does nothing. The error says
// that the envelope holds no event.
func (b *Builder) Add(h Held) error {
	env, err := signing.Parse(h.Envelope)
	if err != nil {
		return err
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return err
	}
	if b.seen == nil {
		b.seen, b.keys = make(map[LeafPlace]bool), make(map[evidence.ItemID]evidence.Origin)
	}
	at := LeafPlace{e.Origin, h.Index}
	if b.seen[at] {
		return nil
	}
	b.seen[at] = true
	if e.Action == evidence.Enrol {
		b.keys[e.Item] = e.Origin
	}
	b.held = append(b.held, heldEvent{h, e})
	return nil
}

// AddErased adds the leaf, in place of an event that was erased, of the ledger o.
func (b *Builder) AddErased(o evidence.Origin, index uint64, e Erased) {
	b.erased = append(b.erased, erasedEvent{e, index, o})
}

// AddNote makes a note available as an anchor.
func (b *Builder) AddNote(signed []byte) {
	if b.notes == nil {
		b.notes = make(map[evidence.Hash][]byte)
	}
	b.notes[NoteDigest(signed)] = signed
}

// AddFrom adds the events of another dossier for whose item keep says true, and
// all its notes, policies, certificates, tokens and lists.
func (b *Builder) AddFrom(d *Dossier, keep func(evidence.ItemID) bool) error {
	for _, n := range d.Notes {
		b.AddNote(n)
	}
	b.Policies = append(b.Policies, slices.Collect(maps.Values(d.Policies))...)
	b.Certs = append(b.Certs, slices.Collect(maps.Values(d.Certs))...)
	b.Tokens = append(b.Tokens, slices.Collect(maps.Values(d.Tokens))...)
	b.Anchors = append(b.Anchors, d.anchors()...)
	for v, l := range d.Lists {
		if b.listed == nil {
			b.listed = make(map[uint64][]byte)
		}
		b.listed[v] = l
	}
	for _, e := range d.Events {
		item, _, err := e.Place()
		if err != nil {
			return err
		}
		if keep(item) {
			if err := b.addLine(d, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Builder) addLine(d *Dossier, e EventLine) error {
	if e.Erased != nil {
		o, ok := d.erasedIn(e)
		if !ok {
			return fmt.Errorf("erased event %d of item %s: %w", e.Erased.Seq, e.Erased.Item, ErrNotProven)
		}
		b.AddErased(o, e.Index, *e.Erased)
		return nil
	}
	h := Held{Envelope: e.Envelope, Salt: e.Salt, SealKey: e.SealKey, Index: e.Index, Record: e.Record}
	if r := e.Receipt; r != nil {
		n, ok := d.Note(r.Note)
		if !ok {
			return fmt.Errorf("note %s of a receipt: %w", r.Note, ErrNotProven)
		}
		h.Receipt = &ledger.Receipt{Index: e.Index, Proof: r.Proof, Note: n}
	}
	return b.Add(h)
}

// erasedIn returns the ledger of an erased event: the one whose map closes the
// seal by its leaf.
func (d *Dossier) erasedIn(e EventLine) (evidence.Origin, bool) {
	seal, ok := e.Erased.Leaf.Seal()
	if !ok {
		return "", false
	}
	for _, l := range d.Logs {
		for _, c := range l.Closed {
			if r := c.Proof.Reached; c.Seal == seal && r != nil && r.Seal == seal && r.Leaf == e.Erased.Leaf.Hash() {
				return l.Origin, true
			}
		}
	}
	return "", false
}

// Build returns the dossier about items, proven by one prover for each ledger
// that holds an event. A prover's error, or such a ledger without one, ends it. Provers
// of other ledgers show what became there of the seals that events here opened.
func (b *Builder) Build(ctx context.Context, items []ItemLine, provers ...Prover) (*Dossier, error) {
	d := &Dossier{Items: slices.Clone(items), Lists: map[uint64][]byte{}, Policies: byDigest(b.Policies), Certs: byDigest(b.Certs)}
	maps.Copy(d.Lists, b.listed)
	for _, l := range b.Lists {
		list, err := listOf(l)
		if err != nil {
			return nil, err
		}
		d.Lists[uint64(list.Version)] = l
	}
	notes := make(map[evidence.Hash][]byte)
	b.lines(d, notes)
	ledgers, err := b.ledgers(d.Lists)
	if err != nil {
		return nil, err
	}
	for _, p := range provers { // of a ledger where an item goes on and has no event here
		if o := p.Origin(); ledgers[o] == nil && len(b.seals(o)) > 0 {
			ledgers[o] = nil
		}
	}
	for o, indexes := range ledgers {
		i := slices.IndexFunc(provers, func(p Prover) bool { return p.Origin() == o })
		if i < 0 && indexes == nil {
			continue // what became of a seal in a ledger that follows is not shown
		}
		if i < 0 {
			return nil, fmt.Errorf("ledger %q: %w", o, ErrNotProven)
		}
		line, err := b.prove(ctx, provers[i], indexes, notes)
		if err == nil {
			line.Lists, err = b.proveLists(ctx, provers[i], d.Lists)
		}
		if err != nil {
			return nil, fmt.Errorf("ledger %q: %w", o, err)
		}
		d.Logs = append(d.Logs, line)
	}
	d.Notes, d.Tokens = slices.Collect(maps.Values(notes)), tokensOver(b.Tokens, notes)
	if err := b.anchor(ctx, d, provers); err != nil {
		return nil, err
	}
	return d, d.Sort()
}

// tokensOver returns the tokens over one of the notes, by digest.
func tokensOver(tokens [][]byte, notes map[evidence.Hash][]byte) map[evidence.Hash][]byte {
	kept := make(map[evidence.Hash][]byte)
	for _, raw := range tokens {
		t, err := cms.ParseToken(raw)
		if err != nil {
			continue // it would not count
		}
		for digest := range notes {
			if t.Covers(digest) {
				kept[NoteDigest(raw)] = raw
			}
		}
	}
	return kept
}

// proveLists proves the lists whose hashes are in the ledger (rule P12).
func (b *Builder) proveLists(ctx context.Context, p Prover, lists map[uint64][]byte) ([]ListLine, error) {
	var proven []ListLine
	if c, ok := p.(*carried); ok {
		for _, l := range c.line.Lists {
			if _, ok := lists[l.Version]; ok {
				proven = append(proven, l)
			}
		}
		return proven, nil
	}
	for _, v := range slices.Sorted(maps.Keys(b.Logged)) {
		if _, ok := lists[v]; !ok || b.Logged[v].Origin != p.Origin() {
			continue
		}
		proof, err := p.Inclusion(ctx, b.Logged[v].Index)
		if errors.Is(err, ErrNotProven) {
			continue // logged after the shared checkpoint
		}
		if err != nil {
			return nil, err
		}
		proven = append(proven, ListLine{Index: b.Logged[v].Index, Proof: proof, Version: v})
	}
	return proven, nil
}

// lines makes the event lines, and takes the notes they need.
func (b *Builder) lines(d *Dossier, notes map[evidence.Hash][]byte) {
	for _, h := range b.held {
		line := EventLine{Index: h.Index, Envelope: h.Envelope, Salt: h.Salt, SealKey: h.SealKey, Record: h.Record}
		if h.Receipt != nil && (b.judgedByTime(h.event) || hasUse(h.Record)) {
			line.Receipt = &Receipt{Note: NoteDigest(h.Receipt.Note), Proof: h.Receipt.Proof}
			notes[line.Receipt.Note] = h.Receipt.Note
		}
		for _, a := range h.event.Anchors {
			if n, ok := b.notes[a]; ok {
				notes[a] = n
			}
		}
		d.Events = append(d.Events, line)
	}
	for _, x := range b.erased {
		d.Events = append(d.Events, EventLine{Index: x.index, Erased: &x.Erased})
	}
	for _, h := range b.held {
		if h.event.Action == evidence.Revoke {
			b.beforeRevocation(h, notes)
		}
	}
}

// beforeRevocation takes the newest notes at hand of a key's ledger from before
// the key was revoked: what it signed in other ledgers is judged by their times
// (rule P8).
func (b *Builder) beforeRevocation(revoke heldEvent, notes map[evidence.Hash][]byte) {
	newest := uint64(0)
	var found []evidence.Hash
	for digest, n := range b.notes {
		c, err := ledger.ReadCheckpoint(n)
		if err != nil || c.Origin != revoke.event.Origin || c.Size > revoke.Index || c.Size < newest {
			continue
		}
		if c.Size > newest {
			newest, found = c.Size, nil
		}
		found = append(found, digest)
	}
	for _, digest := range found {
		notes[digest] = b.notes[digest]
	}
}

// judgedByTime reports whether an event's receipt belongs into the package
// (rule P9): first events, accepts, what is early or late by its time, steps, which
// begin and end deadlines, and signers enrolled in another ledger.
func (b *Builder) judgedByTime(e *evidence.Event) bool {
	switch e.Action {
	case evidence.Collect, evidence.Enrol, evidence.Accept, evidence.Withdraw, evidence.Revoke, evidence.Step:
		return true
	}
	for _, s := range e.Signers {
		if s.Role != evidence.RoleAuthority && b.keys[s.Enrolled] != e.Origin {
			return true
		}
	}
	return false
}

// hasUse reports whether a record may say of a use that it was allowed: limits and
// consents end.
func hasUse(v *evidence.View) bool {
	if v == nil {
		return false
	}
	_, found := v.Lookup("use")
	return found != evidence.Absent
}

// leads reports whether a seal opened in the ledger from may be closed in to: it
// is the same, or follows on it (rule P13).
func (b *Builder) leads(from, to evidence.Origin) bool {
	for range len(b.successors) + 1 {
		if from == to {
			return true
		}
		from = b.successors[from]
	}
	return false
}

// ledgers returns the indexes to be proven by ledger, with the ledgers that hold
// no event here and must show what became of a seal all the same.
func (b *Builder) ledgers(lists map[uint64][]byte) (map[evidence.Origin][]uint64, error) {
	all := b.indexes()
	b.successors = make(map[evidence.Origin]evidence.Origin)
	if len(lists) == 0 {
		return all, nil
	}
	newest, err := listOf(lists[slices.Max(slices.Collect(maps.Keys(lists)))])
	if err != nil {
		return nil, err
	}
	for _, r := range newest.Retired {
		if r.Successor != "" {
			b.successors[evidence.Origin(r.Final.Origin)] = evidence.Origin(r.Successor)
		}
	}
	for _, o := range b.successors {
		if _, ok := all[o]; !ok && len(b.seals(o)) > 0 {
			all[o] = nil
		}
	}
	return all, nil
}

// indexes returns every index to be proven, by ledger.
func (b *Builder) indexes() map[evidence.Origin][]uint64 {
	all := make(map[evidence.Origin][]uint64)
	for _, h := range b.held {
		all[h.event.Origin] = append(all[h.event.Origin], h.Index)
	}
	for _, x := range b.erased {
		all[x.origin] = append(all[x.origin], x.index)
	}
	return all
}

// seals returns what must be proven at the epoch of the ledger o: every seal
// that an event here opened there, or in a retired ledger that o follows, and no
// event here closes, and every erased event's own (spec/package.md).
func (b *Builder) seals(o evidence.Origin) []evidence.Seal {
	shut := make(map[evidence.Seal]evidence.Origin)
	opened := make(map[evidence.Seal]bool)
	for _, h := range b.held {
		shut[h.event.Closes] = h.event.Origin
		if n := h.event.Opens.Next; n != nil && b.leads(n.Origin, o) {
			opened[n.Seal] = true
		}
		for _, c := range h.event.Opens.Children {
			if c.Origin == o {
				opened[evidence.Seal(c.Item)] = true
			}
		}
	}
	for s, in := range shut {
		if b.leads(in, o) {
			delete(opened, s) // a retired ledger before the one where it was closed shows it open at its end
		}
	}
	for _, x := range b.erased {
		s, ok := x.Leaf.Seal()
		if !ok {
			continue
		}
		delete(opened, s) // proven where the leaf is
		if x.origin == o {
			opened[s] = true
		}
	}
	return slices.SortedFunc(maps.Keys(opened), func(x, y evidence.Seal) int { return bytes.Compare(x[:], y[:]) })
}

func (b *Builder) prove(ctx context.Context, p Prover, indexes []uint64, notes map[evidence.Hash][]byte) (LogLine, error) {
	shared, time := p.Shared()
	line := LogLine{Origin: p.Origin(), Note: NoteDigest(shared)}
	notes[line.Note] = shared
	if time != nil {
		digest := NoteDigest(time)
		line.TimeNote, notes[digest] = &digest, time
	}
	var err error
	if line.Epoch, err = p.Epoch(ctx); err != nil {
		return line, err
	}
	slices.Sort(indexes)
	for _, i := range slices.Compact(indexes) {
		proof, err := p.Inclusion(ctx, i)
		if err != nil {
			return line, err
		}
		line.Inclusion = append(line.Inclusion, Inclusion{Index: i, Proof: proof})
	}
	for _, s := range b.seals(p.Origin()) {
		proof, err := p.Closed(ctx, s)
		if b.Partial && errors.Is(err, ErrNotProven) {
			continue
		}
		if err != nil {
			return line, err
		}
		line.Closed = append(line.Closed, ClosedLine{Seal: s, Proof: proof})
	}
	return line, nil
}

// listOf reads a signed trust list, whoever signed it.
func listOf(signed []byte) (*trust.List, error) {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	return trust.ParseText(string(text) + "\n")
}

func byDigest(blobs [][]byte) map[evidence.Hash][]byte {
	m := make(map[evidence.Hash][]byte, len(blobs))
	for _, b := range blobs {
		m[NoteDigest(b)] = b
	}
	return m
}

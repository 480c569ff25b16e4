package witness

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"golang.org/x/mod/sumdb/note"
)

// Verify checks the alarm against the keys of its log, one or more, and says in
// one clause what the log did. Nothing else need be trusted: not whoever raised
// the alarm, and not the log. It returns [ErrAlarm] when nothing is proven, and
// [ledger.ErrSignature] when the log has not signed it. It does no I/O.
func (a Alarm) Verify(keys ...note.Verifier) (what string, err error) {
	trees, err := a.open(keys)
	if err != nil {
		return "", err
	}
	check, ok := checks[a.Kind]
	if !ok {
		return "", fmt.Errorf("kind %.40q: %w", a.Kind, ErrAlarm)
	}
	if len(trees) != check.notes {
		return "", fmt.Errorf("%s with %d checkpoints: %w", a.Kind, len(trees), ErrAlarm)
	}
	what, err = check.of(a, trees)
	if err != nil {
		return "", fmt.Errorf("%s: %w", a.Kind, err)
	}
	if what == "" {
		return "", fmt.Errorf("%s: %w", a.Kind, ErrAlarm)
	}
	return what, nil
}

// open verifies the log's signature on every note.
func (a Alarm) open(keys []note.Verifier) ([]ledger.Checkpoint, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("no key of the log: %w", ledger.ErrSignature)
	}
	var trees []ledger.Checkpoint
	for _, n := range a.Notes {
		c, err := ledger.ReadCheckpoint(n)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAlarm, err)
		}
		if _, err := openNote(n, c.Origin, keys); err != nil {
			return nil, err
		}
		trees = append(trees, c)
	}
	return trees, nil
}

// checks say, for each kind, how many checkpoints it needs and what it proves:
// an empty clause for nothing.
var checks = map[Kind]struct {
	notes int
	of    func(a Alarm, trees []ledger.Checkpoint) (what string, err error)
}{
	Split:       {2, Alarm.split},
	Fork:        {2, Alarm.fork},
	Form:        {1, single(outOfForm)},
	SecondClose: {1, pair(secondClose)},
	EpochAhead:  {1, single(epochAhead)},
	EpochBack:   {1, pair(epochBack)},
	EpochLink:   {1, Alarm.epochLink},
	EpochRoot:   {1, Alarm.epochRoot},
}

func (a Alarm) split(t []ledger.Checkpoint) (string, error) {
	if len(a.Ranges) != 0 || t[0].Size != t[1].Size || t[0].Root == t[1].Root {
		return "", nil
	}
	return fmt.Sprintf("it signed two different trees of %d leaves", t[0].Size), nil
}

func (a Alarm) fork(t []ledger.Checkpoint) (string, error) {
	if len(a.Ranges) != 1 || len(a.Ranges[0].Leaves) != 0 || a.Ranges[0].First != t[0].Size || t[0].Size >= t[1].Size {
		return "", nil
	}
	before, err := t[1].OpenRange(a.Ranges[0].Proof, t[0].Size, nil)
	if err != nil || before == t[0].Root {
		return "", err
	}
	return fmt.Sprintf("its tree of %d leaves does not begin with the tree of %d that it signed", t[1].Size, t[0].Size), nil
}

// placed is a leaf proven to stand at an index.
type placed struct {
	index uint64
	ledger.Leaf
}

// one returns the only leaf of a range, after verifying the range.
func (r Range) one(t ledger.Checkpoint) (placed, error) {
	if len(r.Leaves) != 1 {
		return placed{}, fmt.Errorf("%d leaves in the place of one: %w", len(r.Leaves), ErrAlarm)
	}
	return placed{r.First, r.Leaves[0]}, r.verify(t)
}

func (r Range) verify(t ledger.Checkpoint) error {
	hashes := make([]evidence.Hash, len(r.Leaves))
	for i, l := range r.Leaves {
		hashes[i] = l.Hash()
	}
	if err := t.VerifyRange(r.Proof, r.First, hashes); err != nil {
		return fmt.Errorf("%w: %w", ErrAlarm, err)
	}
	return nil
}

// single makes a check of one leaf, pair of two in index order.
func single(prove func(placed) string) func(Alarm, []ledger.Checkpoint) (string, error) {
	return func(a Alarm, t []ledger.Checkpoint) (string, error) {
		p, err := a.leaves(t[0], 1)
		if err != nil {
			return "", err
		}
		return prove(p[0]), nil
	}
}

func pair(prove func(first, second placed) string) func(Alarm, []ledger.Checkpoint) (string, error) {
	return func(a Alarm, t []ledger.Checkpoint) (string, error) {
		p, err := a.leaves(t[0], 2)
		if err != nil {
			return "", err
		}
		return prove(p[0], p[1]), nil
	}
}

// leaves returns the only leaf of each of n ranges, in rising order.
func (a Alarm) leaves(t ledger.Checkpoint, n int) ([]placed, error) {
	if len(a.Ranges) != n {
		return nil, fmt.Errorf("%d runs of leaves, %d wanted: %w", len(a.Ranges), n, ErrAlarm)
	}
	var out []placed
	for i, r := range a.Ranges {
		p, err := r.one(t)
		if err != nil {
			return nil, err
		}
		if i > 0 && p.index <= out[i-1].index {
			return nil, fmt.Errorf("leaves are not in order: %w", ErrAlarm)
		}
		out = append(out, p)
	}
	return out, nil
}

func outOfForm(p placed) string {
	_, err := ledger.ParseLeaf(p.Leaf[:])
	if !errors.Is(err, ledger.ErrLeafForm) {
		return ""
	}
	return fmt.Sprintf("leaf %d is not in canonical form", p.index)
}

func secondClose(first, second placed) string {
	a, ok := first.Seal()
	b, ok2 := second.Seal()
	if !ok || !ok2 || a != b {
		return ""
	}
	return fmt.Sprintf("leaves %d and %d both close seal %s", first.index, second.index, a)
}

func epochAhead(p placed) string {
	e, ok := p.Epoch()
	if !ok || e.Covered <= p.index {
		return ""
	}
	return fmt.Sprintf("the epoch at %d covers leaves up to %d, which are not before it", p.index, e.Covered)
}

func epochBack(first, second placed) string {
	a, ok := first.Epoch()
	b, ok2 := second.Epoch()
	if !ok || !ok2 || b.Covered >= a.Covered {
		return ""
	}
	return fmt.Sprintf("the epoch at %d covers %d leaves, the earlier one at %d covered %d", second.index, b.Covered, first.index, a.Covered)
}

// epochLink has the epoch last. Before it stands what it should not have passed
// over, an epoch, or what it names and is none; nothing when it names what is not
// before it.
func (a Alarm) epochLink(t []ledger.Checkpoint) (string, error) {
	p, err := a.leaves(t[0], max(1, min(2, len(a.Ranges))))
	if err != nil {
		return "", err
	}
	at := p[len(p)-1]
	e, ok := at.Epoch()
	if !ok {
		return "", nil
	}
	names := e.Previous != ledger.NoEpoch
	if len(p) == 1 {
		if names && e.Previous >= at.index {
			return fmt.Sprintf("the epoch at %d names leaf %d as the one before it", at.index, e.Previous), nil
		}
		return "", nil
	}
	_, isEpoch := p[0].Epoch()
	switch {
	case isEpoch && (!names || e.Previous < p[0].index):
		return fmt.Sprintf("the epoch at %d passes over the one at %d", at.index, p[0].index), nil
	case !isEpoch && e.Previous == p[0].index:
		return fmt.Sprintf("the epoch at %d names leaf %d as the one before it, which is no epoch", at.index, p[0].index), nil
	}
	return "", nil
}

// epochRoot has the epoch last and before it the leaves that it covers and an
// earlier one did not. That earlier one stands first; without it the leaves begin
// at 0, with an empty map.
func (a Alarm) epochRoot(t []ledger.Checkpoint) (string, error) {
	n := len(a.Ranges)
	if n != 2 && n != 3 {
		return "", fmt.Errorf("%d runs of leaves: %w", n, ErrAlarm)
	}
	at, err := a.Ranges[n-1].one(t[0])
	if err != nil {
		return "", err
	}
	from := ledger.Epoch{Root: closed.New("").Root()}
	ok := true
	if n == 3 {
		var p placed
		if p, err = a.Ranges[0].one(t[0]); err != nil {
			return "", err
		}
		from, ok = p.Epoch()
	}
	e, ok2 := at.Epoch()
	run := a.Ranges[n-2]
	if !ok || !ok2 || run.First != from.Covered || run.First+uint64(len(run.Leaves)) != e.Covered || e.Covered > at.index {
		return "", nil
	}
	if err := run.verify(t[0]); err != nil {
		return "", err
	}
	root, err := follow(from.Root, run.Leaves, a.Inserts)
	if err != nil || root == e.Root {
		return "", err
	}
	return fmt.Sprintf("the epoch at %d has the root %s over %d leaves; it is %s", at.index, e.Root, e.Covered, root), nil
}

// follow returns the root of the map after leaves.
func follow(root evidence.Hash, leaves []ledger.Leaf, inserts []closed.Proof) (evidence.Hash, error) {
	for _, l := range leaves {
		seal, ok := l.Seal()
		if !ok {
			continue
		}
		if len(inserts) == 0 {
			return root, fmt.Errorf("a step of the map is missing: %w", ErrAlarm)
		}
		var err error
		if root, err = inserts[0].Insert(root, seal, l.Hash()); err != nil {
			return root, fmt.Errorf("%w: %w", ErrAlarm, err)
		}
		inserts = inserts[1:]
	}
	if len(inserts) != 0 {
		return root, fmt.Errorf("%d steps of the map too many: %w", len(inserts), ErrAlarm)
	}
	return root, nil
}

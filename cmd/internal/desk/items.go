package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/custody/cmd/internal/desk/label"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Errors about finding an item.
var (
	ErrNoCase    = errors.New("no item of this desk is in that case")
	ErrNoItem    = errors.New("no such item at this desk")
	ErrWhichItem = errors.New("several items fit")
)

// Erased is what stays of an event after its body is destroyed (rule P7).
type Erased struct {
	Leaf  ledger.Leaf
	Index uint64
	Order string // reference of the order to erase
}

// Load reads one item's events; what is not read is every other item.
func (s *Session) Load(ctx context.Context, id evidence.ItemID) (*Item, error) {
	raws, err := s.keeper.bodies(ctx, id)
	if err != nil {
		return nil, err
	}
	it := &Item{ID: id, Erased: map[int64]Erased{}}
	for _, raw := range raws {
		e, err := parseBody(raw)
		if err != nil {
			return nil, err
		}
		it.Entries = append(it.Entries, e)
	}
	slices.SortFunc(it.Entries, func(a, b *Entry) int { return int(a.Event.Seq - b.Event.Seq) })
	if err := errors.Join(s.fillErased(it), s.addWaiting(it)); err != nil {
		return nil, err
	}
	if len(it.Entries) == 0 {
		return nil, fmt.Errorf("%s: %w", id.Short(), ErrNoItem)
	}
	return it, nil
}

// fillErased adds the leaves that stand for erased events.
func (s *Session) fillErased(it *Item) error {
	stubs, err := s.keeper.stubs(it.ID)
	for seq, e := range stubs {
		it.Erased[seq] = e
	}
	return err
}

// Find finds an item by its id, the beginning of it (4 digits at least), the
// text of its label, or its exhibit number. It returns [ErrWhichItem] where more than one
// fits: an exhibit's number may be how another item's id begins.
func (s *Session) Find(ctx context.Context, name string) (*Item, error) {
	if id, err := label.Parse(strings.ToUpper(name)); err == nil {
		return s.Load(ctx, id)
	}
	if h, err := evidence.ParseHash(strings.ToLower(name)); err == nil {
		return s.Load(ctx, evidence.ItemID(h))
	}
	ids, err := s.byPrefix(ctx, name)
	if err != nil {
		return nil, err
	}
	fit, err := s.byValue(ctx, indexExhibit, name)
	if err != nil {
		return nil, err
	}
	for _, it := range fit {
		if !slices.Contains(ids, it.ID) {
			ids = append(ids, it.ID)
		}
	}
	switch len(ids) {
	case 0:
		return nil, fmt.Errorf("%q: %w", name, ErrNoItem)
	case 1:
		return s.Load(ctx, ids[0])
	}
	return nil, fmt.Errorf("%q: %d items: %w", name, len(ids), ErrWhichItem)
}

// byPrefix lists the evidence whose id begins like name.
func (s *Session) byPrefix(ctx context.Context, name string) ([]evidence.ItemID, error) {
	name = strings.ToLower(name)
	if len(name) < 4 || strings.Trim(name, "0123456789abcdef") != "" {
		return nil, nil
	}
	ids, err := s.keeper.itemsLike(ctx, name)
	if err != nil {
		return nil, err
	}
	ids, err = s.waitingItems(ids)
	return slices.DeleteFunc(ids, func(id evidence.ItemID) bool { return !strings.HasPrefix(id.String(), name) }), err
}

// items lists the items of the desk, those too whose first act waits.
func (s *Session) items(ctx context.Context) ([]evidence.ItemID, error) {
	ids, err := s.keeper.items(ctx)
	if err != nil {
		return nil, err
	}
	return s.waitingItems(ids)
}

// byValue loads the items whose records say value under field now: the newest
// event that says anything under it wins. They come in the order in which they came to
// this desk.
func (s *Session) byValue(ctx context.Context, field, value string) ([]*Item, error) {
	ids, err := s.lookUp(field, value)
	if err != nil {
		return nil, err
	}
	var fit []*Item
	for _, id := range ids {
		it, err := s.Load(ctx, id)
		if errors.Is(err, ErrNoItem) {
			continue // the index came first and the body never did
		}
		if err != nil {
			return nil, err
		}
		if says, ok := it.Text(field); ok && says == value {
			fit = append(fit, it)
		}
	}
	return fit, nil
}

// All yields every item that is evidence, keys left out, in the order of ids.
func (s *Session) All(ctx context.Context) ([]*Item, error) {
	ids, err := s.items(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Item
	for _, id := range ids {
		it, err := s.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if it.First().Event.Action != evidence.Enrol {
			all = append(all, it)
		}
	}
	return all, nil
}

// InCase returns the items whose record names the proceeding, in the order in
// which they came to this desk.
func (s *Session) InCase(ctx context.Context, ref string) ([]*Item, error) {
	fit, err := s.byValue(ctx, indexCase, ref)
	if err == nil && len(fit) == 0 {
		err = fmt.Errorf("case %q: %w", ref, ErrNoCase)
	}
	return fit, err
}

// LabelOf makes the label of an item as its record stands.
func LabelOf(it *Item) label.Label {
	exhibit, _ := value[string](it, "exhibit")
	seals, _ := value[[]string](it, evidence.FieldPhysicalSeal)
	if after, ok := value[[]string](it, evidence.FieldSealAfter); ok {
		seals = after // what is on the bag now
	}
	return label.New(it.ID, exhibit, seals)
}

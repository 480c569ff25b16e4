package desk

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// WithholdingFormat is the format of spec/package.md, "Rules for withholding".
const WithholdingFormat = "custody/withholding/v1"

// Errors about rules for withholding.
var (
	ErrWithholding = errors.New("no rules for withholding")
	ErrNotSaid     = errors.New("the item has no standard at hand that says which fields are personal: name them")
	ErrNotThere    = errors.New("no record to be packed has an entry of that name to reveal")
	ErrWhichEntry  = errors.New("more than one item is to be packed, and a number does not say of which: name the item, too")
	ErrNotPacked   = errors.New("a rule is about an item that is not among those to be packed")
)

// Withholding is rules that say what of records is held back. The first that selects an
// entry decides about it.
type Withholding struct {
	Format string            `json:"format"`
	Rules  []WithholdingRule `json:"rules"`
	Reveal []string          `json:"reveal,omitempty"` // what a rule with rest leaves, as [ParseEntryName] reads it
}

// WithholdingRule selects entries of some items, or of all, by name, by the path of a file, because the item's
// standard says that they may identify a person, or because they are not to be revealed.
type WithholdingRule struct {
	ID        string              `json:"id"`
	Items     []string            `json:"items,omitempty"` // as the desk calls them; none: every item
	Names     []string            `json:"names,omitempty"` // one that ends in a slash stands for all that begin with it
	Paths     []string            `json:"paths,omitempty"` // of files: patterns of [path.Match], or folders, which end in a slash
	Personal  bool                `json:"personal,omitempty"`
	Rest      bool                `json:"rest,omitempty"` // all that reveal does not name
	Code      evidence.ReasonCode `json:"code"`
	Authority string              `json:"authority"`
	Review    string              `json:"review"` // day, YYYY-MM-DD
	HideName  bool                `json:"hide-name,omitempty"`
}

// ParseWithholding reads a file of rules, or returns [ErrWithholding] with what is wrong
// with it, and where.
func ParseWithholding(file string, b []byte) (*Withholding, error) {
	w := new(Withholding)
	fault, err := rules.ReadData(file, b, w)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWithholding, err)
	}
	if w.Format != WithholdingFormat || len(w.Rules) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrWithholding, fault("format", "the format is %.40q, with %d rules", w.Format, len(w.Rules)))
	}
	for i, text := range w.Reveal {
		if err := CheckEntryName(text); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWithholding, fault(fmt.Sprintf("reveal[%d]", i), "%v", err))
		}
	}
	if len(w.Reveal) > 0 && !slices.ContainsFunc(w.Rules, func(r WithholdingRule) bool { return r.Rest }) {
		return nil, fmt.Errorf("%w: %w", ErrWithholding, fault("reveal", "what it names is left by a rule with rest, and there is none"))
	}
	for i, r := range w.Rules {
		err := r.validate()
		if err == nil && r.Rest && i < len(w.Rules)-1 {
			err = errors.New("a rule about the rest is the last one")
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWithholding, fault(fmt.Sprintf("rules[%d]", i), "%s: %v", r.ID, err))
		}
	}
	return w, nil
}

func (r *WithholdingRule) validate() error {
	if r.ID == "" || len(r.Names)+len(r.Paths) == 0 && !r.Personal && !r.Rest {
		return errors.New("it has no id, or selects nothing")
	}
	if !slices.Contains(evidence.ReasonCodes(), r.Code) || r.Authority == "" {
		return errors.New("it has no reason that there is, or nobody who decided")
	}
	if _, err := time.Parse(time.DateOnly, r.Review); err != nil {
		return fmt.Errorf("review %.40q is not a day", r.Review)
	}
	if slices.ContainsFunc(r.Names, func(n string) bool { return strings.Contains(n, ":") }) || slices.Contains(r.Items, "") {
		return errors.New("of which items it is stands under items, and a name has no colon")
	}
	for _, p := range r.Paths {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("path %.200q is no pattern", p)
		}
	}
	return nil
}

// Select returns what the rules hold back, in their order: what they name as it is named,
// which holds for what packing adds as well; of each item what they select by the paths of
// its files and as personal; and the rest. It returns [ErrNothingHeld] for a path that is
// nowhere, or not in each item that the rule names, [ErrNotPacked], [ErrNotThere],
// [ErrNotSaid], and what find says of an item that it does not know.
func (w *Withholding) Select(items []*Item, find FindItem) ([]Withhold, error) {
	c, err := w.choosing(find)
	if err != nil {
		return nil, err
	}
	if err := c.packed(items); err != nil {
		return nil, err
	}
	for _, it := range items {
		if err := c.read(it); err != nil {
			return nil, &ItemError{it.ID, err}
		}
	}
	if err := c.unused(); err != nil {
		return nil, err
	}
	selected := make([][]EntryName, len(w.Rules))
	for _, e := range slices.SortedFunc(maps.Keys(c.chosen), EntryName.compare) {
		selected[c.chosen[e]] = append(selected[c.chosen[e]], e)
	}
	var all []Withhold
	for i, r := range w.Rules {
		for _, e := range slices.Concat(c.inEach(i, r.Names...), selected[i]) {
			all = append(all, r.withhold(e, nil))
		}
		if r.Rest {
			for _, e := range c.inEach(i, "") {
				all = append(all, r.withhold(e, c.reveal))
			}
		}
	}
	return all, nil
}

func (r *WithholdingRule) withhold(e EntryName, except []EntryName) Withhold {
	return Withhold{EntryName: e, Except: except, Code: r.Code, Authority: r.Authority, Review: r.Review, HideName: r.HideName}
}

// choosing is what the rules have selected so far, but by name and as the rest.
type choosing struct {
	rules    *Withholding
	reveal   []EntryName
	of       [][]evidence.ItemID // by rule: the items that it is about; none: every item
	item     evidence.ItemID     // the item in hand
	personal map[string]bool     // fields of its standard
	chosen   map[EntryName]int   // the first rule that selects it
	used     map[pattern]bool    // what a file has that is here
	shown    map[int]bool        // of reveal, what there is
}

// pattern is a path of a rule, in one of the items that the rule names or in every item.
type pattern struct {
	rule, path int
	item       evidence.ItemID
}

// choosing begins with finding the items that are named.
func (w *Withholding) choosing(find FindItem) (c *choosing, err error) {
	c = &choosing{rules: w, of: make([][]evidence.ItemID, len(w.Rules)), chosen: map[EntryName]int{}, used: map[pattern]bool{}, shown: map[int]bool{}}
	for _, text := range w.Reveal {
		e, err := ParseEntryName(text, find)
		if err != nil {
			return nil, err
		}
		c.reveal = append(c.reveal, e)
	}
	for i, r := range w.Rules {
		for _, name := range r.Items {
			id, err := find(name)
			if err != nil {
				return nil, err
			}
			c.of[i] = append(c.of[i], id)
		}
	}
	return c, nil
}

// inEach names entries in each of the items that a rule is about.
func (c *choosing) inEach(rule int, names ...string) (all []EntryName) {
	items := c.of[rule]
	if len(items) == 0 {
		items = []evidence.ItemID{EveryItem}
	}
	for _, id := range items {
		for _, n := range names {
			all = append(all, EntryName{id, n})
		}
	}
	return all
}

// packed refuses a rule about an item that is not packed, and to reveal of an item of
// which no rule holds back the rest: a slip in either would show all of another.
func (c *choosing) packed(items []*Item) error {
	for i, r := range c.rules.Rules {
		for _, id := range c.of[i] {
			if !slices.ContainsFunc(items, func(it *Item) bool { return it.ID == id }) {
				return &ItemError{id, fmt.Errorf("rule %q: %w", r.ID, ErrNotPacked)}
			}
		}
		for _, e := range c.reveal {
			if r.Rest && e.Item != EveryItem && len(c.of[i]) > 0 && !slices.Contains(c.of[i], e.Item) {
				return e.fault(fmt.Errorf("%w: the rest is held back of other items alone", ErrWithholding))
			}
		}
	}
	return nil
}

// unused refuses what was to be revealed and is nowhere, and a path that no file has, or
// none of an item that the rule names.
func (c *choosing) unused() error {
	for i, e := range c.reveal {
		if !c.shown[i] {
			return e.fault(ErrNotThere)
		}
	}
	for i, r := range c.rules.Rules {
		for n, p := range r.Paths {
			for _, e := range c.inEach(i, p) {
				if !c.used[pattern{i, n, e.Item}] {
					return e.fault(fmt.Errorf("rule %q: %w", r.ID, ErrNothingHeld))
				}
			}
		}
	}
	return nil
}

// read selects among the entries of an item.
func (c *choosing) read(it *Item) (err error) {
	c.item, c.personal = it.ID, nil
	for i, r := range c.rules.Rules {
		if r.Personal && c.isAbout(i) && c.personal == nil {
			if c.personal, err = it.personal(); err != nil {
				return err
			}
		}
	}
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			return err
		}
		for i := range v.Entries {
			c.entry(&v.Entries[i])
		}
	}
	return nil
}

// isAbout reports whether a rule is about the item in hand.
func (c *choosing) isAbout(rule int) bool {
	return len(c.of[rule]) == 0 || slices.Contains(c.of[rule], c.item)
}

// entry selects an entry that is shown here. Of two of one name, in records of two events,
// what is held back of one is of the other, too.
func (c *choosing) entry(e *evidence.ViewEntry) {
	if e.Form != evidence.Shown {
		return // it is held back here as well
	}
	name := EntryName{c.item, e.Name}
	for i, r := range c.reveal {
		c.shown[i] = c.shown[i] || r.means(name)
	}
	at := pathOf(e)
	first, decided := -1, false
	for i, r := range c.rules.Rules {
		if !c.isAbout(i) {
			continue
		}
		path := at != "" && c.isAt(i, at) // asked of each rule: what one selects is no slip of another
		switch {
		case decided:
		case named(r.Names, e.Name): // the name itself says it
			decided = true
		case r.Personal && c.personal[e.Name] || path:
			first, decided = i, true
		}
	}
	if before, seen := c.chosen[name]; first >= 0 && (!seen || first < before) {
		c.chosen[name] = first
	}
}

// isAt reports whether a path of the item in hand is one that a rule selects.
func (c *choosing) isAt(rule int, file string) (selected bool) {
	for n, p := range c.rules.Rules[rule].Paths {
		ok, _ := path.Match(p, file) // it is a pattern: validate has seen it
		if ok || strings.HasSuffix(p, "/") && strings.HasPrefix(file, p) {
			selected = true
			c.used[pattern{rule, n, EveryItem}], c.used[pattern{rule, n, c.item}] = true, true
		}
	}
	return selected
}

// pathOf returns the path of an entry that is a file, or nothing.
func pathOf(e *evidence.ViewEntry) string {
	v, err := evidence.ParseFileValue(e.Value)
	if err != nil {
		return ""
	}
	return v.Path
}

// named reports whether one of the names means an entry.
func named(names []string, entry string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return means(n, entry) })
}

// personal returns the fields that may identify a person, by the item's standard, or
// [ErrNotSaid].
func (it *Item) personal() (map[string]bool, error) {
	pack, err := it.pack(rules.Builtin())
	if err != nil {
		return nil, err
	}
	if pack == nil {
		return nil, ErrNotSaid
	}
	fields := map[string]bool{}
	for _, f := range pack.AllFields() {
		fields[f.Name] = f.Personal == rules.PersonalRecord || f.Personal == rules.PersonalApart
	}
	return fields, nil
}

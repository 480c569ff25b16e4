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
	ErrWhichEntry  = errors.New("more than one item to be packed has an entry of that number, and in each it is another: name the item, too")
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
// its files and as personal; and the rest. It returns [ErrNothingHeld] for paths that are
// nowhere, [ErrNotThere], [ErrNotSaid], and what find says of an item that it does not know.
func (w *Withholding) Select(items []*Item, find FindItem) ([]Withhold, error) {
	c, err := w.choosing(find)
	if err != nil {
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
	used     map[int]bool        // rules that have selected something
	shown    map[int]bool        // of reveal, what there is
}

// choosing begins with finding the items that are named.
func (w *Withholding) choosing(find FindItem) (c *choosing, err error) {
	c = &choosing{rules: w, of: make([][]evidence.ItemID, len(w.Rules)), chosen: map[EntryName]int{}, used: map[int]bool{}, shown: map[int]bool{}}
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

// unused refuses what was to be revealed and is nowhere, and a rule by path that has
// selected nothing.
func (c *choosing) unused() error {
	for i, e := range c.reveal {
		if !c.shown[i] {
			return e.fault(ErrNotThere)
		}
	}
	for i, r := range c.rules.Rules {
		if len(r.Paths) > 0 && !c.used[i] {
			return fmt.Errorf("rule %q: %w", r.ID, ErrNothingHeld)
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
	for i, r := range c.rules.Rules {
		switch {
		case !c.isAbout(i):
		case named(r.Names, e.Name):
			return // the name itself says it
		case r.Personal && c.personal[e.Name] || len(r.Paths) > 0 && isAt(r.Paths, e):
			c.used[i] = true
			if before, seen := c.chosen[name]; !seen || i < before {
				c.chosen[name] = i
			}
			return
		}
	}
}

// named reports whether one of the names means an entry.
func named(names []string, entry string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return means(n, entry) })
}

// isAt reports whether an entry is a file with a path that one of the patterns means.
func isAt(patterns []string, e *evidence.ViewEntry) bool {
	v, err := evidence.ParseFileValue(e.Value)
	if err != nil {
		return false // no file
	}
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, v.Path) // it is a pattern: validate has seen it
		return ok || strings.HasSuffix(p, "/") && strings.HasPrefix(v.Path, p)
	})
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

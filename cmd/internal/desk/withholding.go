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
	ErrByItem      = errors.New("a rule by path means a file of one item and not one of the same name in another: pack them one at a time")
	ErrNotSaid     = errors.New("the item has no standard at hand that says which fields are personal: name them")
	ErrNotThere    = errors.New("no record to be packed has an entry of that name to reveal")
)

// Withholding is rules that say what of records is held back. The first that selects an
// entry decides about it.
type Withholding struct {
	Format string            `json:"format"`
	Rules  []WithholdingRule `json:"rules"`
	Reveal []string          `json:"reveal,omitempty"` // what a rule with rest leaves
}

// WithholdingRule selects entries by name, by the path of a file, because the item's
// standard says that they may identify a person, or because they are not to be revealed.
type WithholdingRule struct {
	ID        string              `json:"id"`
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
	for _, p := range r.Paths {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("path %.200q is no pattern", p)
		}
	}
	return nil
}

// Names returns what the rules hold back, in their order: what they name as it is named,
// which holds for what packing adds as well, files and what is personal by the names that
// these have in the items' records, and the rest. It returns [ErrNothingHeld] for paths
// that are nowhere, [ErrNotThere], [ErrNotSaid] and [ErrByItem].
func (w *Withholding) Names(items []*Item) ([]Withhold, error) {
	c := &choosing{rules: w, chosen: map[string]int{}, used: map[int]bool{}, shown: map[string]bool{}}
	for _, it := range items {
		if err := c.item(it); err != nil {
			return nil, &ItemError{it.ID, err}
		}
	}
	for _, name := range w.Reveal {
		if !c.shown[name] {
			return nil, fmt.Errorf("%q: %w", name, ErrNotThere)
		}
	}
	selected := make([][]string, len(w.Rules))
	for _, name := range slices.Sorted(maps.Keys(c.chosen)) {
		if i := c.chosen[name]; i >= 0 {
			selected[i] = append(selected[i], name)
		}
	}
	var all []Withhold
	for i, r := range w.Rules {
		if len(r.Paths) > 0 && !c.used[i] {
			return nil, fmt.Errorf("rule %q: %w", r.ID, ErrNothingHeld)
		}
		for _, name := range slices.Concat(r.Names, selected[i]) {
			all = append(all, r.withhold(name))
		}
		if r.Rest {
			rest := r.withhold("")
			rest.Except = w.Reveal
			all = append(all, rest)
		}
	}
	return all, nil
}

func (r *WithholdingRule) withhold(name string) Withhold {
	return Withhold{Name: name, Code: r.Code, Authority: r.Authority, Review: r.Review, HideName: r.HideName}
}

// choosing is what the rules have selected so far, but by name and as the rest.
type choosing struct {
	rules    *Withholding
	personal map[string]bool // fields of the standard of the item in hand
	chosen   map[string]int  // by name: the rule, or -1
	used     map[int]bool    // rules that have selected something
	shown    map[string]bool // of reveal, what there is
}

func (c *choosing) item(it *Item) (err error) {
	if slices.ContainsFunc(c.rules.Rules, func(r WithholdingRule) bool { return r.Personal }) {
		if c.personal, err = it.personal(); err != nil {
			return err
		}
	}
	for _, e := range it.Entries {
		v, err := e.View()
		if err != nil {
			return err
		}
		for i := range v.Entries {
			if err := c.entry(&v.Entries[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *choosing) entry(e *evidence.ViewEntry) error {
	if e.Form != evidence.Shown {
		return nil // it is held back here as well
	}
	c.shown[named(c.rules.Reveal, e.Name)] = true
	rule := slices.IndexFunc(c.rules.Rules, func(r WithholdingRule) bool {
		return named(r.Names, e.Name) != "" || r.Personal && c.personal[e.Name] || len(r.Paths) > 0 && isAt(r.Paths, e)
	})
	if rule >= 0 && named(c.rules.Rules[rule].Names, e.Name) != "" {
		rule = -1 // the name itself says it
	}
	before, seen := c.chosen[e.Name]
	switch {
	case seen && before != rule && (c.byPath(before) || c.byPath(rule)):
		return fmt.Errorf("%s: %w", e.Name, ErrByItem)
	case !seen || before < 0:
		c.chosen[e.Name] = rule
	}
	if rule >= 0 {
		c.used[rule] = true
	}
	return nil
}

func (c *choosing) byPath(rule int) bool { return rule >= 0 && len(c.rules.Rules[rule].Paths) > 0 }

// named returns which of the names means an entry, or nothing.
func named(names []string, entry string) string {
	for _, n := range names {
		if n == entry || strings.HasSuffix(n, "/") && strings.HasPrefix(entry, n) {
			return n
		}
	}
	return ""
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

// heldNames finds among many names the first that holds an entry back.
type heldNames struct {
	exact   map[string]int // by name, the first place in the list
	folders []int          // of those that stand for all that begin with them
	rest    int            // of what holds for the rest, or -1
}

func namesOf(list []Withhold) *heldNames {
	h := &heldNames{exact: map[string]int{}, rest: -1}
	for i, w := range list {
		if w.Name == "" {
			h.rest = i
			continue
		}
		if strings.HasSuffix(w.Name, "/") {
			h.folders = append(h.folders, i)
		}
		if _, there := h.exact[w.Name]; !there {
			h.exact[w.Name] = i
		}
	}
	return h
}

// held returns which of the reasons holds an entry of that name back, or -1.
func (p *packPlan) held(name string) int {
	if p.names == nil {
		p.names = namesOf(p.in.Withhold)
	}
	first, ok := p.names.exact[name]
	if !ok {
		first = -1
	}
	for _, i := range p.names.folders {
		if strings.HasPrefix(name, p.in.Withhold[i].Name) && (first < 0 || i < first) {
			return i
		}
	}
	if rest := p.names.rest; first < 0 && rest >= 0 && named(p.in.Withhold[rest].Except, name) == "" {
		return rest
	}
	return first
}

package phrase

import (
	"cmp"
	"slices"
	"strings"
)

// Groups of the catalogue. A key is "detail.<name>" or "phrase.<group>.<name>": a
// detail stands for itself, a phrase in the gaps of its group's name.
const (
	DetailGroup = "detail"
	PhraseGroup = "phrase"
)

// Book is the English catalogue, ready to recognise texts. It is safe for use by
// several goroutines.
type Book struct {
	groups map[string]*group
	words  map[string]bool // keys of messages without gaps, for the gaps that hold a code
}

// group is the sentences that may stand in one kind of gap.
type group struct {
	begin map[string][]*pattern // by their first word
	other []*pattern            // those that begin with a gap
}

// pattern is a sentence: a word of itself before, between and after its gaps.
type pattern struct {
	key     string
	between []string // one more than gaps
	gaps    []string // their names
	letters int      // of between: the more, the more exact
}

// New compiles a catalogue: for each key its text, or its forms by plural category.
// Keys of other groups are only remembered, for the gaps that hold the code of an
// act, a state, a status or a check.
func New(messages map[string]map[string]string) *Book {
	b := &Book{groups: map[string]*group{}, words: map[string]bool{}}
	for key, forms := range messages {
		name, ok := GroupOf(key)
		if !ok {
			b.words[key] = true
			continue
		}
		g := b.groups[name]
		if g == nil {
			g = &group{begin: map[string][]*pattern{}}
			b.groups[name] = g
		}
		for _, text := range forms {
			g.add(compile(key, text))
		}
	}
	for _, g := range b.groups {
		g.sort()
	}
	return b
}

// GroupOf returns the group of a key: "detail", or what stands after "phrase."; ok is
// false for a key of the catalogue's other groups.
func GroupOf(key string) (name string, ok bool) {
	first, rest, _ := strings.Cut(key, ".")
	switch first {
	case DetailGroup:
		return DetailGroup, true
	case PhraseGroup:
		name, _, ok = strings.Cut(rest, ".")
		return name, ok
	}
	return "", false
}

// Split takes a text apart at its gaps: what stands before, between and after them,
// and their names. An opening brace without a closing one is a letter.
func Split(text string) (between, gaps []string) {
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return append(between, text), gaps
		}
		between, gaps, text = append(between, before), append(gaps, name), after
	}
}

func compile(key, text string) *pattern {
	p := &pattern{key: key}
	p.between, p.gaps = Split(text)
	for _, s := range p.between {
		p.letters += len(s)
	}
	return p
}

func (g *group) add(p *pattern) {
	if word, ok := firstWord(p.between[0]); ok || len(p.gaps) == 0 {
		g.begin[word] = append(g.begin[word], p)
		return
	}
	g.other = append(g.other, p)
}

// sort puts the most exact first, and what is equal always in the same order.
func (g *group) sort() {
	exact := func(a, b *pattern) int {
		return cmp.Or(b.letters-a.letters, strings.Compare(a.key, b.key), slices.Compare(a.between, b.between))
	}
	slices.SortFunc(g.other, exact)
	for _, list := range g.begin {
		slices.SortFunc(list, exact)
	}
}

// firstWord returns the text up to its first space; ok is false when it has none.
func firstWord(s string) (word string, ok bool) {
	word, _, ok = strings.Cut(s, " ")
	return word, ok
}

// candidates calls f with the patterns that a text may be, the most exact first,
// until it returns true.
func (g *group) candidates(text string, f func(*pattern) bool) bool {
	word, _ := firstWord(text)
	own, other := g.begin[word], g.other
	for len(own) > 0 || len(other) > 0 {
		var next *pattern
		if len(other) == 0 || len(own) > 0 && own[0].letters >= other[0].letters {
			next, own = own[0], own[1:]
		} else {
			next, other = other[0], other[1:]
		}
		if f(next) {
			return true
		}
	}
	return false
}

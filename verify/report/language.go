package report

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"example.org/custody/spec"
	"example.org/custody/verify/report/phrase"
)

// Language is the catalogue of one language (spec/lang/README.md).
type Language struct {
	Code       string // BCP 47
	Name       string // in the language itself
	Direction  string // ltr or rtl
	ReviewedBy string // who read it; empty when nobody has
	Date       string // of that, or of the words, YYYY-MM-DD

	messages map[string]entry
	printer  *message.Printer // has no details: what stands in them is filled in by its name
	tag      language.Tag
}

// entry is one message: a text, or plural forms by CLDR category.
type entry map[string]string

// catalogueFile is spec/lang/<code>.json.
type catalogueFile struct {
	Date       string `json:"date"`
	Direction  string `json:"direction"`
	Language   string `json:"language"`
	Messages   any    `json:"messages"`
	Name       string `json:"name"`
	ReviewedBy string `json:"reviewed-by"`
}

// Languages returns the languages shipped, English first, then by code.
func Languages() []*Language {
	var list []*Language
	for _, code := range Codes() {
		l, _ := Catalogue(code)
		list = append(list, l)
	}
	return list
}

// Codes returns the codes of the languages shipped (BCP 47), English first, then
// in order.
func Codes() []string { return slices.Clone(shipped().codes) }

// catalogues are those shipped. Each is read when it is first asked for: a report
// needs two at most, and reading all of them costs more than a small verdict.
type catalogues struct {
	codes   []string
	match   language.Matcher
	reading map[string]func() *Language
}

var shipped = sync.OnceValue(func() *catalogues {
	names, err := fs.Glob(spec.Languages, "lang/*.json")
	if err != nil || len(names) == 0 {
		panic("internal error: no language is shipped")
	}
	c := &catalogues{reading: map[string]func() *Language{}}
	for _, name := range names {
		code := strings.TrimSuffix(path.Base(name), ".json")
		c.codes = append(c.codes, code)
		c.reading[code] = sync.OnceValue(func() *Language { return readLanguage(name, code) })
	}
	slices.Sort(c.codes)
	en, _ := slices.BinarySearch(c.codes, "en")
	c.codes = slices.Insert(slices.Delete(c.codes, en, en+1), 0, "en")
	tags := make([]language.Tag, len(c.codes))
	for i, code := range c.codes {
		tags[i] = language.Make(code)
	}
	c.match = language.NewMatcher(tags)
	return c
})

func readLanguage(name, code string) *Language {
	b, err := fs.ReadFile(spec.Languages, name)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	l, err := parseLanguage(b)
	if err != nil || l.Code != code {
		panic(fmt.Sprintf("internal error: %s: not a catalogue of its language: %v", name, err))
	}
	return l
}

// Catalogue returns the language of a code, if it is shipped.
func Catalogue(code string) (*Language, bool) {
	read, ok := shipped().reading[code]
	if !ok {
		return nil, false
	}
	return read(), true
}

// languageFor returns the shipped language nearest to a tag.
func languageFor(tag string) *Language {
	c := shipped()
	_, i := language.MatchStrings(c.match, tag)
	return c.reading[c.codes[i]]()
}

func parseLanguage(b []byte) (*Language, error) {
	var f catalogueFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	tag, err := language.Parse(f.Language)
	if err != nil {
		return nil, err
	}
	l := &Language{Code: f.Language, Name: f.Name, Direction: f.Direction, ReviewedBy: f.ReviewedBy, Date: f.Date, messages: map[string]entry{}, tag: tag}
	if err := l.flatten("", f.Messages); err != nil {
		return nil, err
	}
	build := catalog.NewBuilder()
	for key, e := range l.messages {
		if _, named := phrase.GroupOf(key); named {
			continue
		}
		if err := build.Set(tag, key, e.message()...); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	l.printer = message.NewPrinter(tag, message.Catalog(build))
	return l, nil
}

// reviewed reports whether somebody answers for the words.
func (l *Language) reviewed() bool { return l.ReviewedBy != "" }

// flatten takes a group of messages apart into keys with dots.
func (l *Language) flatten(prefix string, value any) error {
	if text, ok := value.(string); ok {
		l.messages[prefix] = entry{"": text}
		return nil
	}
	group, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: neither a text nor a group", prefix)
	}
	if e, ok := pluralOf(group); ok {
		l.messages[prefix] = e
		return nil
	}
	for name, inner := range group {
		if prefix != "" {
			name = prefix + "." + name
		}
		if err := l.flatten(name, inner); err != nil {
			return err
		}
	}
	return nil
}

// pluralOf reads a group as plural forms, if it is that: every check has another
// member, title.
func pluralOf(group map[string]any) (entry, bool) {
	e := entry{}
	for form, value := range group {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		e[form] = text
	}
	return e, e["other"] != "" && e["title"] == ""
}

// rankOf orders plural forms: "other" is the one that catches all.
func rankOf(category string) int {
	return slices.Index([]string{"zero", "one", "two", "few", "many", "other"}, category)
}

func (e entry) message() []catalog.Message {
	if text, ok := e[""]; ok {
		return []catalog.Message{catalog.String(text)}
	}
	var cases []any
	for _, c := range slices.SortedFunc(maps.Keys(e), func(a, b string) int { return rankOf(a) - rankOf(b) }) {
		cases = append(cases, c, e[c])
	}
	return []catalog.Message{plural.Selectf(1, "%d", cases...)}
}

// has reports whether the language has a message.
func (l *Language) has(key string) bool { _, ok := l.messages[key]; return ok }

// text returns a message with its arguments: counts as int, all else as text
// that is already safe to show. A key that is missing is a fault of the
// program: no report shows a raw key.
func (l *Language) text(key string, args ...any) string {
	if !l.has(key) {
		panic("internal error: no message " + key + " in language " + l.Code)
	}
	return l.printer.Sprintf(key, args...)
}

// or returns a message, or the text given when the language does not have it:
// for names that other parts of the program, or a later version, made up.
func (l *Language) or(key, otherwise string) string {
	if !l.has(key) {
		return otherwise
	}
	return l.text(key)
}

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
)

// Language is the catalogue of one language (spec/lang/README.md).
type Language struct {
	Code       string // BCP 47
	Name       string // in the language itself
	Direction  string // ltr or rtl
	ReviewedBy string
	Date       string // of the review, YYYY-MM-DD

	messages map[string]entry
	printer  *message.Printer
}

// entry is one message: a text, or plural forms by CLDR category.
type entry map[string]string

// catalogueFile is spec/lang/<code>.json.
type catalogueFile struct {
	Date       string          `json:"date"`
	Direction  string          `json:"direction"`
	Language   string          `json:"language"`
	Messages   json.RawMessage `json:"messages"`
	Name       string          `json:"name"`
	ReviewedBy string          `json:"reviewed-by"`
}

// Languages returns the languages shipped, English first, then by code. They
// are read once.
func Languages() []*Language { return slices.Clone(shipped()) }

var shipped = sync.OnceValue(func() []*Language {
	names, err := fs.Glob(spec.Languages, "lang/*.json")
	if err != nil || len(names) == 0 {
		panic("internal error: no language is shipped")
	}
	var list []*Language
	for _, name := range names {
		b, err := fs.ReadFile(spec.Languages, name)
		if err != nil {
			panic("internal error: " + err.Error())
		}
		l, err := parseLanguage(b)
		if err != nil || l.Code+".json" != path.Base(name) {
			panic(fmt.Sprintf("internal error: %s: not a catalogue of its language: %v", name, err))
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b *Language) int {
		if (a.Code == "en") != (b.Code == "en") {
			return map[bool]int{true: -1, false: 1}[a.Code == "en"]
		}
		return strings.Compare(a.Code, b.Code)
	})
	return list
})

// languageFor returns the shipped language nearest to a tag.
func languageFor(tag string) *Language {
	list := shipped()
	tags := make([]language.Tag, len(list))
	for i, l := range list {
		tags[i] = language.Make(l.Code)
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), tag)
	return list[i]
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
	l := &Language{Code: f.Language, Name: f.Name, Direction: f.Direction, ReviewedBy: f.ReviewedBy, Date: f.Date, messages: map[string]entry{}}
	if err := l.flatten("", f.Messages); err != nil {
		return nil, err
	}
	build := catalog.NewBuilder()
	for key, e := range l.messages {
		if err := build.Set(tag, key, e.message()...); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	l.printer = message.NewPrinter(tag, message.Catalog(build))
	return l, nil
}

// flatten takes a group of messages apart into keys with dots.
func (l *Language) flatten(prefix string, raw json.RawMessage) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		l.messages[prefix] = entry{"": text}
		return nil
	}
	var forms entry
	if json.Unmarshal(raw, &forms) == nil && forms["other"] != "" && forms["title"] == "" {
		l.messages[prefix] = forms
		return nil
	}
	var group map[string]json.RawMessage
	if err := json.Unmarshal(raw, &group); err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
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

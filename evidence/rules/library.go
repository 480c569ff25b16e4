package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/spec"
)

// ErrNoStandard reports a pack that the library does not have.
var ErrNoStandard = errors.New("no such standard here")

// Library is packs and their translations. Several goroutines may read one that
// nothing is added to.
type Library struct {
	packs map[evidence.Hash]*Standard
	texts map[evidence.Hash]map[string]words // by tag

	mu       sync.Mutex
	compiled map[evidence.Hash]*Pack
}

// words gives a translation, which may be read only then.
type words func() *Translation

// NewLibrary returns an empty library.
func NewLibrary() *Library {
	return &Library{packs: map[evidence.Hash]*Standard{}, texts: map[evidence.Hash]map[string]words{}, compiled: map[evidence.Hash]*Pack{}}
}

// Builtin returns the packs that this program carries; nothing may be added to
// it. It panics when one of them cannot be read, which a test rules out.
// Translations are read when they are asked for: all of them cost more than a
// small verdict.
var Builtin = sync.OnceValue(func() *Library {
	l := NewLibrary()
	files, err := fs.Glob(spec.Standards, "standards/*.json")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	for _, file := range files {
		b, err := fs.ReadFile(spec.Standards, file)
		if err != nil {
			panic("internal error: " + err.Error())
		}
		s, err := l.Add(file, b)
		if err != nil {
			panic("internal error: standards of this program: " + err.Error())
		}
		l.texts[s.Digest()] = builtinWords(s)
	}
	return l
})

func builtinWords(s *Standard) map[string]words {
	own := map[string]words{}
	for _, tag := range s.Translations {
		own[tag] = sync.OnceValue(func() *Translation {
			l := NewLibrary()
			if err := l.translate(s, tag, spec.Languages, "lang/standards"); err != nil {
				panic("internal error: standards of this program: " + err.Error())
			}
			return l.texts[s.Digest()][tag]()
		})
	}
	return own
}

// Load adds every pack of one folder, with the translations that it names from
// another.
func (l *Library) Load(packs fs.FS, folder string, texts fs.FS, translations string) error {
	files, err := fs.Glob(packs, path.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := l.AddFile(packs, file, texts, translations); err != nil {
			return err
		}
	}
	return nil
}

// With returns a library that has the packs of both; neither changes.
func (l *Library) With(more *Library) *Library {
	out := NewLibrary()
	for _, from := range []*Library{l, more} {
		maps.Copy(out.packs, from.packs)
		maps.Copy(out.texts, from.texts)
	}
	return out
}

// AddFile adds the pack of one file, whose name must be that of the pack, with
// its translations from a folder.
func (l *Library) AddFile(packs fs.FS, file string, texts fs.FS, translations string) (*Standard, error) {
	b, err := fs.ReadFile(packs, file)
	if err != nil {
		return nil, err
	}
	s, err := l.Add(file, b)
	if err != nil {
		return nil, err
	}
	for _, tag := range s.Translations {
		if err := l.translate(s, tag, texts, translations); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// translate adds the words of a pack in one of the languages that it names.
func (l *Library) translate(s *Standard, tag string, texts fs.FS, folder string) error {
	at := fmt.Sprintf("translations[%d]", slices.Index(s.Translations, tag))
	name := path.Join(folder, strings.TrimSuffix(s.FileName(), ".json")+"."+tag+".json")
	b, err := fs.ReadFile(texts, name)
	if err != nil {
		return s.place.fault(at, "no translation into %s: there is no file %s", tag, name)
	}
	if err := l.AddTranslation(name, b, s); err != nil {
		return err
	}
	if _, ok := l.texts[s.Digest()][tag]; !ok {
		return s.place.fault(at, "no translation into %s: the file %s says that it is in another language", tag, name)
	}
	return nil
}

// Add adds the pack in b. Its file name, when it ends in .json, must be the
// pack's. Adding the same bytes twice changes nothing.
func (l *Library) Add(file string, b []byte) (*Standard, error) {
	s, err := Parse(file, b)
	if err != nil {
		return nil, err
	}
	l.packs[s.Digest()] = s
	return s, nil
}

// AddTranslation adds the words of a pack in another language.
func (l *Library) AddTranslation(file string, b []byte, s *Standard) error {
	t, err := ParseTranslation(file, b, s)
	if err != nil {
		return err
	}
	if l.texts[s.Digest()] == nil {
		l.texts[s.Digest()] = map[string]words{}
	}
	l.texts[s.Digest()][t.Language] = func() *Translation { return t }
	return nil
}

// Find returns the pack of a name and digest, or [ErrNoStandard].
func (l *Library) Find(name Name, digest evidence.Hash) (*Standard, error) {
	s, ok := l.packs[digest]
	if !ok {
		for _, other := range l.Named(name) {
			return nil, fmt.Errorf("%s sha256:%s: %w, but one of sha256:%s", name, digest, ErrNoStandard, other.Digest())
		}
		return nil, fmt.Errorf("%s sha256:%s: %w", name, digest, ErrNoStandard)
	}
	if s.Name() != name {
		return nil, fmt.Errorf("sha256:%s is %s, not %s", digest, s.Name(), name)
	}
	return s, nil
}

// Named returns the packs of a name, or all when it is "", by name, version and
// digest. Two packs of one name are two opinions on what it is.
func (l *Library) Named(name Name) []*Standard {
	var out []*Standard
	for _, s := range l.packs {
		if name == "" || s.Name() == name {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Standard) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		if a.Version != b.Version {
			return a.Version - b.Version
		}
		return strings.Compare(a.Digest().String(), b.Digest().String())
	})
	return out
}

// Pack returns the pack of a digest, compiled, or [ErrNoStandard].
func (l *Library) Pack(digest evidence.Hash) (*Pack, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, ok := l.compiled[digest]; ok {
		return p, nil
	}
	s, ok := l.packs[digest]
	if !ok {
		return nil, fmt.Errorf("sha256:%s: %w", digest, ErrNoStandard)
	}
	p, err := Compile(s, l.Find)
	if err == nil {
		l.compiled[digest] = p
	}
	return p, err
}

// Languages returns the tags of the languages that a pack's words are there in,
// its own first.
func (l *Library) Languages(s *Standard) []string {
	return append([]string{s.Language}, slices.Sorted(maps.Keys(l.texts[s.Digest()]))...)
}

// Words returns the words of a pack in a language, or its own when it has none
// in that; their Language says which.
func (l *Library) Words(s *Standard, language string) *Translation {
	if read, ok := l.texts[s.Digest()][language]; ok {
		return read()
	}
	return s.original()
}

package paper

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// WordsFormat is the format of instruments/paper/<language>.json.
const WordsFormat = "custody/paper-words/v1"

// words are those that stand around what a form says itself.
type words struct {
	Direction string            `json:"direction"` // ltr, rtl
	Format    string            `json:"format"`
	Language  string            `json:"language"`
	Words     map[string]string `json:"words"`
}

// catalogue reads the words of every language that there are, once.
var catalogue = sync.OnceValue(func() map[string]words {
	files, err := fs.Glob(spec.Instruments, "instruments/paper/*.json")
	all := map[string]words{}
	for _, file := range files {
		var w words
		var b []byte
		if b, err = spec.Instruments.ReadFile(file); err == nil {
			_, err = rules.ReadData(file, b, &w)
		}
		if err == nil && (w.Format != WordsFormat || path.Base(file) != w.Language+".json") {
			err = fmt.Errorf("%s: not the words of %q", file, w.Language)
		}
		if err != nil {
			break
		}
		all[w.Language] = w
	}
	if err != nil || len(all) == 0 {
		panic(fmt.Sprintf("internal error: words of paper of this program: %v", err))
	}
	return all
})

func wordsIn(language string) (words, error) {
	w, ok := catalogue()[language]
	if !ok {
		return w, fmt.Errorf("words in %q: %w", language, mla.ErrUnknown)
	}
	return w, nil
}

// say returns a sentence with its blanks filled: name and value in turn. A word
// that is not there is a fault of this program.
func (w words) say(key string, blanks ...string) string {
	text, ok := w.Words[key]
	if !ok {
		panic(fmt.Sprintf("internal error: no word %q in %q", key, w.Language))
	}
	var pairs []string
	for i := 0; i+1 < len(blanks); i += 2 {
		pairs = append(pairs, "{"+blanks[i]+"}", blanks[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Say returns one of the words around a form, in the document's language.
func (d *Document) Say(key string, blanks ...string) string { return d.words.say(key, blanks...) }

// Direction is that of the document's language: ltr or rtl.
func (d *Document) Direction() string { return d.words.Direction }

// Running is what stands at the head of every page: whether it is a draft, which
// form, and for whom this copy is.
func (d *Document) Running() string {
	parts := []string{d.Title, d.Say("copy") + " " + d.Say("side-"+string(d.For))}
	if d.Draft() {
		parts = append([]string{d.Say("draft")}, parts...)
	}
	return strings.Join(parts, " · ")
}

// Notices are what a reader has to know before reading.
func (d *Document) Notices() (all []string) {
	all = append(all, d.Say("not-official"))
	if d.Reviewed != "" {
		all = append(all, d.Reviewed)
	} else {
		all = append(all, d.Say("unreviewed"))
	}
	if d.Fallback != "" {
		all = append(all, d.Fallback)
	}
	if d.HeldBack {
		all = append(all, d.Say("held-back"))
	}
	if d.LeftOut > 0 {
		all = append(all, d.Say("left-out", "count", fmt.Sprint(d.LeftOut)))
	}
	return all
}

// Numbered names the n-th answer (from 0) of a field: of several with its number.
func (d *Document) Numbered(f Field, n int) string {
	if !f.List {
		return f.Label
	}
	return d.Say("number", "label", f.Label, "number", fmt.Sprint(n+1))
}

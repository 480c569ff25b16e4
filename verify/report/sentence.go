package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The verdict is one text, in English, in every language of a report
// (spec/verdict.md): its sentences are found again in the English catalogue, by
// their words, and said in the language of the report. What has no words there
// stays as the verdict has it.

// sentenceGroup holds the verdict's sentences and the phrases they are made of.
const sentenceGroup = "sentence."

// said is one English sentence with gaps.
type said struct {
	key   string
	shape *regexp.Regexp
	words int // letters that are not gaps: the more, the more exact
}

var sentences = sync.OnceValue(func() []said {
	var list []said
	english := languageFor("en")
	for key, e := range english.messages {
		if !strings.HasPrefix(key, sentenceGroup) {
			continue
		}
		parts := strings.Split(e[""], "%s")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
		}
		list = append(list, said{key, regexp.MustCompile("^" + strings.Join(parts, "(.+?)") + "$"), len(e[""]) - 2*(len(parts)-1)})
	}
	slices.SortFunc(list, func(a, b said) int { return cmp.Or(b.words-a.words, strings.Compare(a.key, b.key)) })
	return list
})

// sentence says one of the verdict's sentences in the language. ok is false when
// there are no words for it; the text is then the verdict's own.
func (l *Language) sentence(text string) (out string, ok bool) { return l.phrase(text, 3) }

func (l *Language) phrase(text string, deep int) (string, bool) {
	if l.Code == "en" || deep == 0 {
		return text, l.Code == "en"
	}
	for _, s := range sentences() {
		m := s.shape.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		args := make([]any, len(m)-1)
		for i, gap := range m[1:] {
			args[i], _ = l.phrase(gap, deep-1)
		}
		return l.text(s.key, args...), true
	}
	return text, false
}

package paper

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence/rules"
	"example.org/custody/verify/report/plain"
)

// show returns a value as it stands on paper, and whether it is one that the field
// can have; what it cannot have is shown all the same.
func (b *builder) show(f *rules.Field, path string, v any) (text string, ok bool) {
	text, ok = b.write(f, path, v)
	return visible(text), ok
}

// visible puts a visible escape in place of what could not be seen, or would move what
// stands around it.
func visible(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, plain.Text(strings.TrimRight(line, "\r\n")))
	}
	return strings.Join(lines, "\n")
}

func (b *builder) write(f *rules.Field, path string, v any) (text string, ok bool) {
	switch f.Type {
	case rules.Code:
		code, _ := v.(string)
		known := slices.ContainsFunc(f.Values, func(one rules.Value) bool { return one.Code == code })
		if known {
			return b.text.Values[path][code], true
		}
		return Shown(v), false
	case rules.Boolean:
		yes, is := v.(bool)
		if !is {
			return Shown(v), false
		}
		return b.words.say(map[bool]string{true: "yes", false: "no"}[yes]), true
	case rules.Integer:
		return Shown(v), isWhole(v)
	case rules.Moment:
		return b.moment(v)
	}
	s, is := v.(string)
	if !is {
		return Shown(v), false
	}
	return s, true
}

// moment shows a moment, a day, or the two between which something was.
func (b *builder) moment(v any) (string, bool) {
	if s, ok := v.(string); ok {
		return s, true
	}
	m, _ := v.(map[string]any)
	from, hasFrom := m["from"].(string)
	to, hasTo := m["to"].(string)
	if !hasFrom || !hasTo || len(m) != 2 {
		return Shown(v), false
	}
	return b.words.say("between", "from", from, "to", to), true
}

func isWhole(v any) bool {
	switch n := v.(type) {
	case int, int64:
		return true
	case float64:
		return n == float64(int64(n))
	}
	return false
}

// Shown writes any value: text as it is, numbers without an exponent, all else as
// JSON.
func Shown(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
